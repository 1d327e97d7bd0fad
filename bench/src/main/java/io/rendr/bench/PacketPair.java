// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * Packets over rendr and over a baseline, in turn: first the highest rate at which all packets arrive, then times under way and
 * CPU of both at the same rates. Every run opens anew what it sends to.
 */
final class PacketPair {
    /** No rate is searched for below this. */
    static final double FLOOR = 1_000;

    private static final String OURS = "rendr";
    private static final double STRIDE = 2;
    private static final double FINE = 1.05;
    private static final int ATTEMPTS = 2;

    private final Settings settings;
    private final Output output;
    private final String base;
    private final Open open;
    private final FarProcess far;
    private final Map<String, Series> highest = new LinkedHashMap<>();
    private final Map<Double, Map<String, Figures>> atRate = new LinkedHashMap<>();

    /** What a benchmark of packets can be told. */
    static final class Settings {
        @Option(
                names = "--rounds",
                description = "Rounds of searches, and rounds at one rate (default: 5; with --short 2).")
        private int rounds;

        @Option(names = "--search", description = "Length of a run of the search (default: 1; with --short 0.5).")
        private double search;

        @Option(names = "--seconds", description = "Length of a run at one rate (default: 3; with --short 1).")
        private double seconds;

        @Option(names = "--warm-up", description = "For how long each kind is warmed up (default: 6; with --short 2).")
        private double warmUp;

        @Option(
                names = "--start",
                description = "Packets a second that a search begins with (default: ${DEFAULT-VALUE}).")
        private double start = 100_000;

        @Option(names = "--short", description = "Fewer and shorter runs; only that packets arrive decides.")
        private boolean brief;

        private int rounds() {
            return rounds > 0 ? rounds : brief ? 2 : 5;
        }

        private double search() {
            return search > 0 ? search : brief ? 0.5 : 1;
        }

        private double seconds() {
            return seconds > 0 ? seconds : brief ? 1 : 3;
        }

        private double warmUp() {
            return warmUp > 0 ? warmUp : brief ? 2 : 6;
        }

        boolean isBrief() {
            return brief;
        }

        /** For JSON: the machine, and how it was measured. */
        Map<String, Object> figures() {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("machine", Machine.description());
            figures.put("rounds", rounds());
            figures.put("seconds", seconds());
            return figures;
        }
    }

    /** Opens what a run of a kind sends to. */
    interface Open {
        PacketOut open(String kind) throws Exception;
    }

    /** Of one kind at one rate. */
    private static final class Figures {
        final Series median = new Series();
        final Series late = new Series();
        final Series latest = new Series();
        final Series cpu = new Series();
        final Series lost = new Series();
        final Series foreign = new Series();
    }

    /**
     * Measures nothing yet.
     *
     * @param base what the baseline is called
     * @param open opens the baseline or {@code rendr}
     */
    PacketPair(Settings settings, Output output, String base, Open open, FarProcess far) {
        this.settings = settings;
        this.output = output;
        this.base = base;
        this.open = open;
        this.far = far;
    }

    private List<String> kinds() {
        return List.of(base, OURS);
    }

    /** Run after run, for a cold end falls behind at once, and the run is over. */
    void warm() throws Exception {
        for (String kind : kinds()) {
            long until = System.nanoTime() + (long) (settings.warmUp() * 1e9);
            while (System.nanoTime() < until) {
                output.progress("warm-up: %s %s", kind, run(kind, settings.start, Math.min(1, settings.warmUp())));
            }
        }
    }

    private PacketRun run(String kind, double rate, double length) throws Exception {
        try (PacketOut out = open.open(kind)) {
            return PacketRun.of(out, rate, length, far);
        }
    }

    /** Searches for the highest rates, round by round. */
    void search() throws Exception {
        for (int round = 1; round <= settings.rounds(); round++) {
            for (String kind : kinds()) {
                double held = search(kind);
                highest.computeIfAbsent(kind, k -> new Series()).add(held);
                output.progress("round %d: %s: %.0f/s without loss", round, kind, held);
            }
        }
    }

    /** Raises the rate in large steps until one is not held, or lowers it until one is; then halves the distance. */
    private double search(String kind) throws Exception {
        double held = 0;
        double failed = Double.POSITIVE_INFINITY;
        for (double next = settings.start; next >= FLOOR && failed > held * FINE; ) {
            if (holds(kind, next)) {
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
    private boolean holds(String kind, double next) throws Exception {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            PacketRun run = run(kind, next, settings.search());
            output.progress("  %s %s", kind, run);
            if (run.held()) {
                return true;
            }
        }
        return false;
    }

    /** Measures both at one rate, round by round. */
    void measure(double rate) throws Exception {
        Map<String, Figures> figures = atRate.computeIfAbsent(rate, r -> new LinkedHashMap<>());
        for (int round = 1; round <= settings.rounds(); round++) {
            for (String kind : kinds()) {
                PacketRun run = run(kind, rate, settings.seconds());
                note(figures.computeIfAbsent(kind, k -> new Figures()), run);
                output.progress(
                        "round %d: %s %s, P95 %.0f us, CPU %.2f us a packet",
                        round, kind, run, run.micros("p95"), run.cpuMicros());
            }
        }
    }

    private static void note(Figures figures, PacketRun run) {
        figures.median.add(run.micros("p50"));
        figures.late.add(run.micros("p95"));
        figures.latest.add(run.micros("p99"));
        figures.cpu.add(run.cpuMicros());
        figures.lost.add(run.lost());
        figures.foreign.add(run.window().foreign());
    }

    /** Packets a second of the baseline without loss. */
    Series highestOfBase() {
        return highest.get(base);
    }

    /** Packets a second of rendr without loss. */
    Series highest() {
        return highest.get(OURS);
    }

    /** Of rendr at a rate. */
    Series lost(double rate) {
        return atRate.get(rate).get(OURS).lost;
    }

    /** P95 of rendr over that of the baseline, at a rate. */
    Series lateOverBase(double rate) {
        Map<String, Figures> kinds = atRate.get(rate);
        return kinds.get(OURS).late.over(kinds.get(base).late);
    }

    /** Whether both have a rate at which all packets arrive. */
    boolean works() {
        return highestOfBase().min() > 0 && highest().min() > 0;
    }

    /** Prints all tables, and puts what they say into {@code figures}. */
    void report(Map<String, Object> figures) {
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
        Series late = lateOverBase(rate);
        Series cpu = kinds.get(OURS).cpu.over(kinds.get(base).cpu);
        output.line("P95 / %s: %s, CPU / %s: %s", base, late.text("%.2f"), base, cpu.text("%.2f"));
        String over = "Over" + base.substring(0, 1).toUpperCase(Locale.ROOT) + base.substring(1);
        figures.put("p95" + over, late.figures());
        figures.put("cpu" + over, cpu.figures());
        return figures;
    }
}
