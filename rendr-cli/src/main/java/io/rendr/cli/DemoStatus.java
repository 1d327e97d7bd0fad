// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.ConnStats;
import io.rendr.PathInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One look at a running demonstration.
 *
 * @param nanos since it began
 * @param written bytes of the transfer that the connection has taken
 * @param ofBytes bytes it is to take
 * @param rate bytes per second since the look before
 * @param echo the conversation
 * @param packets the packets
 * @param paths the paths of the transfer
 * @param moves migrations of the transfer
 * @param longestGapMillis the longest time without progress of the transfer
 */
record DemoStatus(
        long nanos,
        long written,
        long ofBytes,
        long rate,
        EchoTalk.Figures echo,
        PacketTalk.Figures packets,
        List<PathRow> paths,
        long moves,
        long longestGapMillis) {

    /** One path, with its throughput in bytes per second since the look before. */
    record PathRow(PathInfo info, long rate, String fault) {}

    /** Looks at the same demonstration again and again, for what changes in between. */
    static final class Looker {
        private final BulkTransfer transfer;
        private final EchoTalk echo;
        private final PacketTalk packets;
        private final FaultRun faults;
        private final long ofBytes;
        private final long began;
        private long lastAt;
        private long lastWritten;
        private final Map<Integer, Long> lastSent = new HashMap<>();

        Looker(long began, BulkTransfer transfer, EchoTalk echo, PacketTalk packets, FaultRun faults, long ofBytes) {
            this.began = began;
            this.lastAt = began;
            this.transfer = transfer;
            this.echo = echo;
            this.packets = packets;
            this.faults = faults;
            this.ofBytes = ofBytes;
        }

        DemoStatus look() {
            long now = System.nanoTime();
            long span = Math.max(1, now - lastAt);
            ConnStats stats = transfer.conn().admin().stats();
            List<PathRow> rows = new ArrayList<>();
            for (PathInfo path : stats.paths()) {
                Long before = lastSent.put(path.id(), path.bytesSent());
                Fault fault = faults.now().get(path.name());
                rows.add(new PathRow(
                        path,
                        perSecond(path.bytesSent() - (before == null ? 0 : before), span),
                        fault == null ? "" : fault.title()));
            }
            lastSent.keySet()
                    .retainAll(
                            Set.copyOf(stats.paths().stream().map(PathInfo::id).toList()));
            long written = transfer.written();
            long rate = perSecond(written - lastWritten, span);
            lastWritten = written;
            lastAt = now;
            return new DemoStatus(
                    now - began,
                    written,
                    ofBytes,
                    rate,
                    echo.figures(),
                    packets.figures(),
                    rows,
                    stats.migrationCount(),
                    stats.counters().longestGap().toMillis());
        }

        private static long perSecond(long bytes, long nanos) {
            return (long) (bytes * 1e9 / nanos);
        }
    }
}
