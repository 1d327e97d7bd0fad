// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.rendr.OptionKey;
import io.rendr.transport.udpflow.UdpFlowOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The baseline for packets: a plain UDP socket of Netty at each end, on epoll where there is one, with the buffers and the
 * offload that rendr's carriers over UDP use. Nothing is sealed, numbered, acknowledged or held back, and what arrives is
 * counted on the event loop.
 */
final class Datagrams implements AutoCloseable {
    private static final int READ = 64 << 10;
    private static final int DATAGRAMS_PER_BATCH = Epoll.isAvailable() ? 256 : 16;
    /** As much as waits in a carrier of rendr. */
    private static final int QUEUE = 1 << 20;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(
            1,
            new DefaultThreadFactory("baseline-udp", true),
            Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());

    /** What the sockets are and can, for people. */
    static String kind() {
        return !Epoll.isAvailable() ? "nio" : isSegmenting() ? "epoll, UDP_SEGMENT and UDP_GRO" : "epoll, sendmmsg";
    }

    private static boolean isSegmenting() {
        return Epoll.isAvailable() && EpollDatagramChannel.isSegmentedDatagramPacketSupported();
    }

    /** Listens, and shows the meter what comes. Returns the port. */
    int sink(PacketMeter meter) throws Exception {
        Channel channel = bootstrap(new PacketSink(meter))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Opens a socket that is connected to a port. */
    PacketOut source(int port) throws Exception {
        Channel channel = bootstrap(new ChannelInboundHandlerAdapter())
                .connect(InetAddress.getLoopbackAddress(), port)
                .sync()
                .channel();
        return new Source((DatagramChannel) channel);
    }

    private Bootstrap bootstrap(ChannelHandler handler) {
        ChannelFactory<DatagramChannel> factory =
                Epoll.isAvailable() ? EpollDatagramChannel::new : NioDatagramChannel::new;
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channelFactory(factory)
                .option(ChannelOption.SO_SNDBUF, size(UdpFlowOptions.SEND_BUFFER))
                .option(ChannelOption.SO_RCVBUF, size(UdpFlowOptions.RECEIVE_BUFFER))
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(QUEUE / 2, QUEUE))
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(READ).maxMessagesPerRead(DATAGRAMS_PER_BATCH))
                .handler(handler);
        return isSegmenting() ? bootstrap.option(EpollChannelOption.UDP_GRO, true) : bootstrap;
    }

    private static int size(OptionKey<Long> option) {
        return option.defaultValue().orElseThrow().intValue();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, SECONDS).awaitUninterruptibly();
    }

    private record Source(DatagramChannel channel) implements PacketOut {
        @Override
        public void send(List<ByteBuffer> packets) throws IOException {
            PacketOut.await(channel::isWritable);
            ByteBuf data = channel.alloc().directBuffer(packets.size() * PacketMeter.SIZE);
            packets.forEach(data::writeBytes);
            if (isSegmenting() && packets.size() > 1) {
                channel.writeAndFlush(
                        new SegmentedDatagramPacket(data, PacketMeter.SIZE, null, channel.localAddress()),
                        channel.voidPromise());
                return;
            }
            channel.eventLoop().execute(() -> {
                while (data.readableBytes() > PacketMeter.SIZE) {
                    channel.write(data.readRetainedSlice(PacketMeter.SIZE), channel.voidPromise());
                }
                channel.writeAndFlush(data, channel.voidPromise());
            });
        }

        @Override
        public void close() {
            channel.close().awaitUninterruptibly();
        }
    }
}
