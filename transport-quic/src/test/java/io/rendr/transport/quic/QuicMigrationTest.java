// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.Acceptor;
import io.rendr.PacketConn;
import io.rendr.PathInfo;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.spi.PacketCarrier;
import io.rendr.spi.PathFactory;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What flows notice of connections that move: nothing. */
@ExtendWith(LeakGuard.class)
class QuicMigrationTest {
    private Rendr here;
    private Rendr there;
    private Acceptor acceptor;
    private StreamConn client;
    private StreamConn server;

    private static Rendr runtime(PathFactory quic) {
        return Rendr.create(RendrConfig.builder()
                .discoverTransports(false)
                .transport(quic)
                .ioThreads(2)
                .build());
    }

    @BeforeEach
    void open() throws IOException {
        here = runtime(new QuicTransport());
        there = runtime(new QuicTransport());
        PathSpec endpoint = PathSpec.of("quic://127.0.0.1:0").with(Certificates.acceptor());
        acceptor = there.listen(b -> b.endpoint(endpoint));
        client = here.dialer(b -> b.path(acceptor.endpoints().get(0))
                        .redialBackoff(Duration.ofMillis(10), Duration.ofMillis(100)))
                .dial();
        server = acceptor.accept();
        client.setReadTimeout(Await.LONG);
        server.setReadTimeout(Await.LONG);
    }

    @AfterEach
    void close() {
        client.abort(0);
        server.abort(0);
        here.close();
        there.close();
    }

    private PathInfo path() {
        return client.paths().get(0);
    }

    private void hears(int value) throws IOException {
        client.outputStream().write(value);
        assertThat(server.inputStream().read()).isEqualTo(value);
        server.outputStream().write(value + 1);
        assertThat(client.inputStream().read()).isEqualTo(value + 1);
    }

    @Test
    void whenTheNetworkChangesTheCarrierMovesAndTheFlowGoesOn() throws Exception {
        hears(1);
        CompletableFuture<byte[]> sent = new CompletableFuture<>();
        CompletableFuture<byte[]> received = new CompletableFuture<>();
        AtomicBoolean moving = new AtomicBoolean(true);
        Thread writer = new Thread(() -> {
            try (OutputStream out = client.outputStream()) {
                MessageDigest hash = MessageDigest.getInstance("SHA-256");
                Random random = new Random(5);
                byte[] piece = new byte[1 << 16];
                while (moving.get()) {
                    random.nextBytes(piece);
                    hash.update(piece);
                    out.write(piece);
                }
                sent.complete(hash.digest());
            } catch (Exception e) {
                sent.completeExceptionally(e);
            }
        });
        Thread reader = new Thread(() -> {
            try {
                MessageDigest hash = MessageDigest.getInstance("SHA-256");
                byte[] piece = new byte[1 << 16];
                for (int n = server.inputStream().read(piece);
                        n >= 0;
                        n = server.inputStream().read(piece)) {
                    hash.update(piece, 0, n);
                }
                received.complete(hash.digest());
            } catch (Exception e) {
                received.completeExceptionally(e);
            }
        });
        writer.start();
        reader.start();
        for (int move = 0; move < 12; move++) {
            SocketAddress before = path().local();
            here.networkChanged();
            Await.until(
                    () -> "the path tells where it is now: " + path(),
                    () -> !path().local().equals(before));
            long bytes = server.paths().get(0).bytesReceived();
            Await.until("it goes on", () -> server.paths().get(0).bytesReceived() > bytes);
            assertThat(path().rebinds()).isEqualTo(move + 1);
        }
        moving.set(false);
        assertThat(Await.result(received)).isEqualTo(Await.result(sent));
        writer.join();
        reader.join();
        assertThat(client.admin().stats().counters().carriersLost()).isZero();
        assertThat(server.admin().stats().counters().carriersLost()).isZero();
    }

    /** The connection goes on to send what no longer gets through: a new one finds out what does. */
    @Test
    void aNetworkThatCarriesLess() throws Exception {
        PathSpec endpoint = acceptor.endpoints().get(0);
        try (Nat between = new Nat(endpoint.socketAddress())) {
            PathSpec through = PathSpec.of("quic://127.0.0.1:" + between.port()).with(Certificates.dialer());
            StreamConn near = here.dialer(b -> b.path(through)).dial();
            StreamConn far = acceptor.accept();
            near.setReadTimeout(Await.LONG);
            far.setReadTimeout(Await.LONG);
            exchange(near, far, 11);
            between.narrow(1372);
            here.networkChanged();
            exchange(near, far, 12);
            assertThat(between.tooLarge()).isPositive();
            near.abort(0);
            far.abort(0);
        }
    }

    private static void exchange(StreamConn near, StreamConn far, int seed) throws Exception {
        byte[] sent = new byte[2 << 20];
        new Random(seed).nextBytes(sent);
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            try {
                near.outputStream().write(sent);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(far.inputStream().readNBytes(sent.length)).isEqualTo(sent);
        Await.result(writing);
    }

    @Test
    void aPathMovesToTheAddressThatItIsTold() throws Exception {
        hears(1);
        client.admin().rebind(0, new InetSocketAddress("127.0.0.2", 0));
        InetSocketAddress now = (InetSocketAddress) path().local();
        assertThat(now.getHostString()).isEqualTo("127.0.0.2");
        assertThat(path().rebinds()).isEqualTo(1);
        Await.until(
                "the acceptor follows",
                () -> now.equals(server.paths().get(0).remote())
                        && server.paths().get(0).rebinds() == 1);
        hears(3);
        assertThat(client.admin().stats().counters().carriersLost()).isZero();
    }

    /** What the dialer chooses decides, for each of its paths. */
    @Test
    void streamsAndDatagramsShareAPort() throws Exception {
        PathSpec endpoint = acceptor.endpoints().get(0);
        Tap dialed = new Tap();
        try (Rendr another = runtime(dialed)) {
            PacketConn near = another.dialer(b -> b.path(endpoint.with("mode", "datagram")))
                    .dialPacket();
            PacketConn far = acceptor.acceptPacket();
            near.setReadTimeout(Await.LONG);
            far.setReadTimeout(Await.LONG);
            ByteBuffer room = ByteBuffer.allocate(near.maxPacketSize());
            for (int turn = 0; turn < 10; turn++) {
                hears(turn);
                near.send(ByteBuffer.wrap(new byte[turn + 1]));
                assertThat(far.receive(room.clear())).isEqualTo(turn + 1);
                far.send(ByteBuffer.wrap(new byte[turn + 2]));
                assertThat(near.receive(room.clear())).isEqualTo(turn + 2);
            }
            assertThat(dialed.carriers()).singleElement().isInstanceOf(PacketCarrier.class);
            assertThat(near.paths().get(0).remote()).isEqualTo(path().remote());
            near.abort(0);
            far.abort(0);
        }
    }

    @Test
    void bothEndsKnowWhatTheOtherCan() throws Exception {
        hears(1);
        for (StreamConn end : List.of(client, server)) {
            Await.until("the peer has said what it is", () -> end.status().peer() != null);
            assertThat(end.status().peer().capabilities())
                    .containsExactlyInAnyOrder("rendr", "l7", "packet_mode", "quic_datagram")
                    .isEqualTo(end.status().localCapabilities());
        }
    }

    @Test
    void movesHoweverOften() throws Exception {
        for (int move = 0; move < 100; move++) {
            SocketAddress before = path().local();
            here.networkChanged();
            Await.until("moved", () -> !path().local().equals(before));
            hears(move);
        }
        assertThat(path().rebinds()).isEqualTo(100);
        Await.until(
                "the acceptor has followed",
                () -> path().local().equals(server.paths().get(0).remote()));
        assertThat(server.paths().get(0).rebinds()).isBetween(1L, 100L);
        assertThat(client.admin().stats().counters().carriersLost()).isZero();
        assertThat(server.admin().stats().counters().carriersLost()).isZero();
    }
}
