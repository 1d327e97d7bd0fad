// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rendr.Acceptor;
import io.rendr.DialException;
import io.rendr.FlowRefusedException;
import io.rendr.Incoming;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.LinkConnects;
import io.rendr.testkit.LinkEmulator;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * No thread, buffer or descriptor is left after {@code close()}, whatever went wrong before: {@link LeakGuard} compares
 * threads and descriptors around each test, and asks the leak detector for buffers.
 */
@ExtendWith(LeakGuard.class)
class NothingLeftTest {
    private LeakGuard.Snapshot before;

    @BeforeEach
    void remember() {
        before = LeakGuard.snapshot();
    }

    @AfterEach
    void compare() {
        before.assertNothingLeft();
    }

    private static void assertEmpty(Rendr runtime) {
        Await.until(
                () -> "no flow and no memory left: " + runtime.status(),
                () -> runtime.status().flows() == 0 && runtime.status().bufferedBytes() == 0);
    }

    @Test
    void afterEveryFaultUnderTransfersThatAreCutOff() throws Exception {
        try (Peers peers = new Peers(3)) {
            List<Job<?>> jobs = new ArrayList<>();
            List<StreamConn> conns = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                StreamConn client = peers.dial();
                StreamConn server = peers.accept();
                conns.add(client);
                conns.add(server);
                jobs.add(Job.start("up", () -> Traffic.sendForEver(client)));
                jobs.add(Job.start("down", () -> Traffic.sendForEver(server)));
                jobs.add(Job.start("read-up", () -> Traffic.receive(server)));
                jobs.add(Job.start("read-down", () -> Traffic.receive(client)));
            }
            for (int round = 0; round < 3; round++) {
                LinkEmulator link = peers.links.get(round % peers.links.size());
                awaitMore(conns);
                link.blackHole(true);
                awaitMore(conns);
                link.blackHole(false);
                assertThat(link.counters().up().blackHoles()).isPositive();
                Await.until(
                        "connections through the link", () -> link.counters().live() > 0);
                assertThat(link.reset() + link.fin()).isPositive();
                awaitMore(conns);
            }
            peers.links.get(0).blackHole(true); // and some of it stays broken
            conns.get(0).abort(3);
            conns.get(2).close();
            peers.here.close();
            peers.there.close();
            for (Job<?> job : jobs) {
                Await.until("every blocked call has ended", job::isDone);
            }
        }
    }

    private static void awaitMore(List<StreamConn> conns) {
        for (StreamConn conn : conns) {
            long seen = conn.admin().stats().bytesReceived();
            Await.until("more has arrived", () -> conn.admin().stats().bytesReceived() > seen + 10_000);
        }
    }

    @Test
    void afterDialsThatAreRefusedHangOrNeverAgree() throws Exception {
        InetSocketAddress nobody = closedPort();
        try (Rendr here = Rendr.create();
                Rendr there = Rendr.create(
                        RendrConfig.builder().preSharedKey("k", new byte[32]).build());
                var acceptor = there.listen("tcp://127.0.0.1:0");
                LinkEmulator hanging = LinkEmulator.open(Peers.address(acceptor))) {
            hanging.connects(LinkConnects.HANG);
            String refused = "tcp://127.0.0.1:" + nobody.getPort() + "?name=refused";
            String keyless = acceptor.endpoints().get(0).toUri() + "?name=keyless";
            String hung = Peers.path(hanging, "hung").toUri();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> here.dial(refused, keyless))
                        .isInstanceOfSatisfying(
                                DialException.class,
                                e -> assertThat(e.failures()).hasSize(2));
                assertThatThrownBy(() -> here.dialer(
                                        b -> b.path(hung).path(keyless).dialTimeout(Duration.ofMillis(300)))
                                .dial())
                        .isInstanceOf(DialException.class);
                long hangs = hanging.counters().hung();
                CompletableFuture<StreamConn> cancelled = here.dialer(
                                b -> b.path(hung).dialTimeout(Duration.ofMinutes(1)))
                        .dialAsync();
                Await.until("the dial hangs", () -> hanging.counters().hung() > hangs);
                cancelled.cancel(true);
            }
            assertThat(hanging.counters().hung()).isPositive();
            assertEmpty(here);
            assertEmpty(there);
        }
    }

    private static InetSocketAddress closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return (InetSocketAddress) socket.getLocalSocketAddress();
        }
    }

    @Test
    void afterFlowsThatAdmissionRefusesOrNobodyAccepts() throws Exception {
        CompletableFuture<Incoming> undecided = new CompletableFuture<>();
        try (Peers refusing = new Peers(1, Peers.BRIEF, b -> b.admit(in -> in.refuse(9)));
                Peers silent = new Peers(1, Peers.BRIEF, b -> b.admit(undecided::complete));
                Peers unclaimed = new Peers(1, Peers.BRIEF, b -> b.claimTimeout(Duration.ofMillis(100)))) {
            assertThatThrownBy(refusing::dial)
                    .isInstanceOfSatisfying(
                            FlowRefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(9));
            assertThatThrownBy(() -> silent.dial(b -> b.dialTimeout(Duration.ofMillis(300))))
                    .isInstanceOf(DialException.class);
            assertThat(undecided).isCompleted();
            StreamConn nobodys = unclaimed.dial();
            assertThatThrownBy(() -> nobodys.read(ByteBuffer.allocate(1)))
                    .isInstanceOfSatisfying(
                            FlowRefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(FlowRefusedException.NOT_CLAIMED));
            nobodys.close(); // until then it is the application's, to read what arrived
            for (Peers peers : List.of(refusing, silent, unclaimed)) {
                assertEmpty(peers.here);
                assertEmpty(peers.there);
            }
        }
    }

    @Test
    @Timeout(60)
    void afterBindsThatFail() throws Exception {
        try (Rendr rendr = Rendr.create();
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String busy = "tcp://127.0.0.1:" + taken.getLocalPort();
            Acceptor first = rendr.listen("tcp://127.0.0.1:0");
            String free = first.endpoints().get(0).toUri();
            first.close();
            for (int i = 0; i < 3; i++) {
                assertBindFails(rendr, free, busy);
            }
            BindException still;
            do { // what was bound before the other failed is free again, soon
                still = catchThrowableOfType(
                        BindException.class, () -> rendr.listen(free).close());
            } while (still != null);
        }
    }

    /** Closing does not wait, so the free port may be in use for a moment. */
    private static void assertBindFails(Rendr rendr, String free, String busy) {
        BindException failure;
        do {
            failure = catchThrowableOfType(BindException.class, () -> rendr.listen(free, busy));
            assertThat(failure).isNotNull();
        } while (failure.getMessage().contains(free.substring("tcp://".length())));
        assertThat(failure).hasMessageContaining(busy.substring("tcp://".length()));
    }

    @Test
    void afterStrangersThatSayNothingRubbishOrGoAway() throws Exception {
        List<Socket> strangers = new ArrayList<>();
        try (Peers peers = new Peers(1)) {
            InetSocketAddress port = Peers.address(peers.acceptor);
            for (int i = 0; i < 5; i++) {
                strangers.add(new Socket(port.getAddress(), port.getPort()));
                Socket rubbish = new Socket(port.getAddress(), port.getPort());
                strangers.add(rubbish);
                rubbish.getOutputStream()
                        .write("GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                assertThat(isEnded(rubbish)).isTrue();
                new Socket(port.getAddress(), port.getPort()).close();
            }
            StreamConn client = peers.dial();
            peers.accept().close();
            client.close();
            assertEmpty(peers.here);
            assertEmpty(peers.there);
        } finally {
            for (Socket stranger : strangers) {
                stranger.close();
            }
        }
    }

    /** Waits until the other end has closed the connection, in order or by a reset. */
    private static boolean isEnded(Socket socket) throws IOException {
        try {
            return socket.getInputStream().readAllBytes().length < 1024;
        } catch (SocketException e) {
            return true;
        }
    }

    @Test
    void afterRuntimesThatCloseWhileTheyDialAcceptAndHold() throws Exception {
        for (int i = 0; i < 3; i++) {
            Peers peers = new Peers(2);
            StreamConn client = peers.dial();
            StreamConn server = peers.accept();
            Job<StreamConn> accepting = Job.start("accepting", peers::accept);
            CompletableFuture<StreamConn> dialing = peers.here
                    .dialer(b -> b.path(peers.path(1)).dialTimeout(Duration.ofMinutes(1)))
                    .dialAsync();
            peers.links.forEach(link -> link.blackHole(true));
            client.write(ByteBuffer.allocate(10_000));
            server.write(ByteBuffer.allocate(10_000));
            client.abort(1); // the peer cannot be told
            peers.there.close(); // waits for the linger time at most
            peers.here.close();
            peers.close();
            accepting.awaitEnd();
            Await.until("the dial has ended", dialing::isDone);
        }
    }
}
