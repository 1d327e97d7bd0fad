// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rendr.Acceptor;
import io.rendr.CloseReason;
import io.rendr.Conn;
import io.rendr.DatagramCounters;
import io.rendr.DialException;
import io.rendr.Dialer;
import io.rendr.PacketConn;
import io.rendr.PacketTooLargeException;
import io.rendr.PathInfo;
import io.rendr.PathSpec;
import io.rendr.PathState;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What strangers and bad networks send to real UDP ports, and what becomes of the flows there. */
@Timeout(120)
class HostileDatagramsTest {
    private static final int FORM = 0;
    private static final int HANDSHAKE = 0x41;
    private static final int ID_END = 9;
    private static final int FLOOD = 5_000;
    private static final List<Path> SOCKETS = List.of(Path.of("/proc/net/udp"), Path.of("/proc/net/udp6"));

    private Rendr here;
    private Rendr there;
    private Acceptor acceptor;
    private Meddler between;
    private DatagramSocket stranger;

    @BeforeEach
    void open() throws Exception {
        here = Rendr.create();
        there = Rendr.create();
        acceptor = there.listen("udpflow://127.0.0.1:0", "tcp://127.0.0.1:0");
        between = new Meddler(acceptor.endpoints().get(0));
        stranger = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
        between.close();
        stranger.close();
    }

    private void say(byte[] datagram) throws IOException {
        stranger.send(new DatagramPacket(
                datagram,
                datagram.length,
                InetAddress.getLoopbackAddress(),
                acceptor.endpoints().get(0).socketAddress().getPort()));
    }

    private static void echo(StreamConn near, StreamConn far, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            near.write(ByteBuffer.wrap(new byte[] {(byte) i}));
            assertThat((byte) far.inputStream().read()).isEqualTo((byte) i);
            far.write(ByteBuffer.wrap(new byte[] {(byte) ~i}));
            assertThat((byte) near.inputStream().read()).isEqualTo((byte) ~i);
        }
    }

    private static DatagramCounters met(Conn conn) {
        return conn.admin().stats().datagrams();
    }

    private static void until(BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            Thread.onSpinWait(); // the test's own time limit ends it
        }
    }

    /** A packet of the flow that is under way, as the network saw it. */
    private byte[] packet() {
        List<byte[]> packets = between.overheard(datagram -> datagram[FORM] != HANDSHAKE);
        return packets.get(packets.size() - 1);
    }

    @Test
    void greetingsOfStrangersCostNothingAndAreAnsweredWithNoMoreThanTheyBrought() throws Exception {
        StreamConn near = here.dialer(b -> b.path(between.endpoint())).dial();
        StreamConn far = acceptor.accept();
        byte[] hello =
                between.overheard(datagram -> datagram[FORM] == HANDSHAKE).get(0);
        long confirmed = there.status().handshakes().confirmed();
        long in = 0;
        long out = 0;
        stranger.setSoTimeout(1);
        DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
        for (int i = 0; i < FLOOD; i++) {
            byte[] greeting = hello.clone();
            greeting[greeting.length - 1 - i % 32] ^= (byte) (1 + i / 32);
            say(greeting);
            in += greeting.length;
            try {
                stranger.receive(answer);
                out += answer.getLength();
            } catch (SocketTimeoutException e) {
                continue; // not every one is answered
            }
        }
        echo(near, far, 10);
        assertThat(out).as("it was heard").isPositive().isLessThanOrEqualTo(in);
        assertThat(there.status().handshakes().open())
                .as("nothing is kept of them")
                .isZero();
        assertThat(there.status().handshakes().confirmed()).isEqualTo(confirmed);
        assertThat(acceptor.flowIds()).containsExactly(far.flowId());
        near.abort(0);
    }

    @Test
    void aPacketWithAnyBitChangedOrCutShortIsNeitherTakenNorFollowed() throws Exception {
        StreamConn near = here.dialer(b -> b.path(between.endpoint())).dial();
        StreamConn far = acceptor.accept();
        echo(near, far, 3);
        CompletableFuture<byte[]> next = between.withhold();
        near.write(ByteBuffer.wrap(new byte[] {7}));
        byte[] genuine = next.get();
        DatagramCounters before = met(far);
        int reachTheCheck = 0;
        for (int at = 0; at < genuine.length; at++) {
            byte[] forged = genuine.clone();
            forged[at] ^= (byte) (1 << at % 8);
            say(forged);
            // With another first byte or connection id it is nobody's.
            reachTheCheck += at >= ID_END ? 1 : 0;
        }
        int expected = reachTheCheck;
        until(() -> met(far).forged() - before.forged() >= expected);
        for (int length = 0; length < genuine.length; length++) {
            say(Arrays.copyOf(genuine, length));
        }
        assertThat(far.inputStream().read()).as("what was withheld, sent again").isEqualTo(7);
        echo(near, far, 3);
        assertThat(met(far).addressesChecked()).isEqualTo(before.addressesChecked());
        assertThat(met(far).addressesFollowed()).isEqualTo(before.addressesFollowed());
        assertThat(far.admin().stats().counters().carriersLost()).isZero();
        near.abort(0);
    }

    @Test
    void aRecordedPacketIsNotTakenAgainAndItsSenderNotFollowed() throws Exception {
        StreamConn near = here.dialer(b -> b.path(between.endpoint())).dial();
        StreamConn far = acceptor.accept();
        echo(near, far, 3);
        DatagramCounters before = met(far);
        byte[] genuine = packet();
        for (int i = 0; i < 100; i++) {
            say(genuine);
        }
        until(() -> met(far).replayed() - before.replayed() >= 100);
        echo(near, far, 3);
        assertThat(met(far).addressesFollowed()).isEqualTo(before.addressesFollowed());
        near.abort(0);
    }

    @Test
    void anAddressThatChangesIsFollowedOnceItAnswers() throws Exception {
        StreamConn near = here.dialer(b -> b.path(between.endpoint())).dial();
        StreamConn far = acceptor.accept();
        echo(near, far, 3);
        for (int i = 1; i <= 5; i++) {
            between.rebind();
            int times = i;
            echo(near, far, 3);
            until(() -> met(far).addressesFollowed() == times);
        }
        assertThat(far.admin().stats().counters().carriersLost()).isZero();
        assertThat(near.admin().stats().counters().carriersLost()).isZero();
        near.abort(0);
    }

    @Test
    void packetsOfAnySizeUpToTheLargestArriveAsTheyAre() throws Exception {
        PacketConn near = here.dialer(b -> b.path(between.endpoint()).maxPacketSize(1_300))
                .dialPacket();
        PacketConn far = acceptor.acceptPacket();
        ByteBuffer room = ByteBuffer.allocate(2_000);
        for (int size : new int[] {0, 1, 0, 1_300, 0}) {
            near.send(ByteBuffer.allocate(size));
            assertThat(far.receive(room.clear())).isEqualTo(size);
        }
        long sent = near.admin().stats().packets().sent();
        for (int size : new int[] {1_301, 65_507}) {
            assertThatThrownBy(() -> near.send(ByteBuffer.allocate(size)))
                    .isInstanceOfSatisfying(
                            PacketTooLargeException.class,
                            e -> assertThat(e.limit()).isEqualTo(1_300));
        }
        near.send(ByteBuffer.wrap(new byte[] {7}));
        assertThat(far.receive(room.clear())).isEqualTo(1);
        assertThat(near.admin().stats().packets().sent()).isEqualTo(sent + 1);
        near.abort(0);
    }

    @Test
    void aPathThatBecomesTooSmallIsLeftAndSaysWhy() throws Exception {
        PathSpec tcp = acceptor.endpoints().get(1).with("name", "tcp").with("backup", "true");
        PacketConn near = here.dialer(b -> b.path(between.endpoint().with("name", "udp"))
                        .path(tcp)
                        .repairTtl(Duration.ofSeconds(60))
                        .maxPacketSize(1_300))
                .dialPacket();
        PacketConn far = acceptor.acceptPacket();
        ByteBuffer room = ByteBuffer.allocate(2_000);
        int number = 0;
        for (; number < 20; number++) {
            near.send(ByteBuffer.allocate(1_300).putInt(0, number));
            far.receive(room.clear());
        }
        between.narrow(1_250);
        while (path(near, "udp").state() != PathState.DOWN) {
            near.send(ByteBuffer.allocate(1_300).putInt(0, number));
            assertThat(far.receive(room.clear())).isEqualTo(1_300);
            assertThat(room.getInt(0)).isEqualTo(number++);
        }
        assertThat(between.dropped()).as("large datagrams that were lost").isPositive();
        CloseReason why = path(near, "udp").lastError();
        assertThat(why).isNotNull();
        assertThat(why.toString()).contains("at most", "1300");
        assertThat(path(near, "tcp").active()).isTrue();
        near.abort(0);
    }

    @Test
    void aDialForPacketsThatAreTooLargeNamesTheSizeThatWorks() throws Exception {
        between.narrow(1_250);
        Dialer large = here.dialer(b -> b.path(between.endpoint()).maxPacketSize(1_300));
        DialException refused = catchThrowableOfType(DialException.class, large::dialPacket);
        assertThat(refused).hasMessageContaining("1300 bytes");
        assertThat(between.dropped()).as("large datagrams that were lost").isPositive();
        Matcher most = Pattern.compile("maxPacketSize (\\d+)").matcher(refused.getMessage());
        assertThat(most.find()).as(refused.getMessage()).isTrue();
        int works = Integer.parseInt(most.group(1));
        PacketConn near = here.dialer(b -> b.path(between.endpoint()).maxPacketSize(works))
                .dialPacket();
        PacketConn far = acceptor.acceptPacket();
        near.send(ByteBuffer.allocate(works));
        assertThat(far.receive(ByteBuffer.allocate(2_000))).isEqualTo(works);
        near.abort(0);
    }

    private static PathInfo path(Conn conn, String name) {
        return conn.admin().stats().paths().stream()
                .filter(path -> path.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPortThatNobodyListensAtIsLeftWithoutAnError() throws Exception {
        StreamConn near = here.dialer(b -> b.path(between.endpoint().with("name", "udp"))
                        .path(acceptor.endpoints().get(1).with("name", "tcp").with("backup", "true")))
                .dial();
        StreamConn far = acceptor.accept();
        echo(near, far, 3);
        between.close(); // from now on the kernel answers for its port: unreachable
        echo(near, far, 20);
        assertThat(path(near, "tcp").active()).isTrue();
        near.abort(0);
    }

    @Test
    void fullSocketBuffersLoseDatagramsAndNoByte() throws Exception {
        assumeTrue(Files.isReadable(SOCKETS.get(0)), "only Linux tells what a socket had no room for");
        byte[] sent = new byte[64 << 10];
        new Random(1).nextBytes(sent);
        try (Acceptor small = there.listen("udpflow://127.0.0.1:0?receiveBuffer=4KiB&sendBuffer=4KiB")) {
            PathSpec endpoint = small.endpoints().get(0);
            StreamConn near = here.dialer(
                            b -> b.path(endpoint.with("receiveBuffer", "4KiB").with("sendBuffer", "4KiB")))
                    .dial();
            StreamConn far = small.accept();
            do {
                CompletableFuture<Void> both = CompletableFuture.allOf(
                        CompletableFuture.runAsync(() -> write(near, sent)),
                        CompletableFuture.runAsync(() -> write(far, sent)));
                assertThat(near.inputStream().readNBytes(sent.length)).isEqualTo(sent);
                assertThat(far.inputStream().readNBytes(sent.length)).isEqualTo(sent);
                both.join();
            } while (hadNoRoom(endpoint.socketAddress().getPort()) == 0);
            near.abort(0);
        }
    }

    /** Datagrams that the kernel dropped since the socket that is bound to a port was full. */
    private static long hadNoRoom(int port) throws IOException {
        long drops = 0;
        for (Path table : SOCKETS) {
            for (String line : Files.readAllLines(table)) {
                String[] words = line.trim().split(" +");
                if (words[1].endsWith(":%04X".formatted(port))) {
                    drops += Long.parseLong(words[words.length - 1]);
                }
            }
        }
        return drops;
    }

    static void write(StreamConn conn, byte[] bytes) {
        try {
            conn.write(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
