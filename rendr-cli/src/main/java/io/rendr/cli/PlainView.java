// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** One line a second at most, for pipes and logs. */
final class PlainView implements DemoView {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final PrintWriter out;
    private final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
    private long nextAt;

    PlainView(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void event(long nanos, String text) {
        events.add(text);
    }

    @Override
    public void show(DemoStatus status) {
        if (status.nanos() < nextAt) {
            return;
        }
        nextAt = status.nanos() + SECOND;
        out.println(line(status));
        out.flush();
    }

    private String line(DemoStatus status) {
        List<String> parts = new ArrayList<>();
        parts.add(String.format(Locale.ROOT, "%5.1f s", status.nanos() / 1e9));
        parts.add(Units.bytes(status.written()));
        parts.add(Units.rate(status.rate(), SECOND));
        parts.add(status.paths().stream()
                .map(row -> row.info().name() + " " + row.info().state()
                        + (row.info().active() ? "*" : ""))
                .collect(Collectors.joining(", ")));
        parts.add("moves " + status.moves());
        parts.add("echoes " + status.echo().echoes());
        PacketTalk.Figures packets = status.packets();
        parts.add("packets " + packets.back() + " of " + packets.sent() + " (repaired "
                + packets.counters().repaired() + ", expired "
                + packets.counters().expired() + ", duplicates "
                + packets.counters().duplicates() + ")");
        for (String event = events.poll(); event != null; event = events.poll()) {
            parts.add(event);
        }
        return String.join("; ", parts);
    }
}
