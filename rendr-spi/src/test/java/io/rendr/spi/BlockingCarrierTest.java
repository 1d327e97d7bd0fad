// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.CloseReason;
import io.rendr.CloseReason.Kind;
import io.rendr.PathSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlockingCarrierTest {
    private static final CloseReason ORDERLY = CloseReason.of(Kind.LOCAL, "test");
    private static final CloseReason DEAD = CloseReason.of(Kind.TIMEOUT, "test");

    private final Lab lab = new Lab();
    private final Lab.Dial request = lab.new Dial(PathSpec.of("sock://h:1"), Duration.ofSeconds(10));

    /** Fails if a thread of a carrier is left. */
    @AfterEach
    void end() {
        lab.close();
    }

    private interface Maker {
        StreamCarrier make(Socket socket) throws Exception;
    }

    private void bothWays(Maker left, Maker right) throws Exception {
        int total = 8 << 20;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            SocketChannel channel = SocketChannel.open(server.getLocalSocketAddress());
            StreamCarrier a = left.make(channel.socket());
            StreamCarrier b = right.make(server.accept());
            Lab.Pump there = new Lab.Pump(a, total, 50_000, total);
            Lab.Pump back = new Lab.Pump(b, total, 300_000, total);
            lab.run(a, there::begin);
            lab.run(b, back::begin);
            there.awaitBytes();
            back.awaitBytes();

            assertThat(back.hash()).isEqualTo(there.sentHash());
            assertThat(there.hash()).isEqualTo(back.sentHash());
            assertThat(there.wakes).isPositive();
            assertThat(there.mostQueued).isLessThanOrEqualTo(256 * 1024);
            assertThat(there.calledBack || back.calledBack).isFalse();

            lab.run(a, () -> a.close(ORDERLY));
            assertThat(there.awaitClosed()).isSameAs(ORDERLY);
            assertThat(back.awaitClosed().kind()).isEqualTo(Kind.PEER_CLOSED);
            assertThat(there.afterEnd || back.afterEnd).isFalse();
        }
    }

    @Test
    void movesBytesOverSockets() throws Exception {
        bothWays(
                s -> Carriers.ofSocket(request, s, CarrierTraits.STREAM),
                s -> Carriers.ofSocket(request, s, CarrierTraits.STREAM));
    }

    @Test
    void movesBytesOverByteChannelsAndStreams() throws Exception {
        bothWays(
                s -> Carriers.ofByteChannel(request, s.getChannel(), CarrierTraits.STREAM),
                s -> Carriers.ofStreams(
                        request,
                        s.getInputStream(),
                        s.getOutputStream(),
                        s,
                        CarrierTraits.STREAM,
                        Carriers.opaque("here"),
                        Carriers.opaque("there")));
    }

    @Test
    void closingEndsAReadAndAWriteThatBlock() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
            StreamCarrier carrier = Carriers.ofSocket(request, socket, CarrierTraits.STREAM);
            try (Socket peer = server.accept()) {
                Lab.Pump pump = new Lab.Pump(carrier, 64 << 20, 65536, Long.MAX_VALUE);
                lab.run(carrier, pump::begin); // nobody reads, so the writer is stuck
                lab.run(carrier, () -> carrier.close(DEAD));
                assertThat(pump.awaitClosed()).isSameAs(DEAD);
                assertThatThrownBy(() -> peer.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
                lab.run(carrier, () -> {
                    ByteBuf late = Unpooled.directBuffer(8).writeZero(8);
                    carrier.write(late);
                    carrier.flush();
                    assertThat(late.refCnt()).isZero();
                    assertThat(carrier.credit()).isZero();
                    assertThat(carrier.queued()).isZero();
                    carrier.close(ORDERLY);
                });
                assertThat(pump.ends).isEqualTo(1);
            }
        }
    }

    /** A pipe whose reader only wakes up when it is interrupted, such as that of a process. */
    private static final class DeafStreams implements AutoCloseable {
        final CountDownLatch reading = new CountDownLatch(1);
        final CountDownLatch closed = new CountDownLatch(1);

        final InputStream in = new InputStream() {
            @Override
            public int read() throws IOException {
                reading.countDown();
                try {
                    new CountDownLatch(1).await();
                    return -1;
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        };

        @Override
        public void close() {
            closed.countDown();
        }
    }

    @Test
    void closingInterruptsWhatDoesNotHearIt() throws Exception {
        DeafStreams streams = new DeafStreams();
        StreamCarrier carrier = Carriers.ofStreams(
                request,
                streams.in,
                OutputStream.nullOutputStream(),
                streams,
                CarrierTraits.STREAM,
                Carriers.opaque("here"),
                Carriers.opaque("there"));
        Lab.Ear ear = new Lab.Ear();
        lab.run(carrier, () -> carrier.start(ear));
        assertThat(streams.reading.await(30, TimeUnit.SECONDS)).isTrue();
        lab.run(carrier, () -> carrier.close(ORDERLY));
        assertThat(ear.awaitClosed()).isSameAs(ORDERLY);
        assertThat(streams.closed.await(30, TimeUnit.SECONDS)).isTrue();
        lab.threads.shutdown();
        assertThat(lab.threads.awaitTermination(30, TimeUnit.SECONDS))
                .as("its threads end")
                .isTrue();
    }

    @Test
    void aFailedReadIsItsEnd() throws Exception {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new SocketException("Connection reset");
            }
        };
        StreamCarrier carrier = Carriers.ofStreams(
                request,
                broken,
                OutputStream.nullOutputStream(),
                () -> {},
                CarrierTraits.STREAM,
                Carriers.opaque("here"),
                Carriers.opaque("there"));
        Lab.Ear ear = new Lab.Ear();
        lab.run(carrier, () -> carrier.start(ear));
        assertThat(ear.awaitClosed().kind()).isEqualTo(Kind.RESET);
        assertThatThrownBy(() -> lab.run(carrier, () -> carrier.start(ear))).hasMessageContaining("started twice");
    }

    @Test
    void acceptsOnAThreadUntilItsSocketFails() throws Exception {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Lab.Bind bind = lab.new Bind(PathSpec.of("sock://h:1"));
        BoundPort port = acceptLoop(bind, server);
        assertThat(port.localAddress()).isEqualTo(server.getLocalSocketAddress());
        try (Socket peer = new Socket(server.getInetAddress(), server.getLocalPort())) {
            StreamCarrier accepted = bind.next();
            assertThat(accepted.remoteAddress()).isEqualTo(peer.getLocalSocketAddress());
            lab.run(accepted, () -> accepted.close(ORDERLY));
            assertThat(peer.getInputStream().read()).isEqualTo(-1);
        }
        server.close();
        assertThat(bind.failure.get(30, TimeUnit.SECONDS)).isInstanceOf(SocketException.class);
    }

    @Test
    void aClosedAcceptLoopDoesNotFail() throws Exception {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Lab.Bind bind = lab.new Bind(PathSpec.of("sock://h:1"));
        BoundPort port = acceptLoop(bind, server);
        port.close();
        port.close();
        assertThat(server.isClosed()).isTrue();
        lab.threads.shutdown();
        assertThat(lab.threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        lab.on(lab.loop, () -> null); // what the loop reports, it reports there
        assertThat(bind.failure).isNotDone();
    }

    @Test
    void whatIsAcceptedUnwantedIsClosed() throws Exception {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Lab.Bind bind = lab.new Bind(PathSpec.of("sock://h:1"));
        bind.accepting = false;
        BoundPort port = acceptLoop(bind, server);
        try (Socket peer = new Socket(server.getInetAddress(), server.getLocalPort())) {
            assertThatThrownBy(() -> peer.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        port.close();
    }

    private static BoundPort acceptLoop(Lab.Bind bind, ServerSocket server) {
        return Carriers.acceptLoop(
                bind,
                server,
                server.getLocalSocketAddress(),
                bind.spec(),
                () -> Carriers.ofSocket(bind, server.accept(), CarrierTraits.STREAM));
    }
}
