// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.rendr.CloseReason;
import io.rendr.CloseReason.Kind;
import io.rendr.PathSpec;
import io.rendr.testkit.Await;
import io.rendr.testkit.CarrierProbe;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.RigDial;
import io.rendr.testkit.RigPort;
import io.rendr.testkit.TransportRig;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Peers that are wrong, and such that want to do harm. */
@ExtendWith(LeakGuard.class)
class QuicHostileTest {
    private static final int DATAGRAM = 1200;
    private static final int VERSION_1 = 1;
    private static final int NO_VERSION = 0x1a2a3a4a;

    private final QuicTransport quic = new QuicTransport();
    private TransportRig rig;

    @BeforeEach
    void open() {
        rig = Way.NIO.rig();
    }

    @AfterEach
    void close() {
        quic.close();
        rig.close();
    }

    private RigPort listen() {
        RigPort port = rig.bind(quic, PathSpec.of("quic://127.0.0.1:0").with(Certificates.acceptor()));
        Await.result(port.opened());
        return port;
    }

    private static PathSpec to(RawPeer peer) {
        return PathSpec.of("quic://127.0.0.1:" + peer.port() + "?name=raw").with(Certificates.dialer());
    }

    private CarrierProbe connected(RawPeer server) {
        CarrierProbe near = rig.dial(quic, to(server), Await.LONG).probe().start();
        near.send(1000);
        Await.result(server.stream());
        return near;
    }

    private static CloseReason end(CarrierProbe near) {
        CloseReason why = Await.result(near.closed());
        assertThat(why.detail()).contains("(raw)");
        assertThat(near.violations()).isEmpty();
        return why;
    }

    // Wrong

    @Test
    void anAcceptorOfAnotherProtocolIsNamed() throws Exception {
        try (RawPeer server = RawPeer.server("h3", b -> b)) {
            CloseReason why =
                    CloseReason.of(Await.failure(rig.dial(quic, to(server)).result()));
            assertThat(why.kind()).isEqualTo(Kind.TLS);
            assertThat(why.detail()).contains("no common application protocol (ALPN)", "(raw)");
        }
    }

    @Test
    void aDialerOfAnotherProtocolIsToldAndCounted() throws Exception {
        RigPort port = listen();
        try (RawPeer client = RawPeer.client()) {
            assertThat(client.connect("h3", port.dialSpec().socketAddress()).isSuccess())
                    .isFalse();
            CloseReason why = Await.result(port.accept().start().closed());
            assertThat(why.kind()).isEqualTo(Kind.TLS);
            assertThat(why.detail()).contains("no common application protocol (ALPN)", "quic://127.0.0.1");
        }
        port.close();
    }

    @Test
    void anIdleTimeoutOfThePeerIsNamed() throws Exception {
        try (RawPeer server = RawPeer.server(Alpn.STREAM.token(), b -> b.maxIdleTimeout(500, TimeUnit.MILLISECONDS))) {
            CloseReason why = end(connected(server));
            assertThat(why.kind()).isEqualTo(Kind.TIMEOUT);
            assertThat(why.detail()).contains("idle time-out");
        }
    }

    @Test
    void aStreamThatIsResetIsAReset() throws Exception {
        try (RawPeer server = RawPeer.server(Alpn.STREAM.token(), b -> b)) {
            CarrierProbe near = connected(server);
            server.stream().join().shutdownOutput(77);
            CloseReason why = end(near);
            assertThat(why.kind()).isEqualTo(Kind.RESET);
            assertThat(why.detail()).contains("reset the stream, with code 77");
        }
    }

    @Test
    void anApplicationErrorOfThePeerIsAReset() throws Exception {
        try (RawPeer server = RawPeer.server(Alpn.STREAM.token(), b -> b)) {
            CarrierProbe near = connected(server);
            QuicChannel channel = server.connection().join();
            channel.close(true, 42, Unpooled.copiedBuffer("go \u001b away", StandardCharsets.UTF_8));
            CloseReason why = end(near);
            assertThat(why.kind()).isEqualTo(Kind.RESET);
            assertThat(why.detail()).contains("error 42", "'go ? away'");
        }
    }

    /** An application's close before the handshake is confirmed may keep the codec busy for ever, see {@link CloseCode}. */
    @Test
    void noEndIsAnApplicationsClose() throws Exception {
        try (RawPeer server = RawPeer.server(Alpn.STREAM.token(), b -> b)) {
            connected(server).close(Kind.LOCAL);
            QuicConnectionCloseEvent cut = Await.result(server.closed());
            assertThat(cut.isApplicationClose()).isFalse();
            assertThat(cut.error()).isEqualTo(CloseCode.CUT).isEqualTo(0x0c);
        }
    }

    @Test
    void aTransportErrorOfThePeerIsABrokenProtocol() throws Exception {
        try (RawPeer server = RawPeer.server(Alpn.STREAM.token(), b -> b)) {
            CarrierProbe near = connected(server);
            server.connection().join().close(false, 0xa, Unpooled.EMPTY_BUFFER);
            CloseReason why = end(near);
            assertThat(why.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(why.detail()).contains("PROTOCOL_VIOLATION");
        }
    }

    @Test
    void aStatelessResetIsNoticed() throws Exception {
        byte[] token = new byte[16];
        new Random(7).nextBytes(token);
        try (RawPeer server = RawPeer.server(Alpn.STREAM.token(), b -> b.statelessResetToken(token))) {
            CarrierProbe near = connected(server);
            byte[] reset = new byte[60];
            new Random(8).nextBytes(reset);
            reset[0] = 0x41;
            System.arraycopy(token, 0, reset, reset.length - token.length, token.length);
            InetSocketAddress dialer = (InetSocketAddress) near.carrier().localAddress();
            byte[] forged = reset.clone();
            forged[forged.length - 1]++;
            server.socket().writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(forged), dialer));
            near.send(1000);
            server.socket().writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(reset), dialer));
            CloseReason why = end(near);
            assertThat(why.kind()).isEqualTo(Kind.RESET);
            assertThat(why.detail()).contains("stateless reset");
        }
    }

    @Test
    void aPeerOfAnotherVersionIsNamed() throws Exception {
        try (DatagramSocket other = socket()) {
            RigDial dial = rig.dial(
                    quic,
                    PathSpec.of("quic://127.0.0.1:" + other.getLocalPort() + "?name=raw")
                            .with(Certificates.dialer()),
                    Await.LONG);
            java.net.DatagramPacket initial = receive(other);
            byte[] sent = initial.getData();
            int idLength = sent[5];
            int sourceLength = sent[6 + idLength];
            ByteBuffer answer = ByteBuffer.allocate(7 + idLength + sourceLength + 4)
                    .put((byte) 0xc0)
                    .putInt(0)
                    .put((byte) sourceLength)
                    .put(sent, 7 + idLength, sourceLength)
                    .put((byte) idLength)
                    .put(sent, 6, idLength)
                    .putInt(NO_VERSION);
            other.send(new java.net.DatagramPacket(answer.array(), answer.position(), initial.getSocketAddress()));
            CloseReason why = CloseReason.of(Await.failure(dial.result()));
            assertThat(why.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(why.detail()).contains("no version of QUIC", "(raw)");
        }
    }

    // Harmful

    private static DatagramSocket socket() throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        socket.setSoTimeout((int) Await.LONG.toMillis());
        return socket;
    }

    private static java.net.DatagramPacket receive(DatagramSocket socket) throws IOException {
        java.net.DatagramPacket packet = new java.net.DatagramPacket(new byte[2048], 2048);
        socket.receive(packet);
        return packet;
    }

    /** Begins like an Initial packet, with a connection ID of the caller's, and holds nothing that can be deciphered. */
    private static byte[] initial(int version, int number, int size) {
        byte[] packet = new byte[size];
        new Random(number).nextBytes(packet);
        ByteBuffer.wrap(packet)
                .put((byte) 0xc3)
                .putInt(version)
                .put((byte) 8)
                .putLong(number)
                .put((byte) 8)
                .putLong(~number)
                .put((byte) 0)
                .putShort((short) (0x4000 | size - 26));
        return packet;
    }

    private static void send(DatagramSocket from, byte[] packet, RigPort to) throws IOException {
        InetSocketAddress address = to.dialSpec().socketAddress();
        from.send(new java.net.DatagramPacket(
                packet, packet.length, new InetSocketAddress(address.getHostString(), address.getPort())));
    }

    @Test
    void whoSpeaksAnotherVersionIsToldWhichIsSpoken() throws Exception {
        RigPort port = listen();
        try (DatagramSocket stranger = socket()) {
            send(stranger, initial(NO_VERSION, 1, 200), port); // too small for any answer
            send(stranger, initial(NO_VERSION, 2, DATAGRAM), port);
            java.net.DatagramPacket answer = receive(stranger);
            ByteBuf read = Unpooled.wrappedBuffer(answer.getData(), 0, answer.getLength());
            assertThat(read.getInt(1)).as("version negotiation").isZero();
            assertThat(read.getLong(6)).as("the answer to the second").isEqualTo(~2L);
            assertThat(read.getInt(23)).isEqualTo(VERSION_1);
        }
        port.close();
    }

    @Test
    void aFloodOfInitialsHoldsLittleAndKeepsNobodyOut() throws Exception {
        RigPort port = listen();
        QuicPort bound = (QuicPort) Await.result(port.opened());
        CarrierProbe before = rig.dial(quic, port.dialSpec()).probe().start();
        CarrierProbe there = port.accept().start();
        try (DatagramSocket flooder = socket()) {
            long sent = 0;
            long received = 0;
            int retries = 0;
            for (int i = 1; i <= 3000; i++) {
                send(flooder, initial(VERSION_1, i, DATAGRAM), port);
                sent += DATAGRAM;
                if (i % 50 == 0) {
                    // What is answered for sure, after all others: so none is lost for want of a buffer.
                    send(flooder, initial(NO_VERSION, i, DATAGRAM), port);
                    ByteBuf answer;
                    do {
                        java.net.DatagramPacket packet = receive(flooder);
                        answer = Unpooled.wrappedBuffer(packet.getData(), 0, packet.getLength());
                        received += packet.getLength();
                        retries += answer.getInt(1) == VERSION_1 && (answer.getByte(0) & 0xf0) == 0xf0 ? 1 : 0;
                    } while (answer.getInt(1) != 0);
                }
            }
            assertThat(retries).as("Retry packets").isGreaterThan(1500);
            assertThat(received).isLessThan(sent);
            before.run(() -> assertThat(bound.unproven()).isLessThanOrEqualTo(Admission.MOST_PER_SOURCE));
            CarrierProbe near =
                    rig.dial(quic, port.dialSpec(), Await.LONG).probe().start();
            CarrierProbe far = port.accept().start();
            near.send(100_000);
            before.send(100_000);
            Await.until(
                    () -> "both are served: " + near + far + before + there,
                    () -> far.received() == 100_000 && there.received() == 100_000);
            near.close(Kind.LOCAL);
            Await.result(far.closed());
        }
        before.close(Kind.LOCAL);
        Await.result(there.closed());
        port.close();
    }

    @Test
    void garbageIsNotAnswered() throws Exception {
        RigPort port = listen();
        Random random = new Random(3);
        try (DatagramSocket stranger = socket()) {
            for (int i = 0; i < 2000; i++) {
                byte[] garbage = new byte[random.nextInt(1500)];
                random.nextBytes(garbage);
                if (garbage.length > 0) {
                    garbage[0] &= 0x7f; // of a connection that there is not
                }
                send(stranger, garbage, port);
            }
            CarrierProbe near =
                    rig.dial(quic, port.dialSpec(), Await.LONG).probe().start();
            CarrierProbe far = port.accept().start();
            near.send(1000);
            Await.until("served", () -> far.received() == 1000);
            stranger.setSoTimeout(1);
            java.net.DatagramPacket answer = new java.net.DatagramPacket(new byte[2048], 2048);
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> stranger.receive(answer)))
                    .as(() -> "answered with " + Arrays.toString(Arrays.copyOf(answer.getData(), 8)))
                    .isInstanceOf(SocketTimeoutException.class);
            near.close(Kind.LOCAL);
            Await.result(far.closed());
        }
        port.close();
    }
}
