// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Something the network or the peer caused that rendr could not repair. The subclasses say what. */
public class RendrException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The flow it happened to. */
    private final @Nullable FlowId flowId;

    /**
     * Creates the exception.
     *
     * @param flowId the flow it happened to; {@code null} if there is none yet
     * @param message what happened to which path at which address, and what to do
     * @param cause what was thrown below; {@code null} if nothing was
     */
    public RendrException(@Nullable FlowId flowId, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.flowId = flowId;
    }

    /** {@return the flow it happened to, if there was one} */
    public Optional<FlowId> flowId() {
        return Optional.ofNullable(flowId);
    }

    static String flow(@Nullable FlowId flowId) {
        return flowId == null ? "the flow" : "flow " + flowId;
    }
}
