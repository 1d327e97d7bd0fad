// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramChannelConfig;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicCongestionControlAlgorithm;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.rendr.OptionKey;
import io.rendr.transport.quic.QuicOptions;
import io.rendr.udp.UdpTuning;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The baseline for streams over QUIC: Netty's codec on a plain socket, with the settings of rendr's transport {@code quic}. It
 * writes from its loop and reads on its loop, so nothing is handed to another thread.
 */
final class QuicStreams implements AutoCloseable {
    // What the transport keeps to itself: QuicCodecs (windows, connection IDs, sizes of reads) and QuicSockets (sizes
    // of
    // datagrams, batches, segments). Not the same is not comparable: a change there belongs here too.
    private static final long STREAM_WINDOW = 1L << 20;
    private static final long CONNECTION_WINDOW = 3L << 19;
    // Of the acceptor, which is the end that peers move away from. A dialer that offers as much has Netty's acceptor
    // compute IDs
    // anew for each packet, most of its CPU, and a baseline must not be as slow as that.
    private static final int CONNECTION_IDS = 64;
    private static final int MIN_READ = 2 * 1024;
    private static final int FIRST_READ = 16 * 1024;
    private static final int MAX_READ = 256 * 1024;
    private static final int SMALLEST_DATAGRAM_READ = 2048;
    private static final int READS_BY_RECVMMSG = 32;
    private static final int DATAGRAMS_PER_BATCH = Epoll.isAvailable() ? 256 : 64;
    private static final int MAX_SEGMENTS = 44;

    private static final int PAYLOAD = valueOf(QuicOptions.MAX_UDP_PAYLOAD);
    private static final String PROTOCOL = "bench";

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(
            Math.min(4, Runtime.getRuntime().availableProcessors()),
            new DefaultThreadFactory("baseline-quic", true),
            Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());

    /** What the sockets are and can, for people. */
    static String kind() {
        return !Epoll.isAvailable() ? "nio" : isSegmenting() ? "epoll, UDP_SEGMENT" : "epoll, sendmmsg";
    }

    private static boolean isSegmenting() {
        return Epoll.isAvailable()
                && valueOf(QuicOptions.GSO)
                && EpollDatagramChannel.isSegmentedDatagramPacketSupported();
    }

    /** Listens, and counts what comes. Returns the port. */
    int sink(X509Bundle shown, AtomicLong received) throws Exception {
        ChannelHandler codec = common(new QuicServerCodecBuilder())
                .initialMaxStreamsBidirectional(1)
                .activeConnectionIdLimit(CONNECTION_IDS)
                .sslContext(QuicSslContextBuilder.forServer(
                                shown.getKeyPair().getPrivate(), null, shown.getCertificatePath())
                        .applicationProtocols(PROTOCOL)
                        .build())
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segments())
                .streamOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .streamOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(MIN_READ, FIRST_READ, MAX_READ))
                .streamHandler(new ChannelInitializer<QuicStreamChannel>() {
                    @Override
                    protected void initChannel(QuicStreamChannel stream) {
                        stream.pipeline().addLast(new Sink(received));
                    }
                })
                .build();
        Channel socket = bootstrap(codec)
                .bind(InetAddress.getByName("127.0.0.1"), 0)
                .sync()
                .channel();
        return ((InetSocketAddress) socket.localAddress()).getPort();
    }

    /** Connects, and writes until it is closed. */
    AutoCloseable source(int port) throws Exception {
        InetSocketAddress remote = new InetSocketAddress("127.0.0.1", port);
        // Both ends are this program's own; only the speed of what follows the handshake is of interest.
        ChannelHandler codec = common(new QuicClientCodecBuilder())
                .initialMaxStreamsBidirectional(0)
                .sslContext(QuicSslContextBuilder.forClient()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .endpointIdentificationAlgorithm(null)
                        .applicationProtocols(PROTOCOL)
                        .build())
                .build();
        Channel socket = bootstrap(codec).connect(remote).sync().channel();
        QuicChannel connection = QuicChannel.newBootstrap(socket)
                .remoteAddress(remote)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segments())
                .handler(new ChannelInboundHandlerAdapter())
                .streamHandler(new ChannelInboundHandlerAdapter()) // the peer may open none
                .connect()
                .get();
        Source source = new Source();
        connection
                .newStreamBootstrap()
                .type(QuicStreamType.BIDIRECTIONAL)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .handler(source)
                .create()
                .sync();
        return () -> {
            source.stopped = true;
            connection.close().sync();
            socket.close().sync();
        };
    }

    private static <B extends QuicCodecBuilder<B>> B common(B builder) {
        return builder.maxIdleTimeout(valueOf(QuicOptions.IDLE_TIMEOUT).toMillis(), MILLISECONDS)
                .congestionControlAlgorithm(QuicCongestionControlAlgorithm.valueOf(
                        valueOf(QuicOptions.CONGESTION_CONTROL).name()))
                .maxSendUdpPayloadSize(PAYLOAD)
                .maxRecvUdpPayloadSize(Math.max(SMALLEST_DATAGRAM_READ, PAYLOAD))
                .discoverPmtu(true)
                .initialMaxData(CONNECTION_WINDOW)
                .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW)
                .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW)
                .initialMaxStreamsUnidirectional(0)
                .activeMigration(true);
    }

    private Bootstrap bootstrap(ChannelHandler codec) {
        ChannelFactory<DatagramChannel> factory =
                Epoll.isAvailable() ? EpollDatagramChannel::new : NioDatagramChannel::new;
        return new Bootstrap().group(group).channelFactory(factory).handler(new ChannelInitializer<DatagramChannel>() {
            @Override
            protected void initChannel(DatagramChannel channel) {
                tune(channel.config());
                channel.pipeline().addLast(codec);
            }
        });
    }

    private static void tune(DatagramChannelConfig config) {
        config.setAllocator(PooledByteBufAllocator.DEFAULT);
        UdpTuning.buffers(config, valueOf(QuicOptions.SEND_BUFFER), valueOf(QuicOptions.RECEIVE_BUFFER));
        UdpTuning.dontFragment(config, Epoll.isAvailable());
        int read = Math.max(SMALLEST_DATAGRAM_READ, PAYLOAD);
        if (Epoll.isAvailable()) {
            config.setOption(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, read);
            read *= READS_BY_RECVMMSG;
        }
        config.setRecvByteBufAllocator(new FixedRecvByteBufAllocator(read).maxMessagesPerRead(DATAGRAMS_PER_BATCH));
    }

    private static SegmentedDatagramPacketAllocator segments() {
        return isSegmenting()
                ? new Segments(Math.min(MAX_SEGMENTS, 0xffff / PAYLOAD))
                : SegmentedDatagramPacketAllocator.NONE;
    }

    private record Segments(int maxNumSegments) implements SegmentedDatagramPacketAllocator {
        @Override
        public DatagramPacket newPacket(ByteBuf buffer, int segmentSize, InetSocketAddress remoteAddress) {
            return new SegmentedDatagramPacket(buffer, segmentSize, remoteAddress);
        }
    }

    private static <T> T valueOf(OptionKey<T> option) {
        return option.defaultValue().orElseThrow();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, SECONDS).awaitUninterruptibly();
    }

    private static final class Sink extends ChannelInboundHandlerAdapter {
        private final AtomicLong received;

        Sink(AtomicLong received) {
            this.received = received;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf data = (ByteBuf) message;
            received.getAndAdd(data.readableBytes());
            data.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // The source ends a run by closing the connection.
            ctx.close();
        }
    }

    /** What the codec does not take at once it keeps, and says that it takes no more: at most one block waits. */
    private static final class Source extends ChannelInboundHandlerAdapter {
        private volatile boolean stopped;
        private final ByteBuf block =
                Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(Loops.WRITE)));

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            pump(ctx);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            pump(ctx);
        }

        private void pump(ChannelHandlerContext ctx) {
            while (!stopped && ctx.channel().isWritable()) {
                ctx.write(block.duplicate());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            stopped = true;
            ctx.close();
        }
    }
}
