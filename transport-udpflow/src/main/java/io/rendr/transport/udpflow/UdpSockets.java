// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramChannelConfig;
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

/** Opens the sockets of one path or endpoint, all alike; a path that moves has more than one in its life. */
final class UdpSockets {
    /** Room for the largest datagram, and for what the kernel coalesces. */
    private static final int READ = 64 << 10;

    private static final int READS_BY_RECVMMSG = 8;

    /** Datagrams between two {@code readComplete}. */
    private static final int DATAGRAMS_PER_BATCH = 256;

    /** The same with NIO, which reads them all, each into a buffer of its own, before it hands over the first. */
    private static final int DATAGRAMS_PER_NIO_BATCH = 16;

    private final CarrierContext context;
    private final EventLoop loop;
    private final ChannelFactory<? extends DatagramChannel> factory;
    private final PathSpec spec;
    private final BufferCheck check;
    private final boolean epoll;
    private final boolean gso;

    /**
     * @throws IllegalArgumentException if the runtime has no datagram channels
     */
    UdpSockets(CarrierContext request, BufferCheck check) {
        this.context = request;
        this.loop = request.eventLoop();
        this.factory = request.channelFactory(DatagramChannel.class);
        this.spec = request.spec();
        this.check = check;
        this.epoll = UdpTuning.isEpoll(loop);
        this.gso =
                epoll && spec.option(UdpFlowOptions.GSO) && EpollDatagramChannel.isSegmentedDatagramPacketSupported();
    }

    EventLoop loop() {
        return loop;
    }

    /** Where a carrier goes that is told to move, and has to start from somewhere, or anywhere. */
    CompletionStage<SocketAddress> target(@Nullable LocalAddress from, SocketAddress wanted, InetSocketAddress remote) {
        return from == null ? CompletableFuture.completedFuture(wanted) : from.rebindTo(context, wanted, remote);
    }

    /** Whether they send several datagrams in one call. */
    boolean gso() {
        return gso;
    }

    /**
     * Opens one. On the event loop, on which the result completes too.
     *
     * @param local where; null for whatever the kernel chooses
     * @param remote where it is connected to; null for none
     */
    CompletionStage<DatagramChannel> open(@Nullable SocketAddress local, @Nullable InetSocketAddress remote) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channelFactory(factory)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInitializer<DatagramChannel>() {
                    @Override
                    protected void initChannel(DatagramChannel channel) {
                        tune(channel.config());
                    }
                });
        return UdpOpening.open(bootstrap, local, remote).thenApply(this::checked);
    }

    private DatagramChannel checked(DatagramChannel channel) {
        check.look(
                channel.config(),
                spec,
                epoll,
                spec.option(UdpFlowOptions.SEND_BUFFER),
                spec.option(UdpFlowOptions.RECEIVE_BUFFER));
        return channel;
    }

    private void tune(DatagramChannelConfig config) {
        config.setAllocator(PooledByteBufAllocator.DEFAULT);
        UdpTuning.buffers(config, spec.option(UdpFlowOptions.SEND_BUFFER), spec.option(UdpFlowOptions.RECEIVE_BUFFER));
        int read = READ;
        if (epoll) {
            // Of the two only one: Netty loses a buffer when a recvmmsg reads one thing and the kernel has coalesced
            // it.
            if (!spec.option(UdpFlowOptions.GRO) || !UdpTuning.set(config, EpollChannelOption.UDP_GRO, true)) {
                config.setOption(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, READ);
                read = READ * READS_BY_RECVMMSG;
            }
        }
        UdpTuning.dontFragment(config, epoll);
        config.setRecvByteBufAllocator(new FixedRecvByteBufAllocator(read)
                .maxMessagesPerRead(epoll ? DATAGRAMS_PER_BATCH : DATAGRAMS_PER_NIO_BATCH));
    }
}
