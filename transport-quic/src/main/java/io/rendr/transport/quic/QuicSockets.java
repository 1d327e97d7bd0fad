// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramChannelConfig;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.rendr.PathSpec;
import io.rendr.spi.CarrierContext;
import io.rendr.spi.LocalAddress;
import io.rendr.udp.BufferCheck;
import io.rendr.udp.UdpOpening;
import io.rendr.udp.UdpTuning;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the sockets of one path or endpoint, all alike; a path that moves has more than one in its life. */
final class QuicSockets {
    /** Room for one packet; the peer is told not to send larger ones. */
    static final int SMALLEST_READ = 2048;

    private static final int READS_BY_RECVMMSG = 32;

    /** Datagrams between two {@code channelReadComplete}. */
    private static final int DATAGRAMS_PER_BATCH = 256;

    /** The same with NIO, which reads them all, each into a buffer of its own, before it hands over the first. */
    private static final int DATAGRAMS_PER_NIO_BATCH = 64;

    /** Of 1452 bytes, what fits the 64 KiB of a system call. */
    private static final int MAX_SEGMENTS = 44;

    private static final Logger LOG = LoggerFactory.getLogger(QuicSockets.class);

    private final CarrierContext context;
    private final EventLoop loop;
    private final ChannelFactory<? extends DatagramChannel> factory;
    private final PathSpec spec;
    private final BufferCheck check;
    private final OpenSockets all;
    private final boolean epoll;
    private final boolean gso;
    private final int payload;
    private final Segments segments = new Segments();

    /**
     * @throws IllegalArgumentException if the runtime has no datagram channels
     */
    QuicSockets(CarrierContext request, BufferCheck check, OpenSockets all) {
        this.all = all;
        this.context = request;
        this.loop = request.eventLoop();
        this.factory = request.channelFactory(DatagramChannel.class);
        this.spec = request.spec();
        this.check = check;
        this.epoll = UdpTuning.isEpoll(loop);
        this.gso = epoll && spec.option(QuicOptions.GSO) && EpollDatagramChannel.isSegmentedDatagramPacketSupported();
        this.payload = spec.option(QuicOptions.MAX_UDP_PAYLOAD);
    }

    EventLoop loop() {
        return loop;
    }

    /** Where a carrier goes that is told to move, and has to start from somewhere, or anywhere. */
    CompletionStage<SocketAddress> target(@Nullable LocalAddress from, SocketAddress wanted, InetSocketAddress remote) {
        return from == null ? CompletableFuture.completedFuture(wanted) : from.rebindTo(context, wanted, remote);
    }

    /** Whether the runtime closes, so that none is to be opened any more. */
    boolean areClosed() {
        return all.isClosed() || loop.isShuttingDown();
    }

    /** Makes one system call of packets of equal size, if these sockets can. */
    SegmentedDatagramPacketAllocator segments() {
        return gso ? segments : SegmentedDatagramPacketAllocator.NONE;
    }

    /** Until the system refuses them: not every interface takes what the kernel can do. What was refused is lost like any packet. */
    private final class Segments extends ChannelOutboundHandlerAdapter implements SegmentedDatagramPacketAllocator {
        private boolean refused;

        @Override
        public int maxNumSegments() {
            return refused ? 0 : Math.min(MAX_SEGMENTS, 0xffff / payload);
        }

        @Override
        public DatagramPacket newPacket(ByteBuf buffer, int segmentSize, InetSocketAddress remoteAddress) {
            return new SegmentedDatagramPacket(buffer, segmentSize, remoteAddress);
        }

        @Override
        public boolean isSharable() {
            return true; // all sockets of a path or endpoint are on one event loop
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (!(message instanceof SegmentedDatagramPacket)) {
                context.write(message, promise);
                return;
            }
            context.write(message, promise.unvoid()).addListener(done -> {
                if (!refused && !done.isSuccess() && UdpTuning.refusesSegments(done.cause())) {
                    refused = true;
                    LOG.warn(
                            "{}: the system does not send several datagrams in one call here, and is given one at a time: {}",
                            spec.name(),
                            done.cause().getMessage());
                }
            });
        }
    }

    /**
     * Opens one that reads at once. On the event loop, on which the result completes too.
     *
     * @param local where; null for whatever the kernel chooses
     * @param remote where it is connected to; null for none
     * @param handler takes what arrives
     */
    CompletionStage<DatagramChannel> open(
            @Nullable SocketAddress local, @Nullable InetSocketAddress remote, ChannelHandler handler) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channelFactory(factory)
                .handler(new ChannelInitializer<DatagramChannel>() {
                    @Override
                    protected void initChannel(DatagramChannel channel) {
                        all.add(channel); // from the first, as event loops that end leave it open
                        tune(channel.config());
                        channel.pipeline().addLast(segments);
                        channel.pipeline().addLast(handler);
                    }
                });
        return UdpOpening.open(bootstrap, local, remote).thenApply(this::checked);
    }

    private DatagramChannel checked(DatagramChannel channel) {
        check.look(
                channel.config(),
                spec,
                epoll,
                spec.option(QuicOptions.SEND_BUFFER),
                spec.option(QuicOptions.RECEIVE_BUFFER));
        return channel;
    }

    private void tune(DatagramChannelConfig config) {
        config.setAllocator(PooledByteBufAllocator.DEFAULT);
        UdpTuning.buffers(config, spec.option(QuicOptions.SEND_BUFFER), spec.option(QuicOptions.RECEIVE_BUFFER));
        UdpTuning.dontFragment(config, epoll);
        int read = Math.max(SMALLEST_READ, payload);
        if (epoll) {
            config.setOption(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, read);
            read *= READS_BY_RECVMMSG;
        }
        config.setRecvByteBufAllocator(new FixedRecvByteBufAllocator(read)
                .maxMessagesPerRead(epoll ? DATAGRAMS_PER_BATCH : DATAGRAMS_PER_NIO_BATCH));
    }
}
