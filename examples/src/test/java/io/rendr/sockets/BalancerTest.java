// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.Acceptor;
import io.rendr.CloseReason;
import io.rendr.PathInfo;
import io.rendr.PathUnavailableException;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.LinkConnects;
import io.rendr.testkit.LinkEmulator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One path leads through a TCP balancer before two runtimes, of which only one holds the flow. */
@ExtendWith(LeakGuard.class)
class BalancerTest {
    private static final String WRONG = "this address led to another instance than the one that holds the flow";

    private Peers peers;
    private Rendr wrong;
    private Acceptor wrongAcceptor;
    private LinkEmulator direct;
    private LinkEmulator balancer;

    /** Path 0 is direct, path 1 goes through the balancer. */
    @BeforeEach
    void open() throws IOException {
        peers = new Peers(2);
        wrong = Rendr.create(Peers.BRIEF);
        wrongAcceptor = wrong.listen("tcp://127.0.0.1:0");
        direct = peers.links.get(0);
        balancer = peers.links.get(1);
    }

    @AfterEach
    void close() {
        peers.close();
        wrong.close();
    }

    private void balance(InetSocketAddress... inTurn) {
        balancer.balance(List.of(inTurn));
    }

    private InetSocketAddress right() {
        return Peers.address(peers.acceptor);
    }

    private InetSocketAddress wrong() {
        return Peers.address(wrongAcceptor);
    }

    private long wrongReached() {
        return balancer.counters().connectedTo(wrong());
    }

    private StreamConn dial() throws IOException {
        return peers.dial(b -> b.redialBackoff(Duration.ofMillis(10), Duration.ofMillis(50)));
    }

    private static PathInfo balanced(StreamConn conn) {
        return conn.paths().get(1);
    }

    @Test
    void attachesToTheWrongInstanceAreRefusedAndRetriedUnderATransfer() throws Exception {
        balance(wrong(), wrong(), right());
        StreamConn client = dial();
        StreamConn server = peers.accept();
        AtomicLong progress = new AtomicLong();
        long size = 48L << 20;
        Job<byte[]> writer = Job.start("writer", () -> Traffic.send(client, size, 3));
        Job<byte[]> reader = Job.start("reader", () -> Traffic.receive(server, progress));
        for (int round = 1; round <= 5; round++) {
            long part = size * round / 6;
            Await.until("part of the transfer", () -> progress.get() > part);
            long reached = 2L * round;
            Await.until(
                    "it was refused twice and got through",
                    () -> wrongReached() >= reached && balanced(client).state().isUsable());
            PathInfo path = balanced(client);
            assertThat(path.lastError()).isNotNull();
            assertThat(path.lastError().kind()).isEqualTo(CloseReason.Kind.REJECTED);
            assertThat(path.lastError().detail()).isEqualTo(WRONG);
            assertThat(balancer.reset()).isPositive();
        }
        assertThat(reader.result()).isEqualTo(writer.result());
        assertThat(wrongReached()).isGreaterThanOrEqualTo(10);
        assertThat(wrong.status().flows()).isZero();
    }

    @Test
    void aPathThatAlwaysReachesTheWrongInstanceEndsNothingWhileAnotherLives() throws Exception {
        balance(wrong());
        StreamConn client = dial();
        StreamConn server = peers.accept();
        Await.until("it was refused again and again", () -> wrongReached() >= 20);
        talk(client, server);
        assertThat(client.isOpen()).isTrue();
        assertThat(balanced(client).state().isUsable()).isFalse();
        assertThatThrownBy(() -> client.admin().migrate(1)).isInstanceOf(PathUnavailableException.class);
        assertThatThrownBy(() -> client.admin().addPath(Peers.path(balancer, "another")))
                .isInstanceOf(PathUnavailableException.class)
                .hasMessageContaining(WRONG);
    }

    @Test
    void theFlowGoesOnThroughTheBalancerWhenTheDirectPathIsGone() throws Exception {
        balance(wrong(), right());
        StreamConn client = dial();
        StreamConn server = peers.accept();
        Await.until(
                "the balanced path got through", () -> balanced(client).state().isUsable());
        direct.connects(LinkConnects.REFUSE);
        assertThat(direct.reset()).isPositive();
        talk(client, server);
        assertThat(client.admin().activePath()).isEqualTo(1);
        for (int i = 0; i < 4; i++) { // now the only path is dialed to the wrong instance first each time
            long before = wrongReached();
            assertThat(balancer.reset()).isPositive();
            talk(client, server);
            assertThat(wrongReached()).isGreaterThan(before);
        }
    }

    @Test
    void aFlowIsOpenedAtWhicheverInstanceAnswersAndStaysThere() throws Exception {
        balance(wrong(), right());
        StreamConn client = peers.here
                .dialer(b -> b.path(peers.path(1)).redialBackoff(Duration.ofMillis(10), Duration.ofMillis(50)))
                .dial();
        StreamConn server = wrongAcceptor.accept();
        talk(client, server);
        assertThat(balancer.reset()).isPositive();
        talk(client, server); // over the other instance, which refuses, back to the one that has the flow
        assertThat(balancer.counters().connectedTo(right())).isPositive();
        assertThat(peers.there.status().flows()).isZero();
    }

    private static void talk(StreamConn client, StreamConn server) throws IOException {
        exchange(client, server);
        exchange(server, client);
    }

    private static void exchange(StreamConn from, StreamConn to) throws IOException {
        from.write(ByteBuffer.wrap(new byte[] {42}));
        ByteBuffer one = ByteBuffer.allocate(1);
        assertThat(to.read(one)).isEqualTo(1);
        assertThat(one.get(0)).isEqualTo((byte) 42);
    }
}
