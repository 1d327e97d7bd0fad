// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.CloseReason;
import io.rendr.MigrationBudgetExceededException;
import io.rendr.PathFailure;
import io.rendr.engine.wire.AbortCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The migration budget: while no path answers, reads and writes wait, and this clock runs. It stops when a path
 * confirms something, not when a carrier merely attaches. The acceptor waits 5 s longer than agreed, so that the dialer,
 * who can do something about it, gives up first.
 */
final class Hold {
    private static final long ACCEPTOR_EXTRA = SECONDS.toNanos(5);
    private static final long NOT_HELD = Long.MIN_VALUE;

    private final long budget;
    private long since = NOT_HELD;

    Hold(long agreed, boolean dialer) {
        budget = dialer ? agreed : agreed + ACCEPTOR_EXTRA;
    }

    /** Notes whether any path answers. Returns how long the hold lasted that ended now, 0 if none did. */
    private long update(boolean answered, long now) {
        if (!answered) {
            if (since == NOT_HELD) {
                since = now;
            }
            return 0;
        }
        long lasted = since == NOT_HELD ? 0 : now - since;
        since = NOT_HELD;
        return lasted;
    }

    /** Watches the paths of a flow, and ends the flow when the budget is used up. */
    void check(Flow flow, long now) {
        long lasted = update(flow.paths().anyAnswers(), now);
        flow.counters().longestHold = Math.max(flow.counters().longestHold, lasted);
        if (flow.closing().isOpen() && now >= deadline()) {
            flow.closing()
                    .abort(
                            AbortCode.BUDGET_EXCEEDED,
                            CloseReason.of(CloseReason.Kind.TIMEOUT, "no path answered for the migration budget"),
                            new MigrationBudgetExceededException(flow.id(), Duration.ofNanos(budget), failures(flow)),
                            now);
        }
    }

    private static List<PathFailure> failures(Flow flow) {
        List<PathFailure> failures = new ArrayList<>();
        for (FlowPath path : flow.paths().all()) {
            CloseReason why = path.lastError();
            failures.add(new PathFailure(
                    path.name(),
                    path.spec(),
                    path.remoteAddress(),
                    why == null ? CloseReason.of(CloseReason.Kind.TIMEOUT, "no answer") : why));
        }
        return failures;
    }

    boolean isHeld() {
        return since != NOT_HELD;
    }

    long budget() {
        return budget;
    }

    /** When the budget is used up; {@link Long#MAX_VALUE} while a path answers. */
    long deadline() {
        return since == NOT_HELD ? Long.MAX_VALUE : since + budget;
    }
}
