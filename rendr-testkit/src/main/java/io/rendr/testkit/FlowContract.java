// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rendr.Acceptor;
import io.rendr.Conn;
import io.rendr.ConnStats;
import io.rendr.DialerConfig;
import io.rendr.PacketConn;
import io.rendr.PacketCounters;
import io.rendr.PacketTooLargeException;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.spi.PathFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What flows of both kinds have to do over a transport, as tests: the rules that {@link TransportContract} cannot hold because there is no engine in
 * it. Extend it with the same two methods; {@code rendr-engine} has to be on the class path of the tests.
 *
 * <p>The numbers go on from those of {@link TransportContract}: 9xx flows. Whatever cuts carriers here is the contract itself, at the dialing end, so
 * that it works with every transport; each of those tests goes on until the engine has had something to repeat or to give up, and so proves that it
 * was tried.
 */
@ExtendWith(LeakGuard.class)
public abstract class FlowContract {

    /** Longer than any of these tests: what is lost is repeated. */
    private static final Duration REPAIRED = Duration.ofSeconds(60);

    private static final int SIZE = 900;

    /** Carriers that a flow has to lose at least. */
    private static final int CUTS = 3;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Conn> conns = new ArrayList<>();
    private CuttableFactory cuttable;
    private Rendr here;
    private Rendr there;
    private Acceptor acceptor;

    /** Only for subclasses. */
    protected FlowContract() {}

    /** A new transport under test. */
    protected abstract PathFactory factory();

    /** Where to listen; a free place at every call, such as port 0. */
    protected abstract PathSpec endpoint();

    /** The largest packet that a path carries, for rule 902; 60,000 unless overridden, for datagrams that are never cut. */
    protected int largestPacket() {
        return 60_000;
    }

    @BeforeEach
    final void openRuntimes() throws IOException {
        cuttable = new CuttableFactory(factory());
        here = runtime(cuttable);
        there = runtime(factory());
        acceptor = there.listen(b -> b.endpoint(endpoint()));
    }

    private static Rendr runtime(PathFactory factory) {
        return Rendr.create(RendrConfig.builder()
                .discoverTransports(false)
                .transport(factory)
                .ioThreads(2)
                .build());
    }

    @AfterEach
    final void closeRuntimes() throws InterruptedException {
        conns.forEach(conn -> conn.abort(0));
        here.close();
        there.close();
        threads.shutdown();
        assertTrue(threads.awaitTermination(Await.LONG.toSeconds(), TimeUnit.SECONDS), "a thread still uses a flow");
    }

    // 9xx: flows

    @Test
    protected void rule901_streamsAndPacketsShareAnEndpoint() throws Exception {
        Packets packets = packets(b -> b);
        Stream stream = stream();
        packets.near.send(ByteBuffer.wrap(new byte[] {1}));
        stream.near.write(ByteBuffer.wrap(new byte[] {2}));
        packets.far.send(ByteBuffer.wrap(new byte[] {3}));
        stream.far.write(ByteBuffer.wrap(new byte[] {4}));
        assertEquals(ByteBuffer.wrap(new byte[] {1}), receive(packets.far));
        assertEquals(2, stream.far.inputStream().read());
        assertEquals(ByteBuffer.wrap(new byte[] {3}), receive(packets.near));
        assertEquals(4, stream.near.inputStream().read());
    }

    @Test
    protected void rule902_packetsKeepTheirBoundaries() throws Exception {
        for (int max : new int[] {1, 1_100, largestPacket()}) {
            Packets flow = packets(b -> b.maxPacketSize(max));
            assertEquals(max, flow.near.maxPacketSize());
            assertEquals(max, flow.far.maxPacketSize());
            int[] sizes = {0, 1, max, 0, max - 1, max, max / 2, 0};
            for (int i = 0; i < sizes.length; i++) {
                flow.near.send(numbered(i, sizes[i]));
                flow.far.send(numbered(i + 1, sizes[i]));
            }
            for (int i = 0; i < sizes.length; i++) {
                assertEquals(numbered(i, sizes[i]), receive(flow.far));
                assertEquals(numbered(i + 1, sizes[i]), receive(flow.near));
            }
        }
    }

    @Test
    protected void rule903_aPacketThatIsTooLargeIsRefusedBeforeAnythingIsSent() throws Exception {
        Packets flow = packets(b -> b.maxPacketSize(SIZE));
        for (PacketConn end : List.of(flow.near, flow.far)) {
            PacketConn other = end == flow.near ? flow.far : flow.near;
            ByteBuffer large = numbered(1, SIZE + 1);
            PacketTooLargeException refused = assertThrows(PacketTooLargeException.class, () -> end.send(large));
            assertEquals(SIZE, refused.limit());
            assertEquals(SIZE + 1, large.remaining(), "the packet is as it was");
            ConnStats stats = end.admin().stats();
            assertEquals(0, stats.packets().sent());
            assertEquals(0, stats.sendQueued());
            end.send(numbered(2, SIZE));
            assertEquals(numbered(2, SIZE), receive(other));
        }
    }

    @Test
    protected void rule904_aCutLosesNoPacketAndRepeatsNone() throws Exception {
        for (boolean up : new boolean[] {true, false}) {
            Packets flow = packets(b -> b.repairTtl(REPAIRED));
            PacketRun run = new PacketRun(flow.near, up ? flow.near : flow.far, up ? flow.far : flow.near);
            PacketCounters sender = run.cutUntil(counters -> counters.repaired() > 0);
            assertEquals(run.sent, run.arrived.cardinality(), "packets that arrived");
            assertEquals(run.sent, sender.sent());
            assertEquals(0, sender.expired());
        }
    }

    @Test
    protected void rule905_withoutRepairACutMayLosePacketsAndRepeatsNone() throws Exception {
        for (boolean up : new boolean[] {true, false}) {
            Packets flow = packets(b -> b.repairTtl(Duration.ZERO));
            PacketRun run = new PacketRun(flow.near, up ? flow.near : flow.far, up ? flow.far : flow.near);
            PacketCounters sender = run.cutUntil(counters -> counters.expired() > 0);
            assertEquals(0, sender.repaired());
            assertTrue(run.arrived.cardinality() + sender.expired() >= run.sent, "a packet went without being counted");
        }
    }

    @Test
    protected void rule906_aCutLosesNoByteOfAStreamAndRepeatsNone() throws Exception {
        for (boolean up : new boolean[] {true, false}) {
            Stream flow = stream();
            StreamRun run = new StreamRun(flow.near, up ? flow.near : flow.far, up ? flow.far : flow.near);
            run.cutUntil();
            assertEquals(run.sent, run.received);
        }
    }

    // Flows

    private record Packets(PacketConn near, PacketConn far) {}

    private record Stream(StreamConn near, StreamConn far) {}

    private DialerConfig dialer(Function<DialerConfig.Builder, DialerConfig.Builder> more) {
        PathSpec there = acceptor.endpoints().get(0);
        return more.apply(DialerConfig.builder()
                        .path(there.with("name", "first"))
                        .path(there.with("name", "second"))
                        .redialBackoff(Duration.ofMillis(10), Duration.ofMillis(100)))
                .build();
    }

    private Packets packets(Function<DialerConfig.Builder, DialerConfig.Builder> more) throws IOException {
        PacketConn near = here.dialer(dialer(more)).dialPacket();
        conns.add(near);
        PacketConn far = acceptor.acceptPacket();
        conns.add(far);
        for (PacketConn end : List.of(near, far)) {
            end.setReadTimeout(Await.LONG);
            end.setWriteTimeout(Await.LONG);
        }
        return new Packets(near, far);
    }

    private Stream stream() throws IOException {
        StreamConn near = here.dialer(dialer(b -> b)).dial();
        conns.add(near);
        StreamConn far = acceptor.accept();
        conns.add(far);
        for (StreamConn end : List.of(near, far)) {
            end.setReadTimeout(Await.LONG);
            end.setWriteTimeout(Await.LONG);
        }
        return new Stream(near, far);
    }

    private static ByteBuffer receive(PacketConn conn) throws IOException {
        ByteBuffer packet = ByteBuffer.allocate(conn.maxPacketSize());
        assertTrue(conn.receive(packet) >= 0, "the flow has ended");
        return packet.flip();
    }

    /** A packet of which every byte tells its number. */
    private static ByteBuffer numbered(int number, int size) {
        ByteBuffer packet = ByteBuffer.allocate(size);
        for (int i = 0; i < size; i++) {
            packet.put((byte) (number >>> (i % Integer.BYTES * Byte.SIZE)));
        }
        return packet.flip();
    }

    // Traffic

    private interface Job {
        void run() throws Exception;
    }

    private CompletableFuture<Void> start(Job job) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                job.run();
                result.complete(null);
            } catch (Throwable e) { // a failed assertion too: whoever waits for the result throws it
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    /** One way of a flow in use, from a thread to another one. */
    private abstract class Run {
        private final Conn dialer;
        volatile boolean enough;

        /** What was sent and what was received, in the same unit; each is of one thread. */
        volatile long sent;

        volatile long received;

        Run(Conn dialer) {
            this.dialer = dialer;
        }

        abstract void send() throws IOException;

        abstract void receive() throws IOException;

        /** Cuts what carries it until enough carriers were lost and that has had the effect; then lets everything arrive. */
        void cutUntil(BooleanSupplier effect) {
            CompletableFuture<Void> sending = start(this::send);
            CompletableFuture<Void> receiving = start(this::receive);
            Await.until("the cuts had their effect", () -> {
                long before = received;
                Await.until("it goes on", () -> received > before || sending.isDone() || receiving.isDone());
                cuttable.cut();
                return sending.isDone() || receiving.isDone() || carriersLost() >= CUTS && effect.getAsBoolean();
            });
            enough = true;
            Await.result(receiving); // first, for it is who sees what is wrong
            Await.result(sending);
        }

        private long carriersLost() {
            return dialer.admin().stats().counters().carriersLost();
        }
    }

    private final class PacketRun extends Run {
        private final PacketConn from;
        private final PacketConn to;
        private final BitSet arrived = new BitSet();

        PacketRun(Conn dialer, PacketConn from, PacketConn to) {
            super(dialer);
            this.from = from;
            this.to = to;
        }

        /** {@return what the sender has counted at the end} */
        PacketCounters cutUntil(Function<PacketCounters, Boolean> effect) {
            cutUntil(() -> effect.apply(from.admin().stats().packets()));
            return from.admin().stats().packets();
        }

        @Override
        void send() throws IOException {
            while (!enough) {
                from.send(numbered((int) sent, SIZE));
                sent++;
            }
            from.close();
        }

        @Override
        void receive() throws IOException {
            ByteBuffer packet = ByteBuffer.allocate(to.maxPacketSize());
            while (to.receive(packet.clear()) >= 0) {
                int number = Integer.reverseBytes(packet.flip().getInt(0));
                assertEquals(numbered(number, SIZE), packet);
                assertTrue(!arrived.get(number), () -> "packet " + number + " came twice");
                arrived.set(number);
                received++;
            }
        }
    }

    private final class StreamRun extends Run {
        private final StreamConn from;
        private final StreamConn to;

        StreamRun(Conn dialer, StreamConn from, StreamConn to) {
            super(dialer);
            this.from = from;
            this.to = to;
        }

        void cutUntil() {
            cutUntil(() -> from.admin().stats().bytesResent() > 0);
        }

        @Override
        void send() throws IOException {
            ByteBuffer piece = ByteBuffer.allocate(16 << 10);
            while (!enough) {
                for (piece.clear(); piece.hasRemaining(); ) {
                    piece.put(CarrierProbe.pattern(sent + piece.position()));
                }
                sent += from.write(piece.flip());
            }
            from.shutdownOutput();
        }

        @Override
        void receive() throws IOException {
            ByteBuffer piece = ByteBuffer.allocate(64 << 10);
            while (to.read(piece.clear()) >= 0) {
                for (piece.flip(); piece.hasRemaining(); received++) {
                    assertEquals(CarrierProbe.pattern(received), piece.get());
                }
            }
        }
    }
}
