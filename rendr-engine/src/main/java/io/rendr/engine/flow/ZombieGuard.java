// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.CloseReason;
import io.rendr.ZombiePeerException;
import io.rendr.engine.wire.AbortCode;

/**
 * Counts migrations that helped nothing: caused by death, with bytes outstanding before and after, and no progress on
 * the new path within max(1 s, 3 RTO). Progress, or the cool-down, resets the count; an idle or one-way flow never
 * counts.
 */
final class ZombieGuard {
    private static final long FLOOR = SECONDS.toNanos(1);

    private final int limit;
    private final long cooldown;
    private int strikes;
    private long strikeAt;
    private long movedAt;
    private long verdictAt = Long.MAX_VALUE;

    ZombieGuard(int limit, long cooldown) {
        this.limit = limit;
        this.cooldown = cooldown;
    }

    /** Notes a migration caused by death while bytes were outstanding. */
    void moved(long rto, long now) {
        if (verdictAt != Long.MAX_VALUE) {
            return;
        }
        movedAt = now;
        verdictAt = now + Math.max(FLOOR, 3 * rto);
    }

    void progress() {
        strikes = 0;
        verdictAt = Long.MAX_VALUE;
    }

    /** Ends a flow whose peer is a zombie. */
    void check(Flow flow, long now) {
        if (flow.closing().isOpen() && isZombie(flow.sender(), now)) {
            flow.closing()
                    .abort(
                            AbortCode.ZOMBIE,
                            CloseReason.of(CloseReason.Kind.TIMEOUT, "migrations brought no progress"),
                            new ZombiePeerException(flow.id(), strikes),
                            now);
        }
    }

    /** Judges the last migration when its time has come; true if the peer is a zombie. */
    private boolean isZombie(Sender sender, long now) {
        if (strikes > 0 && now - strikeAt > cooldown) {
            strikes = 0;
        }
        if (now < verdictAt) {
            return false;
        }
        verdictAt = Long.MAX_VALUE;
        if (sender.hasOutstanding() && sender.lastProgressAt() - movedAt < 0) {
            strikes++;
            strikeAt = now;
        }
        return strikes > limit;
    }

    long deadline() {
        return verdictAt;
    }
}
