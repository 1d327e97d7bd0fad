// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.net.SocketAddress;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One look at a path of a connection.
 *
 * @param id chosen by the dialer, the same at both ends, never used twice in a flow
 * @param name its name in the policy tree
 * @param spec what is dialed; on the accepting end, the endpoint it came in by
 * @param state where in its life it is
 * @param active whether payload is given to it; may be true while {@link PathState#SUSPECT}
 * @param since when it entered {@code state}
 * @param quality what probes measured; {@code null} before the first sample
 * @param bytesReceived payload bytes that arrived on it, duplicates included
 * @param bytesSent payload bytes given to it, copies of bytes sent before included
 * @param duplicates payload bytes that arrived on it after another path had brought them
 * @param rebinds how often an end of its carriers went on from another address: this one was told to move, or the peer
 *     or a NAT before it did
 * @param local address of this end of its carrier, or of the last one that it had; {@code null} if it had none
 * @param remote address of the other end, likewise
 * @param lastError why its last carrier or attempt failed; {@code null} if none did
 */
public record PathInfo(
        int id,
        String name,
        PathSpec spec,
        PathState state,
        boolean active,
        Instant since,
        @Nullable PathQuality quality,
        long bytesReceived,
        long bytesSent,
        long duplicates,
        long rebinds,
        @Nullable SocketAddress local,
        @Nullable SocketAddress remote,
        @Nullable CloseReason lastError) {
    /** Checks that what must be there is. */
    public PathInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(since, "since");
    }
}
