// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.Acceptor;
import io.rendr.ConnStats;
import io.rendr.DeliveryClass;
import io.rendr.DialerConfig;
import io.rendr.FlowAbortedException;
import io.rendr.FlowKind;
import io.rendr.MigrationCause;
import io.rendr.PacketConn;
import io.rendr.PacketCounters;
import io.rendr.PacketTooLargeException;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.LinkEmulator;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakGuard.class)
@SuppressWarnings("try") // some tests close before the end of the block
class PacketConnTest {
    private Rendr here;
    private Rendr there;
    private Acceptor acceptor;
    private final List<LinkEmulator> links = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        here = Pair.runtime();
        there = Pair.runtime();
        acceptor = there.listen("loop://127.0.0.1:0");
    }

    @AfterEach
    void close() {
        here.close();
        acceptor.close();
        there.close();
        links.forEach(LinkEmulator::close);
    }

    private PacketConn dial(UnaryOperator<DialerConfig.Builder> config) throws IOException {
        return here.dialer(b -> config.apply(b.path(acceptor.endpoints().get(0))))
                .dialPacket();
    }

    private PacketConn dial() throws IOException {
        return dial(b -> b);
    }

    // ---- boundaries

    @Test
    void packetsKeepTheirBoundariesInBothDirections() throws Exception {
        try (PacketConn client = dial(b -> b.maxPacketSize(60_000));
                PacketConn server = acceptor.acceptPacket()) {
            assertThat(client.kind()).isEqualTo(FlowKind.PACKET);
            assertThat(server.maxPacketSize()).isEqualTo(60_000);
            for (int size : new int[] {1, 0, 1_100, 60_000, 0, 4_094, 2, 59_999}) {
                client.send(pattern(size));
                server.send(pattern(size + 1 > 60_000 ? 0 : size + 1));
            }
            for (int size : new int[] {1, 0, 1_100, 60_000, 0, 4_094, 2, 59_999}) {
                assertThat(receive(server)).isEqualTo(pattern(size));
                assertThat(receive(client)).isEqualTo(pattern(size + 1 > 60_000 ? 0 : size + 1));
            }
        }
    }

    @Test
    void thePacketSizeIsTheSmallerOneAndKnownBeforeTheFirstPacket() throws Exception {
        try (PacketConn client = dial(b -> b.maxPacketSize(500));
                PacketConn server = acceptor.acceptPacket()) {
            assertThat(client.maxPacketSize()).isEqualTo(500);
            assertThat(server.maxPacketSize()).isEqualTo(500);
        }
    }

    @Test
    void aPacketThatIsTooLargeSendsNothing() throws Exception {
        try (PacketConn client = dial();
                PacketConn server = acceptor.acceptPacket()) {
            ByteBuffer large = pattern(1_101);
            assertThatThrownBy(() -> client.send(large)).isInstanceOfSatisfying(PacketTooLargeException.class, e -> {
                assertThat(e.size()).isEqualTo(1_101);
                assertThat(e.limit()).isEqualTo(1_100);
            });
            assertThatThrownBy(() -> client.trySend(large)).isInstanceOf(PacketTooLargeException.class);
            assertThatThrownBy(() -> client.trySend(List.of(large))).isInstanceOf(PacketTooLargeException.class);
            assertThat(client.trySend(List.of(pattern(3), large, pattern(4)))).isEqualTo(1);
            assertThat(large.remaining()).isEqualTo(1_101);
            client.send(pattern(7));
            assertThat(receive(server)).isEqualTo(pattern(3));
            assertThat(receive(server)).isEqualTo(pattern(7));
            assertThat(client.admin().stats().packets().sent()).isEqualTo(2);
        }
    }

    @Test
    void aPacketThatDoesNotFitTheReadersBufferStays() throws Exception {
        try (PacketConn client = dial();
                PacketConn server = acceptor.acceptPacket()) {
            client.send(pattern(100));
            ByteBuffer small = ByteBuffer.allocate(99);
            assertThatThrownBy(() -> server.receive(small)).isInstanceOfSatisfying(PacketTooLargeException.class, e -> {
                assertThat(e.size()).isEqualTo(100);
                assertThat(e.limit()).isEqualTo(99);
            });
            assertThat(small.position()).isZero();
            assertThat(receive(server)).isEqualTo(pattern(100));
        }
    }

    // ---- waiting

    @Test
    void tryReceiveAndTimeOutsDoNotWaitForPackets() throws Exception {
        try (PacketConn client = dial();
                PacketConn server = acceptor.acceptPacket()) {
            assertThat(server.tryReceive(ByteBuffer.allocate(10))).isFalse();
            server.setReadTimeout(Duration.ofMillis(1));
            assertThatThrownBy(() -> server.receive(ByteBuffer.allocate(10)))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageContaining("receive");
            CompletableFuture<Void> readable = server.whenReadable().toCompletableFuture();
            assertThat(readable).isNotDone();
            client.send(pattern(0));
            readable.get(10, SECONDS);
            assertThat(server.tryReceive(ByteBuffer.allocate(0))).isTrue();
        }
    }

    @Test
    void aSenderWaitsForItsCreditAndGoesOn() throws Exception {
        try (PacketConn client = dial();
                PacketConn server = acceptor.acceptPacket()) {
            int taken = 0;
            while (client.trySend(numbered(taken, 1_000))) {
                taken++;
            }
            assertThat(taken).isPositive();
            CompletableFuture<Void> writable = client.whenWritable().toCompletableFuture();
            int parked = taken;
            FutureTask<Void> sender = start(() -> {
                client.send(numbered(parked, 1_000));
                return null;
            });
            int seen = 0;
            while (seen <= parked) {
                assertThat(receive(server).getInt(0)).isEqualTo(seen++);
            }
            sender.get(10, SECONDS);
            writable.get(10, SECONDS);
            assertThat(server.admin().stats().packets().delivered()).isEqualTo(parked + 1L);
        }
    }

    // ---- ends

    @Test
    void theEndComesAfterEverythingThatWasSent() throws Exception {
        PacketConn client = dial();
        PacketConn server = acceptor.acceptPacket();
        client.send(pattern(10));
        client.close();
        assertThatThrownBy(() -> client.send(pattern(1))).isInstanceOf(ClosedChannelException.class);
        assertThat(receive(server)).isEqualTo(pattern(10));
        assertThat(server.receive(ByteBuffer.allocate(10))).isEqualTo(-1);
        assertThatThrownBy(() -> server.tryReceive(ByteBuffer.allocate(10))).isInstanceOf(EOFException.class);
        server.close();
        assertThat(client.closed().toCompletableFuture().get(10, SECONDS).isOrderly())
                .isTrue();
        assertThat(server.closed().toCompletableFuture().get(10, SECONDS).isOrderly())
                .isTrue();
    }

    @Test
    void sendingToAPeerThatHasClosedFailsTyped() throws Exception {
        try (PacketConn client = dial();
                PacketConn server = acceptor.acceptPacket()) {
            server.close();
            assertThatThrownBy(() -> {
                        while (true) {
                            client.send(pattern(1_000));
                        }
                    })
                    .isInstanceOfSatisfying(
                            FlowAbortedException.class,
                            e -> assertThat(e.code()).isEqualTo(FlowAbortedException.CLOSED));
        }
    }

    @Test
    void abortReachesAReaderThatWaits() throws Exception {
        try (PacketConn client = dial();
                PacketConn server = acceptor.acceptPacket()) {
            FutureTask<Integer> reader = start(() -> server.receive(ByteBuffer.allocate(1)));
            client.abort(42);
            assertThatThrownBy(() -> reader.get(10, SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            FlowAbortedException.class,
                            e -> assertThat(e.code()).isEqualTo(42));
        }
    }

    // ---- who accepts

    @Test
    void streamsAndPacketsShareOnePort() throws Exception {
        try (PacketConn packets = dial();
                StreamConn stream =
                        here.dialer(b -> b.path(acceptor.endpoints().get(0))).dial();
                StreamConn acceptedStream = acceptor.accept();
                PacketConn acceptedPackets = acceptor.acceptPacket()) {
            assertThat(acceptedStream.flowId()).isEqualTo(stream.flowId());
            assertThat(acceptedPackets.flowId()).isEqualTo(packets.flowId());
        }
    }

    @Test
    void aHandlerServesPacketFlows() throws Exception {
        try (Acceptor echo = there.listen(b -> b.endpoint("loop://127.0.0.1:0").onPacket(conn -> {
            ByteBuffer buffer = ByteBuffer.allocate(conn.maxPacketSize());
            while (conn.receive(buffer.clear()) >= 0) {
                conn.send(buffer.flip());
            }
        }))) {
            assertThatThrownBy(echo::acceptPacket).isInstanceOf(IllegalStateException.class);
            try (PacketConn client = here.dialer(b -> b.path(echo.endpoints().get(0)))
                    .dialPacketAsync()
                    .get(10, SECONDS)) {
                client.send(pattern(77));
                assertThat(receive(client)).isEqualTo(pattern(77));
            }
        }
    }

    // ---- paths

    @ParameterizedTest
    @EnumSource(DeliveryClass.class)
    void survivesTheDeathOfItsCarriersAtMostOnce(DeliveryClass delivery) throws Exception {
        LinkEmulator first = link();
        LinkEmulator second = link();
        Duration ttl = delivery == DeliveryClass.REPAIRED ? Duration.ofSeconds(60) : Duration.ZERO;
        try (PacketConn client = here.dialer(b -> b.path(path(first, "first"))
                                .path(path(second, "second"))
                                .repairTtl(ttl))
                        .dialPacket();
                PacketConn server = acceptor.acceptPacket()) {
            assertThat(client.delivery()).isEqualTo(delivery);
            assertThat(server.delivery()).isEqualTo(delivery);
            Await.until(
                    "both paths are open",
                    () -> client.admin().stats().paths().stream()
                            .allMatch(path -> path.state().isUsable()));
            int count = 60_000;
            AtomicInteger seen = new AtomicInteger();
            FutureTask<BitSet> reader = start(() -> collect(server, count, seen));
            FutureTask<Void> writer = start(() -> {
                for (int i = 0; i < count; i++) {
                    client.send(numbered(i, 500 + i % 601));
                }
                return null;
            });
            for (int i = 1; i <= 6; i++) {
                await(seen, count * i / 10);
                LinkEmulator victim = i % 2 == 0 ? second : first; // at first the one that carries the flow
                victim.reset();
            }
            writer.get(60, SECONDS);
            client.close();
            BitSet arrived = reader.get(60, SECONDS);
            ConnStats sent = client.admin().stats();
            ConnStats received = server.admin().stats();
            assertThat(sent.counters().carriersLost()).isGreaterThanOrEqualTo(1);
            assertThat(sent.counters().migrations().get(MigrationCause.DEATH)).isGreaterThanOrEqualTo(1);
            PacketCounters out = sent.packets();
            PacketCounters in = received.packets();
            assertThat(out.sent()).isEqualTo(count);
            assertThat(in.delivered()).isEqualTo(arrived.cardinality());
            assertThat(in.dropped()).isZero();
            if (delivery == DeliveryClass.REPAIRED) {
                assertThat(arrived.cardinality()).isEqualTo(count);
                assertThat(out.expired()).isZero();
            } else {
                assertThat(out.repaired()).isZero();
                assertThat(arrived.cardinality() + out.expired()).isGreaterThanOrEqualTo(count);
            }
        }
    }

    @Test
    void aMigrationRepeatsAndLosesNothing() throws Exception {
        LinkEmulator first = link();
        LinkEmulator second = link();
        try (PacketConn client = here.dialer(b -> b.path(path(first, "first"))
                                .path(path(second, "second"))
                                .repairTtl(Duration.ZERO))
                        .dialPacket();
                PacketConn server = acceptor.acceptPacket()) {
            int count = 40_000;
            AtomicInteger seen = new AtomicInteger();
            FutureTask<BitSet> reader = start(() -> collect(server, count, seen));
            FutureTask<Void> writer = start(() -> {
                for (int i = 0; i < count; i++) {
                    client.send(numbered(i, 800));
                }
                return null;
            });
            for (int i = 1; i <= 8; i++) {
                await(seen, count * i / 10);
                client.admin().migrate(client.admin().activePath() == 0 ? 1 : 0);
            }
            writer.get(60, SECONDS);
            client.close();
            assertThat(reader.get(60, SECONDS).cardinality()).isEqualTo(count);
            PacketCounters out = client.admin().stats().packets();
            assertThat(client.admin().stats().counters().migrations().get(MigrationCause.EXPLICIT))
                    .isGreaterThanOrEqualTo(8);
            assertThat(out.repaired()).isZero();
            assertThat(out.expired()).isZero();
            assertThat(server.admin().stats().packets().duplicates()).isZero();
        }
    }

    // ---- means

    /** Receives until the end; each packet has to be whole, and may come once. */
    private static BitSet collect(PacketConn conn, int count, AtomicInteger seen) throws IOException {
        BitSet arrived = new BitSet(count);
        ByteBuffer buffer = ByteBuffer.allocate(conn.maxPacketSize());
        while (conn.receive(buffer.clear()) >= 0) {
            buffer.flip();
            int number = buffer.getInt(0);
            assertThat(buffer).isEqualTo(numbered(number, buffer.remaining()));
            assertThat(arrived.get(number)).as("packet %s comes twice", number).isFalse();
            arrived.set(number);
            seen.set(number);
        }
        return arrived;
    }

    private static void await(AtomicInteger seen, int number) throws InterruptedException {
        while (seen.get() < number) {
            Thread.onSpinWait();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private LinkEmulator link() throws IOException {
        int port = acceptor.endpoints().get(0).socketAddress().getPort();
        LinkEmulator link = LinkEmulator.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        links.add(link);
        return link;
    }

    private static PathSpec path(LinkEmulator link, String name) {
        return PathSpec.of("loop://127.0.0.1:" + link.address().getPort() + "?name=" + name);
    }

    private static <T> FutureTask<T> start(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        new Thread(task, "test-packets").start();
        return task;
    }

    private static ByteBuffer receive(PacketConn conn) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(conn.maxPacketSize());
        conn.receive(buffer);
        return buffer.flip();
    }

    private static ByteBuffer pattern(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    /** A packet of which every byte tells its number. */
    private static ByteBuffer numbered(int number, int size) {
        ByteBuffer packet = ByteBuffer.allocate(size);
        packet.putInt(number);
        while (packet.hasRemaining()) {
            packet.put((byte) (number * 31 + packet.position()));
        }
        return packet.flip();
    }
}
