// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a connection, all from the same moment.
 *
 * @param flowId the flow
 * @param state its state
 * @param mode the mode of its policy's root
 * @param activePath id of the path that carries it; in a race or bond that of the best one; -1 if none
 * @param paths all paths
 * @param recvQueueHighWater the most bytes (packet flows: packets) that ever waited for the application
 * @param recvDuplicates payload bytes (packet flows: packets) received more than once and dropped
 * @param bondStuckSkips times that a bond passed over a path because it was stuck
 * @param migrationCount moves to another path, all causes
 * @param createdAt when the flow was opened
 * @param peer the other end; {@code null} before the handshake
 * @param bytesSent payload bytes sent, each counted once
 * @param bytesReceived payload bytes received, each counted once
 * @param bytesResent payload bytes sent again, see {@link ConnCounters#bytesResent()} for the causes
 * @param sendQueued payload bytes written by the application and not yet acknowledged
 * @param recvQueued payload bytes received and not yet read by the application
 * @param packets what became of the packets of a packet flow
 * @param datagrams what its datagram carriers met
 * @param counters faults and repairs
 */
public record ConnStats(
        FlowId flowId,
        ConnState state,
        Mode mode,
        int activePath,
        List<PathInfo> paths,
        long recvQueueHighWater,
        long recvDuplicates,
        long bondStuckSkips,
        long migrationCount,
        Instant createdAt,
        @Nullable PeerInfo peer,
        long bytesSent,
        long bytesReceived,
        long bytesResent,
        long sendQueued,
        long recvQueued,
        PacketCounters packets,
        DatagramCounters datagrams,
        ConnCounters counters) {
    /** Copies the list. */
    public ConnStats {
        Objects.requireNonNull(flowId, "flowId");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(mode, "mode");
        paths = List.copyOf(paths);
        Objects.requireNonNull(createdAt, "createdAt");
        Objects.requireNonNull(packets, "packets");
        Objects.requireNonNull(datagrams, "datagrams");
        Objects.requireNonNull(counters, "counters");
    }
}
