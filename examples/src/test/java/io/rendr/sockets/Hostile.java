// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.Acceptor;
import io.rendr.HandshakeStats;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * The honest side of {@code acceptance/run hostile}: flows that are paced to 100 Mbit/s in all, and an acceptor that anybody
 * can reach. Obeys one word per line: {@code measure MILLIS}, {@code end}; answers each with one line of JSON.
 */
final class Hostile {
    private static final int FLOWS = 4;
    private static final int BYTES_PER_SECOND = 100_000_000 / 8 / FLOWS;
    private static final long TICK = MILLISECONDS.toNanos(5);

    private final AtomicLong received = new AtomicLong();
    private volatile boolean over;

    private Hostile() {}

    /** Runs until told to end. */
    public static void main(String[] args) throws Exception {
        new Hostile().run();
        System.exit(0);
    }

    /** One flow, from its writer to its reader. */
    private final class Line {
        private final StreamConn from;
        private final StreamConn to;
        private final CompletableFuture<byte[]> written = new CompletableFuture<>();
        private final CompletableFuture<byte[]> read = new CompletableFuture<>();

        Line(StreamConn from, StreamConn to) {
            this.from = from;
            this.to = to;
        }

        void start() {
            thread(written, this::write);
            thread(read, this::read);
        }

        private byte[] write() throws Exception {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            SplittableRandom random = new SplittableRandom(from.flowId().lsb());
            byte[] piece = new byte[(int) (BYTES_PER_SECOND * TICK / 1_000_000_000L)];
            long next = System.nanoTime();
            while (!over) {
                random.nextBytes(piece);
                digest.update(piece);
                from.write(ByteBuffer.wrap(piece));
                next += TICK;
                long wait = next - System.nanoTime();
                if (wait > 0) {
                    LockSupport.parkNanos(wait);
                }
            }
            from.shutdownOutput();
            return digest.digest();
        }

        private byte[] read() throws Exception {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
            while (to.read(buffer.clear()) >= 0) {
                received.addAndGet(buffer.flip().remaining());
                digest.update(buffer);
            }
            return digest.digest();
        }

        boolean arrivedWhole() throws Exception {
            return MessageDigest.isEqual(written.get(), read.get());
        }

        long repairs() {
            return from.admin().stats().counters().carriersLost()
                    + to.admin().stats().counters().carriersLost();
        }
    }

    private interface Body {
        byte[] run() throws Exception;
    }

    private static void thread(CompletableFuture<byte[]> result, Body body) {
        Thread thread = new Thread(() -> {
            try {
                result.complete(body.run());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void run() throws Exception {
        try (Rendr dialing = Rendr.create();
                Rendr accepting = Rendr.create();
                Acceptor acceptor =
                        accepting.listen("tcp://127.0.0.1:0", "tcp://127.0.0.1:0?tls.developmentOnlyInsecure=true");
                Recorder recorder = new Recorder(acceptor.endpoints().get(0))) {
            List<Line> lines = new ArrayList<>();
            for (int i = 0; i < FLOWS; i++) {
                PathSpec first = acceptor.endpoints().get(i % 2); // half of them over TLS
                StreamConn from = dialing.dial(first.toUri());
                lines.add(new Line(from, acceptor.accept()));
                // Later, for what is dialed first is no ATTACH, and a slow machine would dial both at once.
                from.admin().addPath(PathSpec.of(recorder.uri() + "?backup=true&name=recorded"));
            }
            List<String> recorded = recorder.take(FLOWS);
            System.out.printf(
                    "{\"port\": %d, \"tlsPort\": %d, \"attaches\": [%s]}%n",
                    acceptor.endpoints().get(0).socketAddress().getPort(),
                    acceptor.endpoints().get(1).socketAddress().getPort(),
                    recorded.stream().map(hex -> '"' + hex + '"').collect(Collectors.joining(", ")));
            lines.forEach(Line::start);
            BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
            for (String order = orders.readLine(); order != null && !order.equals("end"); order = orders.readLine()) {
                measure(Long.parseLong(order.split(" ")[1]), accepting);
            }
            over = true;
            int whole = 0;
            long repairs = 0;
            for (Line line : lines) {
                whole += line.arrivedWhole() ? 1 : 0;
                repairs += line.repairs();
            }
            System.out.printf(
                    "{\"flows\": %d, \"whole\": %d, \"carriersLost\": %d, \"bytes\": %d, \"refused\": %s}%n",
                    FLOWS, whole, repairs, received.get(), refused(accepting));
        }
    }

    private void measure(long millis, Rendr accepting) {
        var process = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long bytes = received.get();
        long cpu = process.getProcessCpuTime();
        long begin = System.nanoTime();
        long end = begin + MILLISECONDS.toNanos(millis);
        int open = 0;
        int flows = 0;
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(MILLISECONDS.toNanos(20));
            open = Math.max(open, accepting.status().handshakes().open());
            flows = Math.max(flows, accepting.status().flows());
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "{\"mbits\": %.2f, \"cores\": %.3f, \"open\": %d, \"admitted\": %d, \"refused\": %s}%n",
                (received.get() - bytes) * 8 / seconds / 1e6,
                (process.getProcessCpuTime() - cpu) / 1e9 / seconds,
                open,
                flows,
                refused(accepting));
    }

    private static String refused(Rendr runtime) {
        HandshakeStats stats = runtime.status().handshakes();
        return stats.refused().entrySet().stream()
                .filter(e -> e.getValue() > 0)
                .map(e -> "\"" + e.getKey() + "\": " + e.getValue())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /** Somebody on the way, who hands everything on and remembers every ATTACH. */
    private static final class Recorder implements AutoCloseable {
        private static final int ATTACH = 4;

        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        private final PathSpec to;
        private final BlockingQueue<String> attaches = new LinkedBlockingQueue<>();

        Recorder(PathSpec to) throws IOException {
            this.to = to;
            thread(new CompletableFuture<>(), this::accept);
        }

        String uri() {
            return "tcp://127.0.0.1:" + server.getLocalPort();
        }

        private byte[] accept() throws IOException {
            while (true) {
                Socket near = server.accept();
                Socket far = new Socket("127.0.0.1", to.socketAddress().getPort());
                thread(new CompletableFuture<>(), () -> copy(near, far, true));
                thread(new CompletableFuture<>(), () -> copy(far, near, false));
            }
        }

        private byte[] copy(Socket from, Socket into, boolean dialer) throws IOException {
            try (InputStream in = from.getInputStream();
                    OutputStream out = into.getOutputStream()) {
                if (dialer) {
                    byte[] header = in.readNBytes(4);
                    byte[] body = in.readNBytes((header[2] & 0xff) << 8 | header[3] & 0xff);
                    if (header[0] == ATTACH) {
                        attaches.add(HexFormat.of().formatHex(header)
                                + HexFormat.of().formatHex(body));
                    }
                    out.write(header);
                    out.write(body);
                }
                in.transferTo(out);
            }
            return new byte[0];
        }

        /** The first of so many carriers; waits for them. */
        List<String> take(int count) throws InterruptedException {
            List<String> taken = new ArrayList<>();
            while (taken.size() < count) {
                String next = attaches.poll(60, SECONDS);
                if (next == null) {
                    throw new IllegalStateException(
                            "only " + taken.size() + " of " + count + " carriers were recorded");
                }
                taken.add(next);
            }
            return taken;
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
