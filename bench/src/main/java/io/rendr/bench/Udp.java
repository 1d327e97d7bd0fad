// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.rendr.PacketConn;
import io.rendr.Rendr;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Packets of 1 KiB between two JVMs over loopback UDP: a best-effort flow of rendr against a plain socket of Netty. First the
 * highest rate at which all packets arrive, then times under way and CPU of both at the same rates. Every run opens a
 * connection of its own.
 */
@Command(
        name = "udp",
        description = "Packets of 1 KiB over UDP against plain Netty: highest rate without loss, latency, CPU.",
        mixinStandardHelpOptions = true)
final class Udp implements Callable<Integer> {
    private static final double LEAST_RATE = 100_000;
    private static final double GOAL_RATE = 200_000;
    private static final double MOST_LATE = 2;
    private static final List<String> KINDS = List.of("netty", "rendr");

    /** No longer searched for below this. */
    private static final double FLOOR = 1_000;

    private static final double STRIDE = 2;
    private static final double FINE = 1.05;
    private static final int ATTEMPTS = 2;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    @Mixin
    private Output output;

    @Option(names = "--rounds", description = "Rounds of searches, and rounds at one rate (default: ${DEFAULT-VALUE}).")
    private int rounds = 5;

    @Option(names = "--search", description = "Length of a run of the search (default: ${DEFAULT-VALUE}).")
    private double search = 1;

    @Option(names = "--seconds", description = "Length of a run at one rate (default: ${DEFAULT-VALUE}).")
    private double seconds = 3;

    @Option(names = "--warm-up", description = "For how long each kind is warmed up (default: ${DEFAULT-VALUE}).")
    private double warmUp = 6;

    @Option(names = "--start", description = "Packets a second that a search begins with (default: ${DEFAULT-VALUE}).")
    private double start = LEAST_RATE;

    @Option(
            names = "--rates",
            split = ",",
            description = "Packets a second for latency and CPU; the first one decides (default: 100000,200000).")
    private List<Double> rates = List.of(LEAST_RATE, GOAL_RATE);

    private final Map<String, Series> highest = new LinkedHashMap<>();
    private final Map<Double, Map<String, Figures>> atRate = new LinkedHashMap<>();

    /** Of one kind at one rate. */
    private static final class Figures {
        final Series median = new Series();
        final Series late = new Series();
        final Series latest = new Series();
        final Series cpu = new Series();
        final Series lost = new Series();
        final Series foreign = new Series();
    }

    /** Opens what a run sends to. */
    private interface Open {
        PacketOut open(String kind) throws Exception;
    }

    @Override
    public Integer call() throws Exception {
        try (FarProcess far = new FarProcess();
                Datagrams datagrams = new Datagrams();
                Rendr rendr = Rendr.create()) {
            Open open = kind ->
                    kind.equals("netty") ? datagrams.source(far.port(kind)) : new OverFlow(rendr, far.port("packets"));
            output.progress("netty is on %s", Datagrams.kind());
            for (String kind : KINDS) {
                warm(open, kind, far);
            }
            for (int round = 1; round <= rounds; round++) {
                for (String kind : KINDS) {
                    double held = highest(open, kind, far);
                    highest.computeIfAbsent(kind, k -> new Series()).add(held);
                    output.progress("round %d: %s: %.0f/s without loss", round, kind, held);
                }
            }
            for (double rate : rates) {
                for (int round = 1; round <= rounds; round++) {
                    for (String kind : KINDS) {
                        measure(round, kind, run(open, kind, rate, seconds, far));
                    }
                }
            }
        }
        return report();
    }

    /** Run after run, for a cold end falls behind at once, and the run is over. */
    private void warm(Open open, String kind, FarProcess far) throws Exception {
        long until = System.nanoTime() + (long) (warmUp * 1e9);
        while (System.nanoTime() < until) {
            output.progress("warm-up: %s %s", kind, run(open, kind, start, Math.min(1, warmUp), far));
        }
    }

    private static PacketRun run(Open open, String kind, double rate, double length, FarProcess far) throws Exception {
        try (PacketOut out = open.open(kind)) {
            return PacketRun.of(out, rate, length, far);
        }
    }

    /** Raises the rate in large steps until one is not held, or lowers it until one is; then halves the distance. */
    private double highest(Open open, String kind, FarProcess far) throws Exception {
        double held = 0;
        double failed = Double.POSITIVE_INFINITY;
        for (double next = start; next >= FLOOR && failed > held * FINE; ) {
            if (holds(open, kind, next, far)) {
                held = next;
            } else {
                failed = next;
            }
            if (Double.isInfinite(failed)) {
                next = held * STRIDE;
            } else {
                next = held == 0 ? failed / STRIDE : Math.sqrt(held * failed);
            }
        }
        return held;
    }

    /** Once more if not: one pause of the machine would end the search far below what the kind can do. */
    private boolean holds(Open open, String kind, double next, FarProcess far) throws Exception {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            PacketRun run = run(open, kind, next, search, far);
            output.progress("  %s %s", kind, run);
            if (run.held()) {
                return true;
            }
        }
        return false;
    }

    private void measure(int round, String kind, PacketRun run) {
        Figures figures = atRate.computeIfAbsent(run.rate(), r -> new LinkedHashMap<>())
                .computeIfAbsent(kind, k -> new Figures());
        figures.median.add(run.micros("p50"));
        figures.late.add(run.micros("p95"));
        figures.latest.add(run.micros("p99"));
        figures.cpu.add(run.cpuMicros());
        figures.lost.add(run.lost());
        figures.foreign.add(run.window().foreign());
        output.progress(
                "round %d: %s %s, P95 %.0f us, CPU %.2f us a packet",
                round, kind, run, run.micros("p95"), run.cpuMicros());
    }

    /** A best-effort flow over one path. Whatever {@code send} has accepted counts as sent. */
    private static final class OverFlow implements PacketOut {
        private final PacketConn conn;
        private final List<ByteBuffer> batch = new ArrayList<>();

        OverFlow(Rendr rendr, int port) throws IOException {
            conn = rendr.dialer(b -> b.path("udpflow://127.0.0.1:" + port).repairTtl(Duration.ZERO))
                    .dialPacket();
            conn.setWriteTimeout(LONGEST_WAIT);
        }

        @Override
        public void send(ByteBuffer packets) throws IOException {
            batch.clear();
            for (int at = 0; at < packets.limit(); at += PacketMeter.SIZE) {
                batch.add(packets.slice(at, PacketMeter.SIZE));
            }
            for (int taken = conn.trySend(batch); taken < batch.size(); taken++) {
                conn.send(batch.get(taken));
            }
        }

        @Override
        public void close() {
            conn.abort(0);
        }
    }

    private int report() throws IOException {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("machine", Machine.description());
        figures.put("rounds", rounds);
        figures.put("seconds", seconds);
        figures.put("sockets", Datagrams.kind());
        output.line("packets of %d bytes; netty is on %s", PacketMeter.SIZE, Datagrams.kind());
        output.line("%-6s %28s", "", "1/s without loss min/median/max");
        Map<String, Object> without = new LinkedHashMap<>();
        highest.forEach((kind, series) -> {
            output.line("%-6s %28s", kind, series.text("%.0f"));
            without.put(kind, series.figures());
        });
        figures.put("packetsPerSecondWithoutLoss", without);
        List<Map<String, Object>> at = new ArrayList<>();
        atRate.forEach((rate, kinds) -> at.add(report(rate, kinds)));
        figures.put("at", at);
        return output.end("udp", isGood(), figures);
    }

    private Map<String, Object> report(double rate, Map<String, Figures> kinds) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("rate", rate);
        output.line("at %.0f/s:", rate);
        output.line(
                "%-6s %20s %20s %20s %18s %12s %17s",
                "", "P50 us", "P95 us", "P99 us", "CPU us/packet", "lost", "foreign cores");
        kinds.forEach((kind, f) -> {
            output.line(
                    "%-6s %20s %20s %20s %18s %12s %17s",
                    kind,
                    f.median.text("%.0f"),
                    f.late.text("%.0f"),
                    f.latest.text("%.0f"),
                    f.cpu.text("%.2f"),
                    f.lost.text("%.0f"),
                    f.foreign.text("%.2f"));
            figures.put(
                    kind,
                    Map.of(
                            "p50Micros", f.median.figures(),
                            "p95Micros", f.late.figures(),
                            "p99Micros", f.latest.figures(),
                            "cpuMicrosPerPacket", f.cpu.figures(),
                            "lost", f.lost.figures(),
                            "foreignCores", f.foreign.figures()));
        });
        Series late = lateOverBase(kinds);
        Series cpu = kinds.get("rendr").cpu.over(kinds.get("netty").cpu);
        output.line("P95 / netty: %s, CPU / netty: %s", late.text("%.2f"), cpu.text("%.2f"));
        figures.put("p95OverNetty", late.figures());
        figures.put("cpuOverNetty", cpu.figures());
        return figures;
    }

    private static Series lateOverBase(Map<String, Figures> kinds) {
        return kinds.get("rendr").late.over(kinds.get("netty").late);
    }

    private boolean isGood() {
        double held = highest.get("rendr").median();
        Map<String, Figures> first = atRate.get(rates.get(0));
        double late = lateOverBase(first).median();
        output.line("without loss: %.0f/s, at least %.0f, goal %.0f", held, LEAST_RATE, GOAL_RATE);
        output.line("P95 / netty at %.0f/s: %.2f, at most %.1f", rates.get(0), late, MOST_LATE);
        return held >= LEAST_RATE
                && late <= MOST_LATE
                && first.get("rendr").lost.median() == 0;
    }
}
