// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a flow or a handshake. It is armed anew only for an earlier moment: a later one is noticed when the
 * timer fires, which is cheaper than to move it each time.
 *
 * <p>«At once» means after the loop's next look at its channels. A busy flow asks for that after every turn: it makes no
 * object, as a task that the loop schedules would be, and leaves the timer armed for what comes later.
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
    private final Runnable iterated = this::iterated;
    private final Runnable looked = this::looked;
    private long deadline = NEVER;
    private long armedFor = NEVER;
    private @Nullable Future<?> armed;
    /** Whether {@link #looked} will run; nothing takes that back. */
    private boolean looking;

    private boolean readFirst;

    /** @param due runs as a turn of {@code home} */
    FlowTimer(HomeLoop home, Runnable due) {
        this.home = home;
        this.due = due;
    }

    /** Fires at {@code nanos} or soon after, instead of when it was asked to before; on the home loop. */
    void wakeAt(long nanos) {
        deadline = nanos;
        if (nanos != NEVER && !looking) {
            wakeAt(nanos, Clock.now());
        }
    }

    private void wakeAt(long nanos, long now) {
        if (nanos <= now) {
            look();
        } else if (armed == null || nanos < armedFor) {
            disarm();
            armedFor = nanos;
            armed = home.loop().schedule(fired, nanos - now, NANOSECONDS);
        }
    }

    void cancel() {
        deadline = NEVER;
        disarm();
    }

    private void disarm() {
        if (armed != null) {
            armed.cancel(false);
            armed = null;
        }
    }

    private void look() {
        looking = true;
        try {
            if (home.loop() instanceof SingleThreadIoEventLoop io) {
                io.executeAfterEventLoopIteration(iterated);
            } else {
                home.loop().schedule(looked, 0, NANOSECONDS);
            }
        } catch (RejectedExecutionException e) {
            // The loop has ended, and with it whatever waits for its time.
            looking = false;
        }
    }

    /** The tasks of one iteration are over; what is queued now comes after the next one has looked at the channels. */
    private void iterated() {
        try {
            home.loop().execute(looked);
        } catch (RejectedExecutionException e) {
            looking = false; // as above
        }
    }

    private void looked() {
        looking = false;
        check();
    }

    private void fired() {
        armed = null;
        if (!looking) {
            check();
        }
    }

    private void check() {
        if (deadline == NEVER) {
            return;
        }
        long now = Clock.now();
        if (now < deadline) {
            wakeAt(deadline, now);
        } else if (now - LATE > deadline && !readFirst) {
            readFirst = true;
            look();
        } else {
            readFirst = false;
            deadline = NEVER;
            home.turn(due);
        }
    }
}
