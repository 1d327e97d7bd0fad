// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One look at a connection: who talks to whom over what. Numbers are in {@link ConnStats}.
 *
 * @param flowId the flow
 * @param state its state
 * @param protocolVersion the agreed version of the wire protocol; 0 before the handshake
 * @param localCapabilities what this end can do
 * @param peer the other end; {@code null} before the handshake
 * @param paths all paths, in the order of the configuration, added ones last
 */
public record ConnStatus(
        FlowId flowId,
        ConnState state,
        int protocolVersion,
        Set<String> localCapabilities,
        @Nullable PeerInfo peer,
        List<PathInfo> paths) {
    /** Copies the collections. */
    public ConnStatus {
        Objects.requireNonNull(flowId, "flowId");
        Objects.requireNonNull(state, "state");
        localCapabilities = Set.copyOf(localCapabilities);
        paths = List.copyOf(paths);
    }
}
