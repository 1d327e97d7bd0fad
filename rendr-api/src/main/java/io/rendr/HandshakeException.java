// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import org.jspecify.annotations.Nullable;

/** A carrier was connected, but the two ends could not agree: wrong key, different protection, not a rendr peer. */
public class HandshakeException extends RendrException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param flowId the flow; {@code null} if unknown
     * @param message path, address, what did not fit, and what to change at which end
     * @param cause what was thrown below; {@code null} if nothing was
     */
    public HandshakeException(@Nullable FlowId flowId, String message, @Nullable Throwable cause) {
        super(flowId, message, cause);
    }
}
