// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import static io.rendr.testkit.LinkDirection.DOWN;
import static io.rendr.testkit.LinkDirection.UP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakGuard.class)
class LinkEmulatorTest {

    private final List<AutoCloseable> open = new ArrayList<>();
    private Peer peer;
    private LinkEmulator link;

    @BeforeEach
    void openLink() throws IOException {
        peer = opened(new Peer("127.0.0.1"));
        link = opened(LinkEmulator.open(peer.address()));
    }

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void carriesBytesBothWaysAndCountsThem(String address) throws Exception {
        Peer there = opened(new Peer(address));
        LinkEmulator over = opened(LinkEmulator.open(there.address()));
        Socket client = connect(over);
        Socket server = accept(there);

        CompletableFuture<byte[]> up = digest(server, 24 << 20);
        CompletableFuture<byte[]> down = digest(client, 16 << 20);
        CompletableFuture<byte[]> sentDown = send(server, 16 << 20, 2);
        byte[] sentUp = Await.result(send(client, 24 << 20, 1));

        assertThat(Await.result(up)).isEqualTo(sentUp);
        assertThat(Await.result(down)).isEqualTo(Await.result(sentDown));
        LinkCounters counters = over.counters();
        assertThat(counters.up().forwarded()).isEqualTo(24 << 20);
        assertThat(counters.down().forwarded()).isEqualTo(16 << 20);
        assertThat(counters.connections()).isEqualTo(1);
        assertThat(counters.live()).isEqualTo(1);
        assertThat(counters.up().held()).isZero();
        assertThat(counters.up().swallowed()).isZero();
    }

    @Test
    void aBalancerGoesToItsTargetsInTurnAndCountsEach() throws Exception {
        Peer other = opened(new Peer("127.0.0.1"));
        link.balance(List.of(peer.address(), other.address()));
        for (int i = 0; i < 2; i++) {
            for (Peer there : List.of(peer, other)) {
                Socket client = connect(link);
                Socket server = accept(there);
                client.getOutputStream().write(i);
                assertThat(server.getInputStream().read()).isEqualTo(i);
            }
        }
        link.target(other.address());
        connect(link);
        accept(other);
        Await.until("the last was counted", () -> link.counters().connectedTo(other.address()) == 3);
        assertThat(link.counters().connectedTo(peer.address())).isEqualTo(2);
        assertThatThrownBy(() -> link.balance(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aHalfCloseGoesThroughAndTheConnectionEndsWhenBothHaveEnded() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        client.getOutputStream().write(7);
        client.shutdownOutput();
        assertThat(server.getInputStream().read()).isEqualTo(7);
        assertThat(server.getInputStream().read()).isEqualTo(-1);
        server.getOutputStream().write(8);
        server.close();
        assertThat(client.getInputStream().read()).isEqualTo(8);
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        Await.until("the connection is gone", () -> link.counters().live() == 0);
        assertThat(link.counters().resets()).isZero();
    }

    @Test
    void theResetOfOneEndReachesTheOther() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        client.setSoLinger(true, 0);
        client.close();
        assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void delayAndJitterAddUpOverBothWays() throws Exception {
        link.shape(LinkShape.UNSHAPED.withDelay(Duration.ofMillis(40)).withJitter(Duration.ofMillis(5)));
        Socket client = connect(link);
        Socket server = accept(peer);
        long start = System.nanoTime();
        for (int i = 0; i < 3; i++) {
            client.getOutputStream().write(i);
            assertThat(server.getInputStream().read()).isEqualTo(i);
            server.getOutputStream().write(i);
            assertThat(client.getInputStream().read()).isEqualTo(i);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(3 * 80));
    }

    @Test
    void delayHidesNoThroughputAndKeepsOrder() throws Exception {
        link.shape(LinkShape.UNSHAPED.withDelay(Duration.ofMillis(20)).withJitter(Duration.ofMillis(20)));
        Socket client = connect(link);
        Socket server = accept(peer);
        CompletableFuture<byte[]> got = digest(server, 32 << 20);
        byte[] sent = Await.result(send(client, 32 << 20, 3));
        assertThat(Await.result(got)).isEqualTo(sent);
    }

    @Test
    void theRateIsNotExceeded() throws Exception {
        int rate = 8 << 20;
        link.shape(UP, LinkShape.UNSHAPED.withRate(rate).withQueue(64 << 10));
        Socket client = connect(link);
        Socket server = accept(peer);
        long start = System.nanoTime();
        CompletableFuture<byte[]> got = digest(server, rate / 2);
        byte[] sent = Await.result(send(client, rate / 2, 4));
        assertThat(Await.result(got)).isEqualTo(sent);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertThat(took).isGreaterThanOrEqualTo(Duration.ofMillis(495));
    }

    @Test
    void aShapeMayChangeUnderATransfer() throws Exception {
        link.shape(LinkShape.UNSHAPED.withRate(1000).withDelay(Duration.ofMillis(5)));
        Socket client = connect(link);
        Socket server = accept(peer);
        CompletableFuture<byte[]> got = digest(server, 4 << 20);
        CompletableFuture<byte[]> sent = send(client, 4 << 20, 5);
        Await.until("something crawls through", () -> link.counters().up().forwarded() > 0);
        assertThat(link.counters().up().forwarded()).isLessThan(4 << 20);
        link.shape(LinkShape.UNSHAPED);
        assertThat(Await.result(got)).isEqualTo(Await.result(sent));
    }

    @ParameterizedTest
    @EnumSource(LinkDirection.class)
    void aBlackHoleHoldsOneDirectionAndLosesNothing(LinkDirection direction) throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        Socket from = direction == UP ? client : server;
        Socket to = direction == UP ? server : client;

        link.blackHole(direction, true);
        from.getOutputStream().write(new byte[1000]);
        Await.until("the bytes are held", () -> link.counters().way(direction).heldNow() == 1000);
        to.getOutputStream().write(42);
        assertThat(from.getInputStream().read()).as("the other way is open").isEqualTo(42);
        assertThat(to.getInputStream().available()).isZero();
        assertThat(link.counters().way(direction).forwarded()).isZero();

        link.blackHole(direction, false);
        assertThat(to.getInputStream().readNBytes(1000)).hasSize(1000);
        LinkCounters.Way way = link.counters().way(direction);
        assertThat(way.held()).isEqualTo(1000);
        assertThat(way.heldNow()).isZero();
        assertThat(way.swallowed()).isZero();
        assertThat(way.blackHoles()).isEqualTo(1);
        assertThat(way.blackHoled()).isPositive();
        assertThat(link.counters().way(direction == UP ? DOWN : UP).blackHoles())
                .isZero();
    }

    @Test
    void aBlackHoleUnderATransferTakesABoundedAmountAndLosesNothing() throws Exception {
        link.shape(LinkShape.UNSHAPED.withQueue(32 << 10));
        SocketChannel client = opened(SocketChannel.open(link.address()));
        Socket server = accept(peer);
        link.blackHole(true);
        client.configureBlocking(false);
        byte[] data = new byte[256 << 20];
        new Random(6).nextBytes(data);
        ByteBuffer rest = ByteBuffer.wrap(data);
        Await.until("the queue is full", () -> {
            write(client, rest);
            return link.counters().up().heldNow() == 32 << 10;
        });
        assertThat(rest.hasRemaining()).as("the sender is held back").isTrue();
        link.blackHole(false);
        client.configureBlocking(true);
        CompletableFuture<byte[]> got = digest(server, data.length);
        write(client, rest);
        assertThat(rest.hasRemaining()).isFalse();
        assertThat(Await.result(got))
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(data));
    }

    @Test
    void whatEndedInABlackHoleIsNewsWhenItLifts() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        Socket second = connect(link);
        Socket secondServer = accept(peer);
        link.blackHole(true);
        client.getOutputStream().write(1);
        client.close();
        second.setSoLinger(true, 0);
        second.close();
        server.setSoTimeout(50);
        assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        server.setSoTimeout(30_000);
        link.blackHole(false);
        assertThat(server.getInputStream().read()).isEqualTo(1);
        assertThat(server.getInputStream().read()).isEqualTo(-1);
        assertThatThrownBy(() -> secondServer.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void aConnectionMadeInABlackHoleIsServedWhenItLifts() throws Exception {
        link.blackHole(DOWN, true);
        Socket client = connect(link);
        client.getOutputStream().write(9);
        Await.until("it was accepted", () -> link.counters().live() == 1);
        assertThat(peer.acceptsWithin(100)).isFalse();
        link.blackHole(DOWN, false);
        assertThat(accept(peer).getInputStream().read()).isEqualTo(9);
    }

    @Test
    void aStallEndsByItself() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        long start = System.nanoTime();
        link.stall(Duration.ofMillis(100));
        client.getOutputStream().write(1);
        assertThat(server.getInputStream().read()).isEqualTo(1);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        LinkCounters counters = link.counters();
        assertThat(counters.up().blackHoles()).isEqualTo(1);
        assertThat(counters.up().held()).isEqualTo(1);
        assertThat(counters.up().blackHoled()).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        assertThat(counters.down().blackHoles()).isEqualTo(1);
    }

    @Test
    void aStallCanBeLifted() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        link.stall(Duration.ofDays(1));
        client.getOutputStream().write(1);
        Await.until("held", () -> link.counters().up().heldNow() == 1);
        link.blackHole(false);
        assertThat(server.getInputStream().read()).isEqualTo(1);
        assertThat(link.counters().up().blackHoles()).isEqualTo(1);
    }

    @Test
    void aStallDoesNotLiftABlackHole() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        link.blackHole(UP, true);
        link.stall(UP, Duration.ofMillis(1));
        client.getOutputStream().write(1);
        server.setSoTimeout(60);
        assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        server.setSoTimeout(30_000);
        link.blackHole(UP, false);
        assertThat(server.getInputStream().read()).isEqualTo(1);
    }

    @Test
    void resetReachesBothEndsEvenThroughABlackHole() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        link.blackHole(true);
        client.getOutputStream().write(new byte[500]);
        Await.until("held", () -> link.counters().up().heldNow() == 500);
        assertThat(link.reset()).isEqualTo(1);
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
        LinkCounters counters = link.counters();
        assertThat(counters.resets()).isEqualTo(2);
        assertThat(counters.live()).isZero();
        assertThat(counters.up().swallowed()).isEqualTo(500);
        assertThat(link.reset()).isZero();
    }

    @Test
    void finEndsOneDirectionInOrderAndSwallowsTheRest() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        client.getOutputStream().write(new byte[] {1, 2});
        assertThat(server.getInputStream().read()).isEqualTo(1);
        assertThat(link.fin(UP)).isEqualTo(1);
        assertThat(link.fin(UP)).isZero();
        assertThat(server.getInputStream().readAllBytes()).containsExactly(2);
        client.getOutputStream().write(new byte[100]);
        Await.until("swallowed", () -> link.counters().up().swallowed() == 100);
        server.getOutputStream().write(4);
        assertThat(client.getInputStream().read()).as("the other way is open").isEqualTo(4);
        assertThat(link.counters().up().fins()).isEqualTo(1);
        assertThat(link.counters().down().fins()).isZero();
        assertThat(link.counters().resets()).isZero();
    }

    @Test
    void finOfBothDirectionsEndsTheConnection() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        assertThat(link.fin()).isEqualTo(1);
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        assertThat(server.getInputStream().read()).isEqualTo(-1);
        Await.until("gone", () -> link.counters().live() == 0);
        assertThat(link.counters().resets()).isZero();
    }

    @Test
    void aHungConnectionIsOpenAndNeverAnswers() throws Exception {
        link.connects(LinkConnects.HANG);
        Socket client = connect(link);
        client.getOutputStream().write(new byte[10]);
        Await.until("swallowed", () -> link.counters().up().swallowed() == 10);
        link.connects(LinkConnects.FORWARD);
        client.setSoTimeout(50);
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        assertThat(peer.nobodyWaiting()).isTrue();
        assertThat(link.counters().hung()).isEqualTo(1);
        assertThat(link.counters().live()).isEqualTo(1);
        client.close();
        Await.until("a given up connection is dropped", () -> link.counters().live() == 0);
    }

    @Test
    void aRefusedConnectFailsAndThePortComesBack() throws Exception {
        Socket before = connect(link);
        Socket server = accept(peer);
        link.connects(LinkConnects.REFUSE);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> connect(link)).isInstanceOf(ConnectException.class);
        }
        try (Socket thief = new Socket()) {
            assertThatThrownBy(() -> thief.bind(link.address()))
                    .as("the port is kept")
                    .isInstanceOf(BindException.class);
        }
        before.getOutputStream().write(5);
        assertThat(server.getInputStream().read()).as("open connections stay").isEqualTo(5);
        link.connects(LinkConnects.FORWARD);
        connect(link);
        accept(peer);
        assertThat(link.counters().connections()).isEqualTo(2);
    }

    @Test
    void aConnectHangsWhileSynsAreDroppedAndTheLinkListensAgain() throws Exception {
        link.connects(LinkConnects.DROP);
        try (SocketChannel client = SocketChannel.open()) {
            client.configureBlocking(false);
            assertThat(client.connect(link.address())).isFalse();
            Socket other = opened(new Socket());
            assertThatThrownBy(() -> other.connect(link.address(), 100)).isInstanceOf(SocketTimeoutException.class);
            assertThat(client.finishConnect()).isFalse();
            link.connects(LinkConnects.FORWARD);
            Await.until("the SYN sent again is answered", () -> finish(client));
            accept(peer);
        }
        link.connects(LinkConnects.DROP);
        link.connects(LinkConnects.REFUSE);
        assertThatThrownBy(() -> connect(link)).isInstanceOf(ConnectException.class);
        link.connects(LinkConnects.FORWARD);
        connect(link);
        accept(peer);
    }

    @Test
    void aConnectionMayBeResetAtOnce() throws Exception {
        link.connects(LinkConnects.RESET);
        assertThatThrownBy(() -> connect(link).getInputStream().read()).isInstanceOf(SocketException.class);
        assertThat(link.counters().refused()).isEqualTo(1);
        assertThat(link.counters().live()).isZero();
    }

    @Test
    void anUnreachableTargetResetsTheClient() throws Exception {
        peer.close();
        assertThatThrownBy(() -> connect(link).getInputStream().read()).isInstanceOf(SocketException.class);
        assertThat(link.counters().targetFailures()).isEqualTo(1);
    }

    @Test
    void theTargetMayChangeForNewConnections() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        Peer other = opened(new Peer("127.0.0.1"));
        link.target(other.address());
        connect(link);
        accept(other);
        client.getOutputStream().write(1);
        assertThat(server.getInputStream().read()).isEqualTo(1);
    }

    @Test
    void anExpiredMappingIsSilent() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        client.getOutputStream().write(1);
        assertThat(server.getInputStream().read()).isEqualTo(1);
        link.natExpiry(Duration.ofMillis(30), NatExpiry.SILENT);
        server.setSoTimeout(100);
        assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        client.getOutputStream().write(2);
        Await.until("noticed", () -> link.counters().natExpired() == 1);
        server.getOutputStream().write(3);
        Await.until("both ways", () -> link.counters().down().heldNow() == 1);
        assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        link.natExpiry(Duration.ZERO, NatExpiry.SILENT);
        assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        assertThat(link.counters().up().held()).isEqualTo(1);
        assertThat(link.counters().live()).isEqualTo(1);
    }

    @Test
    void trafficKeepsAMappingAlive() throws Exception {
        long idle = Duration.ofMillis(300).toNanos();
        link.natExpiry(Duration.ofNanos(idle), NatExpiry.SILENT);
        Await.until("a run without a pause of this machine", () -> echoesFor(2 * idle, idle / 2));
    }

    /** Echoes for a time; false, without a verdict, if this machine made a pause that is near the limit. */
    private boolean echoesFor(long nanos, long longestPause) {
        try {
            Socket client = connect(link);
            Socket server = accept(peer);
            long last = System.nanoTime();
            for (long end = last + nanos; System.nanoTime() < end; ) {
                if (System.nanoTime() - last > longestPause) {
                    return false;
                }
                last = System.nanoTime();
                client.getOutputStream().write(1);
                assertThat(server.getInputStream().read()).isEqualTo(1);
            }
            return true;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anExpiredMappingMayReset() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        link.natExpiry(Duration.ofMillis(30), NatExpiry.RESET);
        server.setSoTimeout(100);
        assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        client.getOutputStream().write(2);
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> server.getInputStream().read())
                .as("the silent end knows nothing")
                .isInstanceOf(SocketTimeoutException.class);
        server.setSoTimeout(30_000);
        server.getOutputStream().write(3);
        assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
        LinkCounters counters = link.counters();
        assertThat(counters.natExpired()).isEqualTo(1);
        assertThat(counters.resets()).isEqualTo(2);
        assertThat(counters.up().swallowed()).isEqualTo(1);
        assertThat(counters.live()).isZero();
    }

    @Test
    void manyConnectionsShareALink() throws Exception {
        List<CompletableFuture<byte[]>> sent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Socket client = connect(link);
            Socket server = accept(peer);
            CompletableFuture<byte[]> got = digest(server, 200_000);
            sent.add(send(client, 200_000, i).thenCombine(got, (a, b) -> {
                assertThat(b).isEqualTo(a);
                return a;
            }));
        }
        sent.forEach(Await::result);
        assertThat(link.counters().up().forwarded()).isEqualTo(50 * 200_000);
    }

    @Test
    void closeLeavesNothingAndKeepsTheCounters() throws Exception {
        Socket client = connect(link);
        Socket server = accept(peer);
        link.connects(LinkConnects.REFUSE);
        link.close();
        link.close();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        assertThat(server.getInputStream().read()).isEqualTo(-1);
        String name = "rendr-link-" + link.address().getPort();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(t -> t.getName().equals(name));
        assertThat(link.counters().connections()).isEqualTo(1);
        assertThatThrownBy(() -> link.blackHole(true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }

    private Socket connect(LinkEmulator over) throws IOException {
        Socket socket = opened(new Socket());
        socket.setSoTimeout(30_000);
        InetSocketAddress to = over.address();
        socket.connect(to, 30_000);
        return socket;
    }

    private Socket accept(Peer at) throws InterruptedException {
        return opened(at.accept());
    }

    private static void write(SocketChannel channel, ByteBuffer data) {
        try {
            channel.write(data);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean finish(SocketChannel channel) {
        try {
            return channel.finishConnect();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Sends pseudo-random bytes and returns their digest. */
    private static CompletableFuture<byte[]> send(Socket socket, int length, long seed) {
        return async(() -> {
            byte[] data = new byte[length];
            new Random(seed).nextBytes(data);
            socket.getOutputStream().write(data);
            return MessageDigest.getInstance("SHA-256").digest(data);
        });
    }

    private static CompletableFuture<byte[]> digest(Socket socket, int length) {
        return async(() -> {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            InputStream in = new DigestInputStream(socket.getInputStream(), digest);
            byte[] chunk = new byte[64 << 10];
            for (int left = length; left > 0; ) {
                int n = in.read(chunk, 0, Math.min(left, chunk.length));
                assertThat(n).as("bytes before the end, %d missing", left).isPositive();
                left -= n;
            }
            return digest.digest();
        });
    }

    private static <T> CompletableFuture<T> async(java.util.concurrent.Callable<T> body) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                done.complete(body.call());
            } catch (Throwable t) {
                done.completeExceptionally(t);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return done;
    }
}
