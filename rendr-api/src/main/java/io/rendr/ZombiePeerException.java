// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import org.jspecify.annotations.Nullable;

/**
 * The flow was moved from path to path, every one of them connects, and on none did it make progress: the peer accepts
 * bytes and does nothing with them.
 */
public final class ZombiePeerException extends RendrException {
    private static final long serialVersionUID = 1L;

    /** How many moves. */
    private final int migrations;

    /**
     * Creates the exception.
     *
     * @param flowId the flow; {@code null} if unknown
     * @param migrations moves without progress
     */
    public ZombiePeerException(@Nullable FlowId flowId, int migrations) {
        super(
                flowId,
                flow(flowId) + " ended: " + migrations + " moves to another path brought no progress although the paths"
                        + " answer. The peer's process hangs, or something between swallows the payload. Raise"
                        + " zombieMaxMigrations to wait longer.",
                null);
        this.migrations = migrations;
    }

    /** {@return moves without progress} */
    public int migrations() {
        return migrations;
    }
}
