// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.PacketCounters;
import io.rendr.PathInfo;
import io.rendr.PathQuality;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A table that is drawn over itself, for terminals. */
final class LiveView implements DemoView {
    private static final int EVENTS = 6;
    private static final int BAR = 30;
    private static final String BOLD = "\033[1m";
    private static final String PLAIN = "\033[0m";
    private static final String CLEAR_LINE = "\033[K";

    private final PrintWriter out;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<String> events = new ArrayDeque<>();
    private int drawn;

    LiveView(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void event(long nanos, String text) {
        lock.lock();
        try {
            events.addLast(String.format(Locale.ROOT, "%6.1f s  %s", nanos / 1e9, text));
            if (events.size() > EVENTS) {
                events.removeFirst();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void show(DemoStatus status) {
        List<String> lines = lines(status);
        StringBuilder frame = new StringBuilder();
        if (drawn > 0) {
            frame.append("\033[").append(drawn).append('F');
        }
        lines.forEach(line -> frame.append(line).append(CLEAR_LINE).append('\n'));
        drawn = lines.size();
        out.print(frame);
        out.flush();
    }

    private List<String> lines(DemoStatus status) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(String.format(
                Locale.ROOT,
                "  transfer  %s  %s of %s  %s  %.1f s",
                bar(status),
                Units.bytes(status.written()),
                Units.bytes(status.ofBytes()),
                Units.rate(status.rate(), TimeUnit.SECONDS.toNanos(1)),
                status.nanos() / 1e9));
        EchoTalk.Figures echo = status.echo();
        lines.add("  echo      " + echo.echoes() + " answered, " + echo.errors() + " wrong, last "
                + Units.millis(Duration.ofNanos(echo.lastNanos())) + ", longest "
                + Units.millis(Duration.ofNanos(echo.longestNanos())));
        PacketTalk.Figures packets = status.packets();
        PacketCounters counters = packets.counters();
        lines.add("  packets   " + packets.sent() + " sent, " + packets.back() + " delivered and back, longest "
                + Units.millis(Duration.ofNanos(packets.longestNanos())));
        lines.add("            " + counters.repaired() + " repaired, " + counters.expired() + " expired, "
                + counters.duplicates() + " duplicates dropped");
        lines.add("");
        Table table = new Table("PATH", "STATE", "ACTIVE", "RTT", "THROUGHPUT", "FAULT ");
        for (DemoStatus.PathRow row : status.paths()) {
            PathInfo path = row.info();
            table.row(
                    path.name(),
                    path.state(),
                    path.active() ? "<=====" : "",
                    rtt(path.quality()),
                    row.rate() == 0 ? "-" : Units.rate(row.rate(), TimeUnit.SECONDS.toNanos(1)),
                    row.fault());
        }
        List<String> rows = table.lines();
        lines.add("  " + BOLD + rows.get(0) + PLAIN);
        rows.subList(1, rows.size()).forEach(row -> lines.add("  " + row));
        lines.add("");
        lines.add("  moves " + status.moves() + ", longest gap " + status.longestGapMillis() + " ms");
        lock.lock();
        try {
            events.forEach(event -> lines.add("  " + event));
            lines.addAll(Collections.nCopies(EVENTS - events.size(), ""));
        } finally {
            lock.unlock();
        }
        return lines;
    }

    private static String rtt(@Nullable PathQuality quality) {
        return quality == null ? "-" : Units.millis(quality.rtt());
    }

    private static String bar(DemoStatus status) {
        int full = (int) Math.min(BAR, BAR * status.written() / Math.max(1, status.ofBytes()));
        return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "]";
    }
}
