// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.TlsConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * One direction at full speed between two JVMs over QUIC on loopback: stream flows of rendr, each over one path, against streams
 * of Netty's codec with the same settings. The path has verified the acceptor's certificate, so nothing is sealed on top of
 * QUIC. Every run opens connections of its own.
 */
@Command(
        name = "quic",
        description =
                "One direction at full speed over QUIC: flows over one path each, against streams of Netty's codec.",
        mixinStandardHelpOptions = true)
final class Quic implements Callable<Integer> {
    private static final double LEAST = 0.90;

    /** For handshakes, and until windows have grown. */
    private static final int BEFORE_MILLIS = 500;

    @Mixin
    private Output output;

    @Option(names = "--rounds", description = "Rounds that count (default: 9; with --short 3).")
    private int rounds;

    @Option(names = "--seconds", description = "Length of one run (default: 3; with --short 1).")
    private double seconds;

    @Option(
            names = "--warm-up",
            description = "Rounds before, that do not count: code is compiled anew for a while whenever a connection"
                    + " was opened or closed (default: 5; with --short 2).")
    private int warmUp;

    @Option(
            names = "--connections",
            split = ",",
            description = "Connections, or flows, at once: a row each (default: ${DEFAULT-VALUE}).")
    private List<Integer> connections = List.of(1, 4);

    @Option(names = "--only", split = ",", description = "Of raw, rendr; both by default.")
    private List<String> only = List.of("raw", "rendr");

    @Option(names = "--short", description = "Half a minute; only that all of them carry bytes decides.")
    private boolean brief;

    private final Map<Integer, Map<String, Figures>> all = new LinkedHashMap<>();

    private static final class Figures {
        final Series rate = new Series();
        final Series cpu = new Series();
        final Series foreign = new Series();
    }

    @Override
    public Integer call() throws Exception {
        rounds = rounds > 0 ? rounds : brief ? 3 : 9;
        seconds = seconds > 0 ? seconds : brief ? 1 : 3;
        warmUp = warmUp > 0 ? warmUp : brief ? 2 : 5;
        for (int count : connections) {
            all.put(count, new LinkedHashMap<>());
            only.forEach(kind -> all.get(count).put(kind, new Figures()));
        }
        Path certificate = Files.createTempFile("rendr-bench", ".pem");
        try (FarProcess far = new FarProcess();
                QuicStreams streams = new QuicStreams();
                Rendr rendr = Rendr.create()) {
            far.serveQuic(certificate);
            PathSpec path = PathSpec.of("quic://127.0.0.1:" + far.port("quic-rendr"))
                    .with(TlsConfig.builder().trust(certificate).build());
            Open open = kind -> kind.equals("raw")
                    ? streams.source(far.port("quic-raw"))
                    : new Bulk.Writer(rendr.dialer(b -> b.path(path)).dial());
            output.progress("raw is on %s", RawQuic.kind());
            for (int round = 1 - warmUp; round <= rounds; round++) {
                for (int count : connections) {
                    round(round, count, open, far);
                }
            }
        } finally {
            Files.delete(certificate);
        }
        return report();
    }

    /** Opens a connection that is written to until it is closed. */
    private interface Open {
        AutoCloseable open(String kind) throws Exception;
    }

    private void round(int round, int count, Open open, FarProcess far) throws Exception {
        StringBuilder told = new StringBuilder();
        for (String kind : only) {
            Window window = run(kind, count, seconds, open, far);
            told.append(String.format(" %s %.0f", kind, window.rate()));
            if (round > 0) {
                Figures figures = all.get(count).get(kind);
                figures.rate.add(window.rate());
                figures.cpu.add(window.cpuPerGigabyte());
                figures.foreign.add(window.foreign());
            }
        }
        output.progress("%s, %d at once:%s MB/s", round <= 0 ? "warm-up" : "round " + round, count, told);
    }

    private static Window run(String kind, int count, double length, Open open, FarProcess far) throws Exception {
        List<AutoCloseable> sources = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sources.add(open.open(kind));
            }
            Thread.sleep(BEFORE_MILLIS);
            return Window.around(far, () -> Thread.sleep((long) (length * 1e3)));
        } finally {
            for (AutoCloseable source : sources) {
                source.close();
            }
        }
    }

    private int report() throws IOException {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("machine", Machine.description());
        figures.put("rounds", rounds);
        figures.put("seconds", seconds);
        figures.put("sockets", RawQuic.kind());
        output.line("raw is Netty's codec on %s", RawQuic.kind());
        output.line("%-9s %23s %26s %20s", "", "MB/s min/median/max", "CPU s/GB, both ends", "foreign cores");
        boolean ok = true;
        for (int count : connections) {
            Map<String, Object> row = new LinkedHashMap<>();
            all.get(count).forEach((kind, f) -> {
                output.line(
                        "%-9s %23s %26s %20s",
                        kind + " x " + count, f.rate.text("%.0f"), f.cpu.text("%.2f"), f.foreign.text("%.2f"));
                row.put(
                        kind,
                        Map.of(
                                "megabytesPerSecond", f.rate.figures(),
                                "cpuSecondsPerGigabyte", f.cpu.figures(),
                                "foreignCores", f.foreign.figures()));
            });
            ok &= compare(count, row);
            figures.put("connections" + count, row);
        }
        return output.end("quic", ok, figures);
    }

    private boolean compare(int count, Map<String, Object> row) {
        Figures ours = all.get(count).get("rendr");
        Figures base = all.get(count).get("raw");
        if (ours == null || base == null) {
            return true;
        }
        Series ratio = ours.rate.over(base.rate);
        Series cpu = ours.cpu.over(base.cpu);
        output.line("rendr / raw, %d at once: %s, at least %.2f", count, ratio.text("%.2f"), LEAST);
        output.line("CPU, rendr / raw, %d at once: %s", count, cpu.text("%.2f"));
        row.put("rendrOverRaw", ratio.figures());
        row.put("cpuOverRaw", cpu.figures());
        return brief ? ours.rate.min() > 0 && base.rate.min() > 0 : ratio.median() >= LEAST;
    }
}
