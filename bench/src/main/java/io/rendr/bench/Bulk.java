// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.rendr.Protection;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * One direction at full speed between two JVMs over loopback TCP. Unsealed rendr is paired with plain Netty, sealed rendr
 * with TLS 1.3 over Netty; every run opens a connection of its own.
 */
@Command(
        name = "bulk",
        description = "One direction at full speed: unsealed against Netty, sealed against TLS 1.3 over Netty.",
        mixinStandardHelpOptions = true)
final class Bulk implements Callable<Integer> {
    private static final double UNSEALED = 0.60;
    private static final double SEALED = 1.0;

    @Mixin
    private Output output;

    @Option(names = "--rounds", description = "Rounds that count (default: ${DEFAULT-VALUE}); one more warms up.")
    private int rounds = 7;

    @Option(names = "--seconds", description = "Length of one run (default: ${DEFAULT-VALUE}).")
    private double seconds = 2;

    @Option(names = "--warm-up", description = "Length of a run of the first round (default: ${DEFAULT-VALUE}).")
    private double warmUp = 4;

    @Option(names = "--only", split = ",", description = "Of raw, unsealed, tls, sealed; all by default.")
    private List<String> only = List.of("raw", "unsealed", "tls", "sealed");

    private final Map<String, Figures> all = new LinkedHashMap<>();

    private static final class Figures {
        final Series rate = new Series();
        final Series cpu = new Series();
        final Series foreign = new Series();
    }

    @Override
    public Integer call() throws Exception {
        only.forEach(kind -> all.put(kind, new Figures()));
        try (FarProcess far = new FarProcess();
                Loops loops = new Loops();
                Rendr rendr = Rendr.create()) {
            for (int round = 0; round <= rounds; round++) {
                StringBuilder told = new StringBuilder();
                for (String kind : only) {
                    Window window = run(kind, round == 0 ? warmUp : seconds, far, loops, rendr);
                    told.append(String.format(" %s %.0f", kind, window.rate()));
                    if (round > 0) {
                        Figures figures = all.get(kind);
                        figures.rate.add(window.rate());
                        figures.cpu.add(window.cpuPerGigabyte());
                        figures.foreign.add(window.foreign());
                    }
                }
                output.progress("%s:%s MB/s", round == 0 ? "warm-up" : "round " + round, told);
            }
        }
        return report();
    }

    private Window run(String kind, double length, FarProcess far, Loops loops, Rendr rendr) throws Exception {
        AutoCloseable source = open(kind, far.port(kind), loops, rendr);
        try {
            Thread.sleep(300);
            return Window.around(far, () -> Thread.sleep((long) (length * 1e3)));
        } finally {
            source.close();
        }
    }

    private static AutoCloseable open(String kind, int port, Loops loops, Rendr rendr) throws Exception {
        return switch (kind) {
            case "raw", "tls" -> loops.source(port, kind.equals("tls"));
            case "unsealed" -> new Writer(rendr, port, Protection.NONE);
            case "sealed" -> new Writer(rendr, port, Protection.SEALED);
            default -> throw new IllegalArgumentException("there is no " + kind);
        };
    }

    /** An application's thread that writes until the connection is aborted. */
    static final class Writer implements AutoCloseable {
        private final StreamConn conn;
        private final Thread thread = new Thread(this::write, "writer");
        private volatile boolean closing;

        Writer(Rendr rendr, int port, Protection protection) throws IOException {
            this(rendr.dialer(b -> b.path("tcp://127.0.0.1:" + port).protection(protection))
                    .dial());
        }

        Writer(StreamConn conn) {
            this.conn = conn;
            thread.start();
        }

        private void write() {
            ByteBuffer block = ByteBuffer.allocateDirect(Loops.WRITE);
            try {
                conn.write(ByteBuffer.wrap(new byte[] {Far.SINK}));
                while (true) {
                    conn.write(block.clear());
                }
            } catch (IOException e) {
                if (!closing) {
                    throw new IllegalStateException("the transfer broke", e);
                }
            }
        }

        @Override
        public void close() {
            closing = true;
            conn.abort(0); // ends the write that waits
        }
    }

    private int report() throws IOException {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("machine", Machine.description());
        figures.put("rounds", rounds);
        figures.put("seconds", seconds);
        output.line("%-9s %23s %26s %20s", "", "MB/s min/median/max", "CPU s/GB, both ends", "foreign cores");
        all.forEach((kind, f) -> {
            output.line("%-9s %23s %26s %20s", kind, f.rate.text("%.0f"), f.cpu.text("%.2f"), f.foreign.text("%.2f"));
            figures.put(
                    kind,
                    Map.of(
                            "megabytesPerSecond", f.rate.figures(),
                            "cpuSecondsPerGigabyte", f.cpu.figures(),
                            "foreignCores", f.foreign.figures()));
        });
        boolean ok = compare("unsealed", "raw", UNSEALED, figures) & compare("sealed", "tls", SEALED, figures);
        return output.end("bulk", ok, figures);
    }

    private boolean compare(String ours, String base, double least, Map<String, Object> figures) {
        Figures our = all.get(ours);
        Figures their = all.get(base);
        if (our == null || their == null) {
            return true;
        }
        Series ratio = our.rate.over(their.rate);
        output.line("%s / %s: %s, at least %.2f", ours, base, ratio.text("%.2f"), least);
        figures.put(ours + "Over" + Character.toUpperCase(base.charAt(0)) + base.substring(1), ratio.figures());
        return ratio.median() >= least;
    }
}
