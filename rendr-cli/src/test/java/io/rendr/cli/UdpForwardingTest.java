// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.DialerConfig;
import io.rendr.FlowRefusedException;
import io.rendr.Rendr;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.LinkCounters;
import io.rendr.testkit.LinkEmulator;
import io.rendr.testkit.LinkShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code forward --udp} and {@code accept --udp} from end to end: plain UDP at both sides, links that break in between. */
@ExtendWith(LeakGuard.class)
class UdpForwardingTest {
    private static final LinkShape SHAPE =
            LinkShape.UNSHAPED.withDelay(Duration.ofMillis(1)).withRate(50_000_000);
    private static final UdpIngress.Limits LIMITS = new UdpIngress.Limits(Duration.ofHours(1), 10);
    private static final UdpIngress.Limits SHORT = new UdpIngress.Limits(Duration.ofMillis(300), 2);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<DatagramSocket> clients = new ArrayList<>();
    private UdpEcho server;
    private UdpExit exit;

    @BeforeEach
    void listen() throws IOException {
        server = UdpEcho.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        clients.forEach(DatagramSocket::close);
        threads.shutdownNow();
    }

    private Tunnel<UdpIngress> tunnel(
            int paths, LinkShape shape, UnaryOperator<DialerConfig.Builder> config, UdpIngress.Limits limits)
            throws IOException {
        exit = new UdpExit(server.address());
        return Tunnel.udp(exit, paths, shape, config, limits);
    }

    private Tunnel<UdpIngress> tunnel(UdpIngress.Limits limits) throws IOException {
        return tunnel(1, LinkShape.UNSHAPED, b -> b.maxPacketSize(1472), limits);
    }

    /** Talks to the tunnel as a client of its own. */
    private DatagramSocket client(Tunnel<?> tunnel) throws IOException {
        InetSocketAddress to = tunnel.address();
        DatagramSocket client = new DatagramSocket(0, InetAddress.getLoopbackAddress()) {
            /** To the tunnel; not by connecting, for a connected socket does not send empty datagrams. */
            @Override
            public void send(DatagramPacket datagram) throws IOException {
                datagram.setSocketAddress(to);
                super.send(datagram);
            }
        };
        clients.add(client);
        client.setSoTimeout((int) Await.LONG.toMillis());
        return client;
    }

    private static void send(DatagramSocket client, byte[] datagram) throws IOException {
        client.send(new DatagramPacket(datagram, datagram.length));
    }

    private static byte[] receive(DatagramSocket client) throws IOException {
        DatagramPacket datagram = new DatagramPacket(new byte[65_535], 65_535);
        client.receive(datagram);
        return Arrays.copyOf(datagram.getData(), datagram.getLength());
    }

    /** A datagram of which every byte tells its number. */
    private static byte[] numbered(int number, int size) {
        byte[] datagram = new byte[size];
        for (int i = 0; i < size; i++) {
            datagram[i] = (byte) (number * 31 + i);
        }
        ByteBuffer.wrap(datagram).putInt(number);
        return datagram;
    }

    private static void talk(DatagramSocket client, int number) throws IOException {
        send(client, numbered(number, 100));
        assertThat(receive(client)).isEqualTo(numbered(number, 100));
    }

    /** A client that keeps some datagrams under way, and counts what comes back. */
    private static final class Pipelined {
        private static final int WINDOW = 32;

        private final DatagramSocket socket;
        private final Map<ByteBuffer, Integer> echoes = new HashMap<>();
        private int sent;
        private int heard;

        Pipelined(DatagramSocket socket) {
            this.socket = socket;
        }

        static byte[] datagram(int number) {
            return numbered(number, 4 + number % 1469);
        }

        void send(int count) throws IOException {
            for (int end = sent + count; sent < end; sent++) {
                UdpForwardingTest.send(socket, datagram(sent));
                while (sent - heard >= WINDOW) {
                    hear();
                }
            }
        }

        void hearAll() throws IOException {
            while (heard < sent) {
                hear();
            }
        }

        private void hear() throws IOException {
            echoes.merge(ByteBuffer.wrap(receive(socket)), 1, Integer::sum);
            heard++;
        }

        /** What is in the socket; whatever could still come has to be there by now. */
        void hearTheRest() throws IOException {
            socket.setSoTimeout(1);
            try {
                while (true) {
                    hear();
                }
            } catch (SocketTimeoutException e) {
                return;
            }
        }

        void assertEachOnce() {
            Map<ByteBuffer, Integer> expected = new HashMap<>();
            for (int i = 0; i < sent; i++) {
                expected.put(ByteBuffer.wrap(datagram(i)), 1);
            }
            assertThat(echoes).isEqualTo(expected);
        }
    }

    @Test
    void everyDatagramComesBackOnceWhateverBreaksOnItsPaths() throws Exception {
        int part = 2_000;
        Pipelined client;
        try (Tunnel<UdpIngress> tunnel =
                tunnel(2, SHAPE, b -> b.repairTtl(Duration.ofSeconds(60)).maxPacketSize(1472), LIMITS)) {
            client = new Pipelined(client(tunnel));
            client.send(part);
            for (Fault fault : List.of(Fault.RESET, Fault.BLACK_HOLE, Fault.FIN)) {
                LinkEmulator link = tunnel.busiest();
                LinkCounters before = link.counters();
                fault.begin(link);
                client.send(part); // far more than its window: the other link carries them
                Await.until(
                        fault.title() + " in the counters of the link", () -> fault.proven(before, link.counters()));
                fault.end(link);
                tunnel.busiest();
                client.send(part);
            }
            client.hearAll();
            assertThat(tunnel.ingress().connections()).isEqualTo(1);
        }
        client.hearTheRest();
        client.assertEachOnce();
        assertThat(server.clients()).hasSize(1);
    }

    @Test
    void anEmptyDatagramIsOne() throws Exception {
        try (Tunnel<UdpIngress> tunnel = tunnel(LIMITS)) {
            DatagramSocket client = client(tunnel);
            for (int i = 0; i < 3; i++) {
                send(client, new byte[0]);
                assertThat(receive(client)).isEmpty();
                talk(client, i);
            }
        }
    }

    @Test
    void clientsAreKeptApart() throws Exception {
        try (Tunnel<UdpIngress> tunnel = tunnel(LIMITS)) {
            Pipelined first = new Pipelined(client(tunnel));
            Pipelined second = new Pipelined(client(tunnel));
            second.sent = 1_000_000;
            second.heard = 1_000_000;
            for (int i = 0; i < 200; i++) {
                first.send(1);
                second.send(2);
            }
            first.hearAll();
            second.hearAll();
            assertThat(first.echoes.keySet()).allMatch(datagram -> datagram.getInt(0) < 200);
            assertThat(first.echoes).hasSize(200);
            assertThat(second.echoes.keySet()).allMatch(datagram -> datagram.getInt(0) >= 1_000_000);
            assertThat(second.echoes).hasSize(400);
            assertThat(tunnel.ingress().connections()).isEqualTo(2);
            assertThat(tunnel.egress().connections()).isEqualTo(2);
        }
        assertThat(server.clients()).hasSize(2);
    }

    @Test
    void aFlowThatIsIdleEndsAndTheNextDatagramOpensAnother() throws Exception {
        try (Tunnel<UdpIngress> tunnel = tunnel(SHORT)) {
            DatagramSocket client = client(tunnel);
            talk(client, 1);
            Await.until("no flow is left here", () -> tunnel.ingress().connections() == 0);
            Await.until("no flow is left there", () -> tunnel.egress().connections() == 0);
            talk(client, 2);
        }
        assertThat(server.clients()).hasSize(2);
    }

    @Test
    void thereIsAPlaceForSoManyClientsAndNotOneMore() throws Exception {
        try (Tunnel<UdpIngress> tunnel = tunnel(new UdpIngress.Limits(Duration.ofHours(1), 2))) {
            talk(client(tunnel), 1);
            talk(client(tunnel), 2);
            DatagramSocket third = client(tunnel);
            send(third, numbered(3, 10));
            send(third, numbered(4, 10));
            Await.until("both are counted", () -> dropped(tunnel, Drops.Cause.NO_CLIENT) == 2);
            assertThat(tunnel.ingress().connections()).isEqualTo(2);
        }
        try (Tunnel<UdpIngress> tunnel = tunnel(SHORT)) {
            talk(client(tunnel), 1);
            talk(client(tunnel), 2);
            Await.until("their places are free", () -> tunnel.ingress().connections() == 0);
            Await.until("a third one is served", () -> answers(tunnel));
        }
    }

    /** The flow is closed a moment before its place is free. */
    private boolean answers(Tunnel<?> tunnel) {
        try {
            DatagramSocket client = client(tunnel);
            client.setSoTimeout(1_000);
            talk(client, 5);
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long dropped(Tunnel<UdpIngress> tunnel, Drops.Cause cause) {
        return tunnel.ingress().drops().count(cause);
    }

    @Test
    void aDatagramThatIsTooLargeIsCountedAndHarmsNothing() throws Exception {
        try (Tunnel<UdpIngress> tunnel = tunnel(1, LinkShape.UNSHAPED, b -> b.maxPacketSize(100), LIMITS)) {
            DatagramSocket client = client(tunnel);
            send(client, numbered(0, 101)); // while its flow is being dialed
            Await.until("the first", () -> dropped(tunnel, Drops.Cause.TOO_LARGE) == 1);
            talk(client, 1);
            send(client, numbered(2, 60_000));
            talk(client, 3);
            assertThat(dropped(tunnel, Drops.Cause.TOO_LARGE)).isEqualTo(2);

            server.answerWithMore(1);
            send(client, numbered(4, 100));
            Await.until("the answer", () -> exit.drops().count(Drops.Cause.TOO_LARGE) == 1);
            server.answerWithMore(0);
            talk(client, 5);
            assertThat(tunnel.ingress().connections()).isEqualTo(1);
        }
        assertThat(server.clients()).as("flows").hasSize(1);
    }

    @Test
    void aServerThatIsNotThereEndsNothing() throws Exception {
        int port = server.address().getPort();
        try (Tunnel<UdpIngress> tunnel = tunnel(LIMITS)) {
            DatagramSocket client = client(tunnel);
            talk(client, 1);
            server.close();
            for (int i = 0; i < 100; i++) {
                send(client, numbered(i, 10));
            }
            server = UdpEcho.at(port);
            send(client, numbered(2, 100));
            byte[] heard = receive(client);
            while (heard.length == 10) { // some of those may have met the server
                heard = receive(client);
            }
            assertThat(heard).isEqualTo(numbered(2, 100));
            assertThat(tunnel.ingress().connections()).isEqualTo(1);
            assertThat(tunnel.egress().connections()).isEqualTo(1);
        }
        assertThat(server.clients()).hasSize(1);
    }

    @Test
    void onlyTheServerCanAnswer() throws Exception {
        try (Tunnel<UdpIngress> tunnel = tunnel(LIMITS);
                DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            DatagramSocket client = client(tunnel);
            talk(client, 1);
            stranger.send(new DatagramPacket(
                    new byte[1], 1, server.clients().iterator().next()));
            Await.until("it is counted", () -> exit.drops().count(Drops.Cause.STRANGER) == 1);
            talk(client, 2);
        }
    }

    private static void sendUnchecked(DatagramSocket client, byte[] datagram) {
        try {
            send(client, datagram);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatComesWhileTheFlowIsDialedIsKeptUpToALimit() throws Exception {
        try (Tunnel<UdpIngress> tunnel = tunnel(LIMITS)) {
            LinkEmulator link = tunnel.links().get(0);
            link.blackHole(true);
            DatagramSocket client = client(tunnel);
            int size = 1_000;
            int kept = UdpIngress.EARLY_BYTES / (size + UdpIngress.EARLY_OVERHEAD);
            int more = 25;
            for (int i = 0; i < kept + more; i++) {
                send(client, numbered(i, size));
            }
            Await.until("the rest is counted", () -> dropped(tunnel, Drops.Cause.DIALING) == more);
            assertThat(server.clients()).isEmpty();
            link.blackHole(false);
            for (int i = 0; i < kept; i++) {
                assertThat(receive(client)).isEqualTo(numbered(i, size));
            }
            talk(client, kept);
        }
    }

    @Test
    void aFailedDialIsCountedAndTriedAgainLater() throws Exception {
        try (Tunnel<UdpIngress> tunnel = tunnel(LIMITS)) {
            LinkEmulator link = tunnel.links().get(0);
            link.target(new InetSocketAddress("127.0.0.1", server.address().getPort())); // there is no TCP
            DatagramSocket client = client(tunnel);
            send(client, numbered(1, 10));
            Await.until("its datagram is counted", () -> dropped(tunnel, Drops.Cause.NO_FLOW) >= 1);
            assertThat(link.counters().targetFailures()).isPositive();
            link.target(HostPort.resolve(tunnel.endpoint().socketAddress()));
            Await.until("a flow again", () -> {
                sendUnchecked(client, numbered(2, 10));
                return tunnel.egress().connections() == 1;
            });
            assertThat(receive(client)).isEqualTo(numbered(2, 10));
        }
    }

    @Test
    void stoppingLetsAClientFinishAndTakesNoNewOnes() throws Exception {
        try (Tunnel<UdpIngress> tunnel = tunnel(new UdpIngress.Limits(Duration.ofHours(1), 10_000))) {
            DatagramSocket client = client(tunnel);
            talk(client, 1);
            CompletableFuture<Void> stopped =
                    CompletableFuture.runAsync(() -> tunnel.ingress().stop(Await.LONG), threads);
            for (int i = 0; dropped(tunnel, Drops.Cause.NO_CLIENT) == 0; i++) {
                assertThat(stopped).isNotDone();
                talk(client, i);
                if (i % 100 == 0) {
                    send(client(tunnel), numbered(i, 10)); // a new one each time: those before stop have a flow
                }
            }
            talk(client, 1);
            Await.result(stopped); // now that all clients are silent
            assertThat(tunnel.ingress().connections()).isZero();
            Await.until("no flow is left there", () -> tunnel.egress().connections() == 0);
        }
    }

    @Test
    void whoDoesNotFinishIsCutAfterTheGrace() throws Exception {
        try (Tunnel<UdpIngress> tunnel = tunnel(LIMITS)) {
            talk(client(tunnel), 1);
            tunnel.ingress().stop(Duration.ZERO);
            Await.until("no flow is left here", () -> tunnel.ingress().connections() == 0);
            Await.until("no flow is left there", () -> tunnel.egress().connections() == 0);
        }
    }

    @Test
    void theOtherKindOfFlowIsRefused() throws Exception {
        try (Tunnel<UdpIngress> udp = tunnel(LIMITS);
                Tunnel<TcpIngress> tcp = Tunnel.tcp(server.address(), 1, LinkShape.UNSHAPED);
                Rendr other = Rendr.create()) {
            assertThatThrownBy(() -> other.dial(udp.endpoint().toUri()))
                    .isInstanceOfSatisfying(
                            FlowRefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(Egress.WRONG_KIND));
            assertThatThrownBy(() -> other.dialer(b -> b.path(tcp.endpoint())).dialPacket())
                    .isInstanceOfSatisfying(
                            FlowRefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(Egress.WRONG_KIND));
        }
    }

    @Test
    void aPortInUseIsNamed() throws Exception {
        InetSocketAddress taken = server.address();
        try (Rendr rendr = Rendr.create()) {
            assertThatThrownBy(() -> UdpIngress.open(taken, rendr.dialer(b -> b.path("tcp://127.0.0.1:1")), LIMITS))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + taken.getPort());
        }
    }
}
