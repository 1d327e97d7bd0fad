// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.time.Instant;
import java.util.Objects;

/**
 * One change of the path that carries a flow.
 *
 * @param flowId the flow that moved
 * @param fromPath id of the path it left
 * @param toPath id of the path it uses now
 * @param cause why
 * @param at when the new path took over
 */
public record Migration(FlowId flowId, int fromPath, int toPath, MigrationCause cause, Instant at) {
    /** Checks that nothing is null. */
    public Migration {
        Objects.requireNonNull(flowId, "flowId");
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(at, "at");
    }
}
