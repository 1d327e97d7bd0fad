// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * No path has answered for as long as the two ends agreed to wait. Bytes that were not acknowledged may or may not have
 * reached the peer's application.
 */
public final class MigrationBudgetExceededException extends RendrException {
    private static final long serialVersionUID = 1L;

    /** The agreed budget. */
    private final Duration budget;

    /** How each path failed last. */
    private final transient @Nullable List<PathFailure> failures;

    /**
     * Creates the exception.
     *
     * @param flowId the flow; {@code null} if unknown
     * @param budget the agreed budget
     * @param failures how each path failed last
     */
    public MigrationBudgetExceededException(@Nullable FlowId flowId, Duration budget, List<PathFailure> failures) {
        super(
                flowId,
                flow(flowId) + " ended: no path has answered for its migration budget of "
                        + OptionText.formatDuration(budget)
                        + ". Check the network to the peer, add a path that fails independently, or raise"
                        + " migrationBudget (at most 90s)." + PathFailure.lines(failures),
                failures.isEmpty() ? null : failures.get(0).reason().cause());
        this.budget = budget;
        this.failures = List.copyOf(failures);
    }

    /** {@return the agreed budget} */
    public Duration budget() {
        return budget;
    }

    /** {@return how each path failed last, in the order of the configuration} */
    public List<PathFailure> failures() {
        return failures == null ? List.of() : failures; // null after deserialization
    }
}
