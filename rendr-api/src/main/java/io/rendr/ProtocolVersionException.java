// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import org.jspecify.annotations.Nullable;

/** The two ends have no version of the wire protocol in common. */
public final class ProtocolVersionException extends HandshakeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param flowId the flow; {@code null} if unknown
     * @param localMin oldest version this end speaks
     * @param localMax newest version this end speaks
     * @param peerMin oldest version the peer speaks
     * @param peerMax newest version the peer speaks
     */
    public ProtocolVersionException(@Nullable FlowId flowId, int localMin, int localMax, int peerMin, int peerMax) {
        super(
                flowId,
                "no common protocol version: this end speaks " + range(localMin, localMax) + ", the peer "
                        + range(peerMin, peerMax) + ". Upgrade the "
                        + (localMax < peerMin ? "rendr of this end." : "rendr of the peer."),
                null);
    }

    private static String range(int min, int max) {
        return min == max ? String.valueOf(min) : min + " to " + max;
    }
}
