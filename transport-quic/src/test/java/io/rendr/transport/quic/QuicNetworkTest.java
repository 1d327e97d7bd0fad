// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.rendr.CloseReason.Kind;
import io.rendr.PathSpec;
import io.rendr.TlsConfig;
import io.rendr.testkit.Await;
import io.rendr.testkit.CarrierProbe;
import io.rendr.testkit.RigPort;
import io.rendr.testkit.TransportRig;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What sockets, interfaces and strangers do to a path. */
class QuicNetworkTest {
    private static final int EIO = -5;
    private static final int ID = 20;

    private final QuicTransport quic = new QuicTransport();
    private final List<CarrierProbe> probes = new ArrayList<>();
    private final AtomicInteger refused = new AtomicInteger();
    private boolean refusesSegments;
    private volatile byte @Nullable [] id;
    private TransportRig rig;
    private RigPort port;
    private CarrierProbe near;
    private CarrierProbe far;

    private void open(Way way, String at) {
        rig = way.rig(() -> {
            DatagramChannel channel = way == Way.EPOLL ? new EpollDatagramChannel() : new NioDatagramChannel();
            channel.pipeline().addFirst(new Watch());
            return channel;
        });
        port = rig.bind(quic, PathSpec.of("quic://" + at + ":0").with(Certificates.acceptor()));
        Await.result(port.opened());
        TlsConfig tls = TlsConfig.builder()
                .trust(Certificates.AUTHORITY.getCertificatePEM())
                .serverName("localhost")
                .build();
        near = rig.dial(quic, port.dialSpec().with(tls), Await.LONG).probe().start();
        far = port.accept().start();
        probes.addAll(List.of(near, far));
    }

    /** The network below a socket: sees the connection ID that the dialer sends to, and may refuse what is more than one datagram. */
    private final class Watch extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ByteBuf content = ((DatagramPacket) message).content();
            if (context.channel().remoteAddress() != null
                    && content.readableBytes() > ID
                    && content.getByte(content.readerIndex()) >= 0) {
                byte[] seen = new byte[ID];
                content.getBytes(content.readerIndex() + 1, seen);
                id = seen;
            }
            if (refusesSegments && message instanceof SegmentedDatagramPacket) {
                refused.incrementAndGet();
                ReferenceCountUtil.release(message);
                promise.tryFailure(Errors.newIOException("sendmsg", EIO));
            } else {
                context.write(message, promise);
            }
        }
    }

    private void exchange(long bytes) {
        long atNear = near.received() + bytes;
        long atFar = far.received() + bytes;
        near.send(bytes);
        far.send(bytes);
        Await.until(
                () -> "both ways: " + near + ", " + far, () -> near.received() == atNear && far.received() == atFar);
    }

    @AfterEach
    void close() {
        probes.forEach(probe -> probe.close(Kind.ERROR));
        port.close();
        quic.close();
        rig.close();
        probes.forEach(probe -> assertThat(probe.violations()).isEmpty());
    }

    @Test
    void anInterfaceWithoutSegmentationIsSentOneAtATime() {
        refusesSegments = true;
        open(Way.EPOLL, "127.0.0.1");
        exchange(1 << 20);
        assertThat(refused.get()).isBetween(1, 8); // each end finds out
    }

    @ParameterizedTest
    @CsvSource({"EPOLL,0.0.0.0", "NIO,0.0.0.0", "EPOLL,[::]", "NIO,[::]"})
    void anEndpointAtEveryAddressIsDialedAtLoopback(Way way, String at) {
        open(way, at);
        exchange(1000);
    }

    /** Everybody on the way sees the connection ID, and can send something with it from anywhere. */
    @ParameterizedTest
    @EnumSource
    void nobodyIsAnsweredWhoIsNotThePeer(Way way) throws IOException {
        open(way, "127.0.0.1");
        exchange(100_000);
        byte[] garbage = new byte[60];
        new Random(5).nextBytes(garbage);
        garbage[0] = 0x41;
        System.arraycopy(id, 0, garbage, 1, ID);
        InetSocketAddress to = port.dialSpec().socketAddress();
        try (DatagramSocket stranger = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            for (int i = 0; i < 100; i++) {
                stranger.send(new java.net.DatagramPacket(
                        garbage, garbage.length, new InetSocketAddress(to.getHostString(), to.getPort())));
                exchange(20_000);
            }
            stranger.setSoTimeout(1);
            java.net.DatagramPacket any = new java.net.DatagramPacket(new byte[2048], 2048);
            assertThatThrownBy(() -> stranger.receive(any)).isInstanceOf(SocketTimeoutException.class);
        }
        assertThat(far.carrier().remoteAddress()).isEqualTo(near.carrier().localAddress());
    }
}
