// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.Acceptor;
import io.rendr.ConnAdmin;
import io.rendr.MigrationCause;
import io.rendr.PacketConn;
import io.rendr.PathInfo;
import io.rendr.PathSpec;
import io.rendr.PathUnavailableException;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.RendrException;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One flow over TCP and UDP at once, which changes between them while it is in use. */
class MixedPathsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int MOVES = 12;
    private static final int PIECE = 64 << 10;

    /** Not the common pool, which has one thread on two processors. */
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private Rendr here;
    private Rendr there;
    private Acceptor acceptor;

    @BeforeEach
    void open() throws Exception {
        // On more than one loop carriers and flows do not always share one.
        here = Rendr.create(RendrConfig.builder().ioThreads(2).build());
        there = Rendr.create(RendrConfig.builder().ioThreads(2).build());
        acceptor = there.listen(
                b -> b.endpoint(PathSpec.of("tcp://127.0.0.1:0")).endpoint(PathSpec.of("udpflow://127.0.0.1:0")));
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
        threads.shutdownNow();
    }

    private PathSpec[] paths() {
        return new PathSpec[] {
            acceptor.endpoints().get(0).with("name", "tcp"),
            acceptor.endpoints().get(1).with("name", "udp")
        };
    }

    /** Moves to and fro as long as something arrives. */
    private static void move(ConnAdmin admin, AtomicLong arrived, CompletableFuture<?>... both) throws Exception {
        int moved = 0;
        while (moved < MOVES) {
            long before = arrived.get();
            List<PathInfo> paths = admin.stats().paths();
            int active = admin.activePath();
            for (PathInfo path : paths) {
                if (path.id() != active && path.state().isUsable()) {
                    admin.migrate(path.id());
                    moved++;
                    break;
                }
            }
            while (arrived.get() == before) {
                for (CompletableFuture<?> one : both) {
                    assertThat(one.isCompletedExceptionally()).isFalse();
                }
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aStreamMovesBetweenTcpAndUdp() throws Exception {
        StreamConn near = here.dialer(b -> b.path(paths()[0]).path(paths()[1])).dial();
        StreamConn far = acceptor.accept();
        AtomicLong arrived = new AtomicLong();
        CompletableFuture<Long> sending = CompletableFuture.supplyAsync(() -> send(near, arrived), threads);
        CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> read(far, arrived), threads);
        move(near.admin(), arrived, sending, reading);
        arrived.addAndGet(1L << 40); // enough
        long sent = sending.get(LONG.toSeconds(), TimeUnit.SECONDS);
        reading.get(LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(arrived.get() - (1L << 40)).isEqualTo(sent);
        assertThat(near.admin().stats().counters().migrations().get(MigrationCause.EXPLICIT))
                .isGreaterThanOrEqualTo(MOVES);
        assertThat(near.admin().stats().paths())
                .allSatisfy(path -> assertThat(path.bytesSent())
                        .as("sent over %s", path.name())
                        .isPositive());
    }

    private static long send(StreamConn conn, AtomicLong arrived) {
        try {
            long sent = 0;
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            while (arrived.get() < 1L << 40) {
                for (piece.clear(); piece.hasRemaining(); ) {
                    piece.put(pattern(sent + piece.position()));
                }
                piece.flip();
                while (piece.hasRemaining()) {
                    sent += conn.write(piece);
                }
            }
            conn.shutdownOutput();
            return sent;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void read(StreamConn conn, AtomicLong arrived) {
        try {
            long at = 0;
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            while (conn.read(piece.clear()) >= 0) {
                for (piece.flip(); piece.hasRemaining(); at++) {
                    byte byteThere = piece.get();
                    if (byteThere != pattern(at)) {
                        throw new AssertionError("the byte at " + at + " is " + byteThere);
                    }
                }
                arrived.addAndGet(piece.limit());
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static byte pattern(long at) {
        return (byte) (at * 31 + (at >>> 13));
    }

    @Test
    void packetsMoveBetweenTcpAndUdp() throws Exception {
        PacketConn near = here.dialer(b -> b.path(paths()[0]).path(paths()[1]).repairTtl(LONG))
                .dialPacket();
        PacketConn far = acceptor.acceptPacket();
        AtomicLong arrived = new AtomicLong();
        CompletableFuture<Integer> sending = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        int sent = 0;
                        while (arrived.get() < 1L << 40) {
                            near.send(ByteBuffer.allocate(1_000).putInt(0, sent++));
                        }
                        near.close();
                        return sent;
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                },
                threads);
        BitSet numbers = new BitSet();
        CompletableFuture<Void> receiving = CompletableFuture.runAsync(
                () -> {
                    try {
                        ByteBuffer packet = ByteBuffer.allocate(far.maxPacketSize());
                        while (far.receive(packet.clear()) >= 0) {
                            packet.flip();
                            if (packet.remaining() != 1_000 || numbers.get(packet.getInt(0))) {
                                throw new AssertionError(packet + ", number " + packet.getInt(0));
                            }
                            numbers.set(packet.getInt(0));
                            arrived.incrementAndGet();
                        }
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                },
                threads);
        move(near.admin(), arrived, sending, receiving);
        arrived.addAndGet(1L << 40);
        int sent = sending.get(LONG.toSeconds(), TimeUnit.SECONDS);
        receiving.get(LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(numbers.cardinality()).isEqualTo(sent);
    }

    @Test
    void anEndpointThatIsClosedKeepsItsFlows() throws Exception {
        StreamConn near = here.dialer(b -> b.path(acceptor.endpoints().get(1))).dial();
        StreamConn far = acceptor.accept();
        acceptor.close();
        near.write(ByteBuffer.wrap(new byte[] {7}));
        assertThat(far.inputStream().read()).isEqualTo(7);
        far.write(ByteBuffer.wrap(new byte[] {8}));
        assertThat(near.inputStream().read()).isEqualTo(8);
        near.abort(0); // or the runtimes would wait for its end
    }

    @Test
    void onePathGoesOnFromWhereItIsTold() throws Exception {
        StreamConn near = here.dialer(b -> b.path(acceptor.endpoints().get(0))
                        .path(acceptor.endpoints().get(1)))
                .dial();
        StreamConn far = acceptor.accept();
        Await.until("both paths are there", () -> near.paths().stream().allMatch(path -> path.local() != null));
        int tcp = 0;
        int udp = 1;
        SocketAddress before = near.paths().get(udp).local();
        near.admin().rebind(udp, new InetSocketAddress(0));
        PathInfo moved = near.paths().get(udp);
        assertThat(moved.local()).isNotEqualTo(before);
        assertThat(moved.rebinds()).isEqualTo(1);
        Await.until("the peer follows", () -> far.paths().get(udp).rebinds() == 1);
        assertThatThrownBy(() -> near.admin().rebind(udp, new InetSocketAddress("192.0.2.1", 0)))
                .isInstanceOf(PathUnavailableException.class)
                .hasMessageContaining("it stays where it is");
        assertThatThrownBy(() -> near.admin().rebind(tcp, new InetSocketAddress(0)))
                .isInstanceOf(PathUnavailableException.class)
                .hasMessageContaining("cannot go on from another local address");
        assertThatThrownBy(() -> near.admin().rebind(udp, InetSocketAddress.createUnresolved("wlan0", 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wlan0");
        assertThatThrownBy(() -> near.admin().rebind(7, new InetSocketAddress(0)))
                .isInstanceOf(RendrException.class)
                .hasMessageContaining("there is no path 7");
        assertThatThrownBy(() -> far.admin().rebind(udp, new InetSocketAddress(0)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("the end that dialed");
        near.abort(0);
    }

    @Test
    void aNewLocalAddressIsFollowed() throws Exception {
        StreamConn near = here.dialer(b -> b.path(acceptor.endpoints().get(1))).dial();
        StreamConn far = acceptor.accept();
        for (int i = 0; i < 5; i++) {
            here.networkChanged();
            near.write(ByteBuffer.wrap(new byte[] {(byte) i}));
            assertThat(far.inputStream().read()).isEqualTo(i);
            far.write(ByteBuffer.wrap(new byte[] {(byte) -i}));
            assertThat((byte) near.inputStream().read()).isEqualTo((byte) -i);
        }
        assertThat(near.admin().stats().counters().carriersLost()).isZero();
        assertThat(far.admin().stats().counters().carriersLost()).isZero();
        near.abort(0);
    }
}
