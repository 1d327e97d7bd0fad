// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import org.jspecify.annotations.Nullable;

/**
 * Where the peer was, another instance answers now; what the flow had there is gone. Or the peer itself does not know the flow:
 * it has forgotten it, or has never heard the end of its handshake.
 */
public final class PeerRestartedException extends RendrException {
    private static final long serialVersionUID = 1L;

    /** Who it was. */
    private final InstanceId expected;

    /** Who it is. */
    private final @Nullable InstanceId found;

    /**
     * Creates the exception.
     *
     * @param flowId the flow; {@code null} if unknown
     * @param expected the instance that the flow lived at
     * @param found the instance that answers now; {@code null} if it did not say
     */
    public PeerRestartedException(@Nullable FlowId flowId, InstanceId expected, @Nullable InstanceId found) {
        super(flowId, flow(flowId) + " ended: " + reason(expected, found) + ". Dial again.", null);
        this.expected = expected;
        this.found = found;
    }

    private static String reason(InstanceId expected, @Nullable InstanceId found) {
        if (expected.equals(found)) {
            return "the peer, instance " + expected + ", does not know it, or not any more";
        }
        return "the peer was restarted or replaced. Instance " + expected + " is gone"
                + (found == null ? "" : ", " + found + " answers");
    }

    /** {@return the instance that the flow lived at} */
    public InstanceId expected() {
        return expected;
    }

    /** {@return the instance that answers now; {@code null} if it did not say} */
    public @Nullable InstanceId found() {
        return found;
    }
}
