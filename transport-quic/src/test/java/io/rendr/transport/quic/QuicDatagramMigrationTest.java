// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.Acceptor;
import io.rendr.PacketConn;
import io.rendr.PacketCounters;
import io.rendr.PathInfo;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What flows of packets over DATAGRAM frames notice of connections that move and of networks that lose: nothing, either way. */
@ExtendWith(LeakGuard.class)
class QuicDatagramMigrationTest {
    private static final int SIZE = 900;
    private static final int MOVES = 6;
    /** Packets between two moves. */
    private static final int BETWEEN = 200;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Rendr here;
    private Rendr there;
    private Acceptor acceptor;
    private PacketConn near;
    private PacketConn far;
    private CompletableFuture<Integer> sending;
    private CompletableFuture<BitSet> receiving;
    private volatile boolean enough;
    private volatile int received;

    private static Rendr runtime() {
        return Rendr.create(RendrConfig.builder()
                .discoverTransports(false)
                .transport(new QuicTransport())
                .ioThreads(2)
                .build());
    }

    @BeforeEach
    void open() throws IOException {
        here = runtime();
        there = runtime();
        acceptor =
                there.listen(b -> b.endpoint(PathSpec.of("quic://127.0.0.1:0").with(Certificates.acceptor())));
    }

    @AfterEach
    void close() throws InterruptedException {
        near.abort(0);
        far.abort(0);
        here.close();
        there.close();
        threads.shutdown();
        assertThat(threads.awaitTermination(Await.LONG.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    private PathSpec endpoint() {
        return acceptor.endpoints().get(0).with("mode", "datagram");
    }

    private PathSpec through(Nat nat) throws IOException {
        return PathSpec.of("quic://127.0.0.1:" + nat.port() + "?mode=datagram").with(Certificates.dialer());
    }

    /** A flow on which one end sends without a pause. */
    private void start(PathSpec path, boolean up) throws IOException {
        near = here.dialer(b -> b.path(path).repairTtl(Duration.ofSeconds(60))).dialPacket();
        far = acceptor.acceptPacket();
        for (PacketConn end : List.of(near, far)) {
            end.setReadTimeout(Await.LONG);
            end.setWriteTimeout(Await.LONG);
        }
        sending = start(() -> send(up ? near : far));
        receiving = start(() -> receive(up ? far : near));
        goesOn();
    }

    private interface Job<T> {
        T run() throws Exception;
    }

    private <T> CompletableFuture<T> start(Job<T> job) {
        CompletableFuture<T> result = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                result.complete(job.run());
            } catch (Throwable e) { // a failed assertion too: whoever waits for the result throws it
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private int send(PacketConn from) throws IOException {
        int sent = 0;
        while (!enough) {
            from.send(packet(sent++));
        }
        from.close();
        return sent;
    }

    private BitSet receive(PacketConn at) throws IOException {
        BitSet numbers = new BitSet();
        ByteBuffer packet = ByteBuffer.allocate(at.maxPacketSize());
        while (at.receive(packet.clear()) >= 0) {
            int number = packet.flip().getInt(0);
            assertThat(packet).isEqualTo(packet(number));
            assertThat(numbers.get(number)).as("packet %s came before", number).isFalse();
            numbers.set(number);
            received++;
        }
        return numbers;
    }

    /** A packet of which every byte depends on its number. */
    private static ByteBuffer packet(int number) {
        ByteBuffer packet = ByteBuffer.allocate(SIZE).putInt(number);
        while (packet.hasRemaining()) {
            packet.put((byte) (number * 31 + packet.position()));
        }
        return packet.flip();
    }

    private void goesOn() {
        int before = received;
        Await.until(
                () -> "it goes on after " + before + " packets, now " + received + ": " + path(near) + path(far),
                () -> received >= before + BETWEEN || sending.isDone() || receiving.isDone());
    }

    private static PathInfo path(PacketConn of) {
        return of.paths().get(0);
    }

    /** Each packet that was sent has come, once. */
    private void assertAllOnce() {
        enough = true;
        BitSet numbers = Await.result(receiving); // first, for it is who sees what is wrong
        int sent = Await.result(sending);
        assertThat(numbers.cardinality()).isEqualTo(sent);
        assertThat(numbers.length()).isEqualTo(sent);
    }

    private void assertSameCarrier() {
        for (PacketConn end : List.of(near, far)) {
            assertThat(end.admin().stats().counters().carriersLost()).isZero();
        }
    }

    private void assertRebinds(long atNear, long atFar) {
        Await.until(
                () -> "the moves are counted: " + path(near) + path(far),
                () -> path(near).rebinds() == atNear && path(far).rebinds() == atFar);
    }

    private void awaitFollowed(SocketAddress to) {
        Await.until(
                () -> "the acceptor follows to " + to + ": " + path(far),
                () -> to.equals(path(far).remote()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNetworkThatChangesUnderLoad(boolean up) throws IOException {
        start(endpoint(), up);
        for (int move = 1; move <= MOVES; move++) {
            SocketAddress before = path(near).local();
            here.networkChanged();
            Await.until("moved", () -> !before.equals(path(near).local()));
            awaitFollowed(path(near).local());
            assertRebinds(move, move);
            goesOn();
        }
        assertSameCarrier();
        assertAllOnce();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPathThatIsToldToMoveUnderLoad(boolean up) throws IOException {
        start(endpoint(), up);
        for (int move = 1; move <= MOVES; move++) {
            String to = "127.0.0." + (2 + move % 3);
            near.admin().rebind(0, new InetSocketAddress(to, 0));
            InetSocketAddress now = (InetSocketAddress) path(near).local();
            assertThat(now.getHostString()).isEqualTo(to);
            awaitFollowed(now);
            assertRebinds(move, move);
            goesOn();
        }
        assertSameCarrier();
        assertAllOnce();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNatThatForgetsUnderLoad(boolean up) throws IOException {
        try (Nat nat = new Nat(acceptor.endpoints().get(0).socketAddress())) {
            start(through(nat), up);
            for (int move = 1; move <= MOVES; move++) {
                SocketAddress before = path(far).remote();
                nat.forget();
                Await.until("followed", () -> !before.equals(path(far).remote()));
                assertRebinds(0, move);
                goesOn();
            }
            assertSameCarrier();
            assertAllOnce();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNetworkThatLosesEveryTwentieth(boolean up) throws IOException {
        try (Nat nat = new Nat(acceptor.endpoints().get(0).socketAddress())) {
            start(through(nat), up);
            nat.lose(0.05);
            PacketConn from = up ? near : far;
            Await.until(
                    () -> "packets are lost and sent again: " + nat.lost() + ", " + path(near),
                    () -> nat.lost() > 50 && from.admin().stats().packets().repaired() > 20
                            || sending.isDone()
                            || receiving.isDone());
            assertAllOnce();
            PacketCounters counters = from.admin().stats().packets();
            assertThat(counters.repaired()).isPositive();
            assertThat(counters.expired()).isZero();
            assertThat(nat.lost()).isGreaterThan(50);
        }
    }
}
