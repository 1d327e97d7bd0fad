// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.rendr.Acceptor;
import io.rendr.MigrationCause;
import io.rendr.Protection;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.testkit.LinkEmulator;
import io.rendr.testkit.LinkShape;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How long a reader waits when the path that carries its bytes becomes a black hole. Every flow is a fresh one over two
 * emulated links, in one JVM; a writer sends at a steady rate, both directions of the active link swallow everything from
 * some moment on, and the gap is the longest time between two arrivals at the reader's application.
 */
@Command(
        name = "gap",
        description = "The longest gap that a reader sees when the active path becomes a black hole under load.",
        mixinStandardHelpOptions = true)
final class Gap implements Callable<Integer> {
    private static final double MOST_MILLIS = 300;
    private static final int BLOCK = 4096;

    @Mixin
    private Output output;

    @Option(names = "--flows", description = "Fresh flows, a black hole each (default: ${DEFAULT-VALUE}).")
    private int flows = 30;

    @Option(names = "--rtt", description = "Round trip of each link in ms (default: ${DEFAULT-VALUE}).")
    private double rttMillis = 1;

    @Option(names = "--rate", description = "Load in Mbit/s (default: ${DEFAULT-VALUE}).")
    private double megabits = 100;

    private final Series gaps = new Series();
    private final Series calm = new Series();
    private final Series foreign = new Series();

    @Override
    public Integer call() throws Exception {
        LinkedBlockingQueue<StreamConn> accepted = new LinkedBlockingQueue<>();
        boolean moved = true;
        try (Rendr far = Rendr.create();
                Rendr near = Rendr.create();
                Acceptor acceptor = far.listen(b -> b.endpoint("tcp://127.0.0.1:0")
                        .protection(Protection.NONE)
                        .onStream(conn -> {
                            accepted.add(conn);
                            conn.closed().toCompletableFuture().join();
                        }))) {
            int port = acceptor.endpoints().get(0).socketAddress().getPort();
            InetSocketAddress target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            for (int i = 0; i < flows; i++) {
                moved &= flow(near, target, accepted);
                output.progress("flow %d: %.0f ms", i + 1, gaps.last());
            }
        }
        return report(moved);
    }

    private boolean flow(Rendr near, InetSocketAddress target, LinkedBlockingQueue<StreamConn> accepted)
            throws Exception {
        LinkShape shape = LinkShape.UNSHAPED.withDelay(Duration.ofNanos((long) (rttMillis * 1e6 / 2)));
        try (LinkEmulator first = LinkEmulator.open(target);
                LinkEmulator second = LinkEmulator.open(target)) {
            first.shape(shape);
            second.shape(shape);
            try (StreamConn conn = near.dialer(
                            b -> b.path(uri(first)).path(uri(second)).protection(Protection.NONE))
                    .dial()) {
                Load load = new Load(conn, megabits * 125_000);
                load.start();
                StreamConn arriving = accepted.poll(10, TimeUnit.SECONDS);
                if (arriving == null) {
                    throw new IOException("the flow was not accepted within 10 s");
                }
                Arrivals arrivals = new Arrivals(arriving);
                arrivals.start();
                Thread.sleep(1000);
                calm.add(arrivals.longest() / 1e6);
                arrivals.forget();
                long busy = Machine.busyNanos();
                long own = Machine.cpuNanos();
                long began = System.nanoTime();
                (conn.admin().activePath() == 0 ? first : second).blackHole(true);
                Thread.sleep(1000);
                foreign.add(Machine.foreignCores(busy, own, began));
                gaps.add(arrivals.longest() / 1e6);
                boolean died = conn.admin().stats().counters().migrations().get(MigrationCause.DEATH) > 0;
                load.interrupt();
                conn.abort(0);
                arrivals.check();
                return died;
            }
        }
    }

    private static String uri(LinkEmulator link) {
        return "tcp://127.0.0.1:" + link.address().getPort();
    }

    /** Writes blocks of a running number at a steady rate, until it is interrupted or the flow ends. */
    private static final class Load extends Thread {
        private final StreamConn conn;
        private final double bytesPerNano;

        Load(StreamConn conn, double bytesPerSecond) {
            super("load");
            this.conn = conn;
            this.bytesPerNano = bytesPerSecond / 1e9;
        }

        @Override
        public void run() {
            ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
            long began = System.nanoTime();
            try {
                for (long written = 0; !isInterrupted(); written += BLOCK) {
                    long due = began + (long) (written / bytesPerNano);
                    for (long now = System.nanoTime(); now < due && !isInterrupted(); now = System.nanoTime()) {
                        LockSupport.parkNanos(due - now);
                    }
                    for (int i = 0; i < BLOCK; i += Long.BYTES) {
                        block.putLong(i, written + i);
                    }
                    conn.write(block.clear());
                }
            } catch (IOException e) {
                // The flow was ended under it, as every flow is here; the reader says whether anything is missing.
                return;
            }
        }
    }

    /** Reads, checks every byte, and remembers the longest wait. */
    private static final class Arrivals extends Thread {
        private final StreamConn conn;
        private final CompletableFuture<Void> wrong = new CompletableFuture<>();
        private volatile long last = System.nanoTime();
        private volatile long longest;

        Arrivals(StreamConn conn) {
            super("arrivals");
            this.conn = conn;
        }

        @Override
        public void run() {
            ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);
            long offset = 0;
            try {
                while (conn.read(buffer) > 0) {
                    long now = System.nanoTime();
                    longest = Math.max(longest, now - last);
                    last = now;
                    buffer.flip();
                    while (buffer.remaining() >= Long.BYTES) {
                        if (buffer.getLong() != offset) {
                            wrong.completeExceptionally(new IOException("the stream is broken at offset " + offset));
                        }
                        offset += Long.BYTES;
                    }
                    buffer.compact();
                }
            } catch (IOException e) {
                return; // the flow was ended, see Load
            }
        }

        /** The longest wait so far, the one under way included; nanoseconds. */
        long longest() {
            return Math.max(longest, System.nanoTime() - last);
        }

        void forget() {
            longest = 0;
        }

        void check() throws IOException {
            if (wrong.isCompletedExceptionally()) {
                throw new IOException(
                        "what arrived is not what was written",
                        wrong.handle((v, e) -> e).join());
            }
        }
    }

    private int report(boolean moved) throws IOException {
        output.line("%d flows, RTT %.1f ms, %.0f Mbit/s", flows, rttMillis, megabits);
        output.line("gap ms min/median/max: %s, at most %.0f", gaps.text("%.0f"), MOST_MILLIS);
        output.line("longest wait before: %s ms; foreign cores %s", calm.text("%.0f"), foreign.text("%.2f"));
        if (!moved) {
            output.line("a flow did not notice its black hole");
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("machine", Machine.description());
        figures.put("flows", flows);
        figures.put("rttMillis", rttMillis);
        figures.put("megabits", megabits);
        figures.put("gapMillis", gaps.figures());
        figures.put("waitBeforeMillis", calm.figures());
        figures.put("foreignCores", foreign.figures());
        figures.put("allMoved", moved);
        return output.end("gap", moved && gaps.max() <= MOST_MILLIS, figures);
    }
}
