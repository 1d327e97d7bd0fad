// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a flow or a handshake. It is armed anew only for an earlier moment: a later one is noticed when the
 * timer fires, which is cheaper than to move it each time.
 *
 * <p>A timer that fires late (the loop was busy, or the whole process stood still) lets the loop read its carriers
 * before it reports, so that nobody is judged by answers that are already here.
 */
final class FlowTimer {
    /** What passes as punctual. */
    private static final long LATE = MILLISECONDS.toNanos(10);

    private static final long NEVER = Long.MAX_VALUE;

    private final HomeLoop home;
    private final Runnable due;
    private final Runnable fired = this::fired;
    private long deadline = NEVER;
    private long armedFor = NEVER;
    private @Nullable Future<?> armed;
    private boolean readFirst;

    /** @param due runs as a turn of {@code home} */
    FlowTimer(HomeLoop home, Runnable due) {
        this.home = home;
        this.due = due;
    }

    /** Fires at {@code nanos} or soon after, instead of when it was asked to before; on the home loop. */
    void wakeAt(long nanos) {
        deadline = nanos;
        if (nanos != NEVER && (armed == null || nanos < armedFor)) {
            arm(nanos, Clock.now());
        }
    }

    void cancel() {
        deadline = NEVER;
        disarm();
    }

    private void arm(long at, long now) {
        disarm();
        armedFor = at;
        // Compared and not subtracted: «at once» may be asked for as the beginning of time.
        armed = home.loop().schedule(fired, at <= now ? 0 : at - now, NANOSECONDS);
    }

    private void disarm() {
        if (armed != null) {
            armed.cancel(false);
            armed = null;
        }
    }

    private void fired() {
        armed = null;
        if (deadline == NEVER) {
            return;
        }
        long now = Clock.now();
        if (now < deadline) {
            arm(deadline, now);
        } else if (now - LATE > deadline && !readFirst) {
            readFirst = true;
            // A task scheduled from the loop runs after the loop's next look at its channels, not before.
            arm(now, now);
        } else {
            readFirst = false;
            deadline = NEVER;
            home.turn(due);
        }
    }
}
