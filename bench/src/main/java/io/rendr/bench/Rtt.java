// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.rendr.Protection;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Ping-pong between two JVMs over loopback TCP, threads of the application at both ends, against blocking sockets. */
@Command(
        name = "rtt",
        description = "Ping-pong of 64 B and 1 KiB against blocking sockets.",
        mixinStandardHelpOptions = true)
final class Rtt implements Callable<Integer> {
    private static final double MOST = 1.8;
    private static final int[] SIZES = {64, 1024};
    private static final List<String> KINDS = List.of("blocking", "unsealed", "sealed");

    @Mixin
    private Output output;

    @Option(names = "--rounds", description = "Rounds that count (default: ${DEFAULT-VALUE}); one more warms up.")
    private int rounds = 9;

    @Option(names = "--seconds", description = "Length of one run (default: ${DEFAULT-VALUE}).")
    private double seconds = 1;

    @Option(names = "--warm-up", description = "Length of a run of the first round (default: ${DEFAULT-VALUE}).")
    private double warmUp = 2;

    private final Map<String, Figures> all = new LinkedHashMap<>();

    private static final class Figures {
        final Series median = new Series();
        final Series late = new Series();
        final Series foreign = new Series();
    }

    /** One message there and back. */
    private interface Exchange extends AutoCloseable {
        void once() throws IOException;

        @Override
        void close() throws IOException;
    }

    @Override
    public Integer call() throws Exception {
        try (FarProcess far = new FarProcess();
                Rendr rendr = Rendr.create()) {
            for (int round = 0; round <= rounds; round++) {
                StringBuilder told = new StringBuilder();
                for (int size : SIZES) {
                    for (String kind : KINDS) {
                        String name = kind + " " + size;
                        Series times = new Series();
                        Window window = run(kind, size, round == 0 ? warmUp : seconds, far, rendr, times);
                        told.append(String.format(" %s %.1f", name, times.median()));
                        if (round > 0) {
                            Figures figures = all.computeIfAbsent(name, n -> new Figures());
                            figures.median.add(times.median());
                            figures.late.add(times.percentile(0.99));
                            figures.foreign.add(window.foreign());
                        }
                    }
                }
                output.progress("%s:%s us", round == 0 ? "warm-up" : "round " + round, told);
            }
        }
        return report();
    }

    private Window run(String kind, int size, double length, FarProcess far, Rendr rendr, Series times)
            throws Exception {
        try (Exchange exchange = open(kind, far.port(kind), size, rendr)) {
            for (int i = 0; i < 200; i++) {
                exchange.once();
            }
            return Window.around(far, () -> {
                long begin = System.nanoTime();
                long end = begin + (long) (length * 1e9);
                while (begin < end) {
                    exchange.once();
                    long now = System.nanoTime();
                    times.add((now - begin) / 1e3);
                    begin = now;
                }
            });
        }
    }

    private static Exchange open(String kind, int port, int size, Rendr rendr) throws IOException {
        if (kind.equals("blocking")) {
            return new OverSocket(port, size);
        }
        return new OverFlow(rendr, port, size, kind.equals("sealed") ? Protection.SEALED : Protection.NONE);
    }

    private static final class OverSocket implements Exchange {
        private final Socket socket;
        private final byte[] message;
        private final InputStream in;

        OverSocket(int port, int size) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            message = new byte[size];
            in = socket.getInputStream();
            new DataOutputStream(socket.getOutputStream()).writeInt(size);
        }

        @Override
        public void once() throws IOException {
            socket.getOutputStream().write(message);
            if (in.readNBytes(message, 0, message.length) < message.length) {
                throw new IOException("the far end closed");
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static final class OverFlow implements Exchange {
        private final StreamConn conn;
        private final ByteBuffer message;

        OverFlow(Rendr rendr, int port, int size, Protection protection) throws IOException {
            conn = rendr.dialer(b -> b.path("tcp://127.0.0.1:" + port).protection(protection))
                    .dial();
            message = ByteBuffer.allocateDirect(size);
            conn.write(ByteBuffer.wrap(new byte[] {Far.ECHO}));
        }

        @Override
        public void once() throws IOException {
            conn.write(message.clear());
            message.clear();
            while (message.hasRemaining()) {
                if (conn.read(message) < 0) {
                    throw new IOException("the far end closed");
                }
            }
        }

        @Override
        public void close() {
            conn.close();
        }
    }

    private int report() throws IOException {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("machine", Machine.description());
        figures.put("rounds", rounds);
        figures.put("seconds", seconds);
        boolean ok = true;
        output.line(
                "%-14s %22s %22s %17s %17s", "", "P50 us min/median/max", "P99 us", "P50 / blocking", "foreign cores");
        for (int size : SIZES) {
            Series base = all.get("blocking " + size).median;
            for (String kind : KINDS) {
                String name = kind + " " + size;
                Figures f = all.get(name);
                Series ratio = f.median.over(base);
                ok &= !kind.equals("unsealed") || ratio.median() <= MOST;
                output.line(
                        "%-14s %22s %22s %17s %17s",
                        name, f.median.text("%.1f"), f.late.text("%.0f"), ratio.text("%.2f"), f.foreign.text("%.2f"));
                figures.put(
                        name,
                        Map.of(
                                "p50Micros", f.median.figures(),
                                "p99Micros", f.late.figures(),
                                "overBlocking", ratio.figures(),
                                "foreignCores", f.foreign.figures()));
            }
        }
        output.line("unsealed P50 / blocking: at most %.1f", MOST);
        return output.end("rtt", ok, figures);
    }
}
