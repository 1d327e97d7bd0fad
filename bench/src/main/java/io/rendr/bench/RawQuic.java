// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
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
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.rendr.OptionKey;
import io.rendr.transport.quic.QuicOptions;
import io.rendr.udp.UdpTuning;
import java.net.InetSocketAddress;

/**
 * What baselines over QUIC have in common: Netty's codec on a plain socket at each end, with the settings of rendr's transport
 * {@code quic}.
 */
public class RawQuic implements AutoCloseable {
    // What the transport keeps to itself: QuicCodecs (windows, queues, sizes of reads) and QuicSockets (sizes of
    // datagrams, batches, segments). Not the same is not comparable: a change there belongs here too.
    private static final long STREAM_WINDOW = 1L << 20;
    private static final long CONNECTION_WINDOW = 3L << 19;

    /** Datagrams that wait for the congestion window, or for their reader, before the codec drops the next ones. */
    static final int DATAGRAM_QUEUE = 4_096;

    private static final int DATAGRAMS_PER_READ = 256;
    private static final int MIN_READ = 2 * 1024;
    private static final int FIRST_READ = 16 * 1024;
    private static final int MAX_READ = 256 * 1024;
    private static final int SMALLEST_DATAGRAM_READ = 2048;
    private static final int READS_BY_RECVMMSG = 32;
    private static final int DATAGRAMS_PER_BATCH = Epoll.isAvailable() ? 256 : 64;
    private static final int MAX_SEGMENTS = 44;

    private static final int PAYLOAD = valueOf(QuicOptions.MAX_UDP_PAYLOAD);
    private static final String PROTOCOL = "bench";

    /** Handles what is of no interest. */
    public static final ChannelHandler NOTHING = new Nothing();

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(
            Math.min(4, Runtime.getRuntime().availableProcessors()),
            new DefaultThreadFactory("baseline-quic", true),
            Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());

    private final ChannelGroup sockets = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    /** Opens nothing yet. */
    public RawQuic() {}

    /** What the sockets are and can, for people. */
    static String kind() {
        return !Epoll.isAvailable() ? "nio" : isSegmenting() ? "epoll, UDP_SEGMENT" : "epoll, sendmmsg";
    }

    private static boolean isSegmenting() {
        return Epoll.isAvailable()
                && valueOf(QuicOptions.GSO)
                && EpollDatagramChannel.isSegmentedDatagramPacketSupported();
    }

    /**
     * Listens.
     *
     * @param at where; port 0 for any
     * @param shown the certificate and its key
     * @param connections handles every connection; can be shared
     * @param streams handles every stream; can be shared
     * @return where it really listens
     * @throws Exception if it cannot
     */
    public final InetSocketAddress listen(
            InetSocketAddress at, X509Bundle shown, ChannelHandler connections, ChannelHandler streams)
            throws Exception {
        ChannelHandler codec = common(new QuicServerCodecBuilder())
                .initialMaxStreamsBidirectional(1)
                .sslContext(QuicSslContextBuilder.forServer(
                                shown.getKeyPair().getPrivate(), null, shown.getCertificatePath())
                        .applicationProtocols(PROTOCOL)
                        .build())
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RECVBUF_ALLOCATOR, datagramReads())
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segments())
                .streamOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .streamOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(MIN_READ, FIRST_READ, MAX_READ))
                .handler(connections)
                .streamHandler(streams)
                .build();
        return (InetSocketAddress) bootstrap(codec).bind(at).sync().channel().localAddress();
    }

    /**
     * Connects, whatever the certificate.
     *
     * @param remote where to
     * @param connection handles the connection
     * @param below sees what leaves the codec
     * @return the connection, for {@link #close(QuicChannel)}
     * @throws Exception if nobody answers
     */
    public final QuicChannel dial(InetSocketAddress remote, ChannelHandler connection, ChannelHandler... below)
            throws Exception {
        // Both ends are this program's own; only the speed of what follows the handshake is of interest.
        ChannelHandler codec = common(new QuicClientCodecBuilder())
                .initialMaxStreamsBidirectional(0)
                .sslContext(QuicSslContextBuilder.forClient()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .endpointIdentificationAlgorithm(null)
                        .applicationProtocols(PROTOCOL)
                        .build())
                .build();
        Channel socket = bootstrap(codec, below).connect(remote).sync().channel();
        return QuicChannel.newBootstrap(socket)
                .remoteAddress(remote)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RECVBUF_ALLOCATOR, datagramReads())
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segments())
                .handler(connection)
                .streamHandler(NOTHING) // the peer may open none
                .connect()
                .get();
    }

    /** A port of this machine. */
    static InetSocketAddress here(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    /**
     * Ends a dialed connection, and its socket.
     *
     * @param connection as {@link #dial} returned it
     */
    public static void close(QuicChannel connection) {
        connection.close().awaitUninterruptibly();
        connection.parent().close().awaitUninterruptibly();
    }

    private static <B extends QuicCodecBuilder<B>> B common(B builder) {
        return builder.maxIdleTimeout(valueOf(QuicOptions.IDLE_TIMEOUT).toMillis(), MILLISECONDS)
                .congestionControlAlgorithm(QuicCongestionControlAlgorithm.valueOf(
                        valueOf(QuicOptions.CONGESTION_CONTROL).name()))
                .maxSendUdpPayloadSize(PAYLOAD)
                .maxRecvUdpPayloadSize(Math.max(SMALLEST_DATAGRAM_READ, PAYLOAD))
                .discoverPmtu(true)
                .datagram(DATAGRAM_QUEUE, DATAGRAM_QUEUE)
                .initialMaxData(CONNECTION_WINDOW)
                .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW)
                .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW)
                .initialMaxStreamsUnidirectional(0)
                .activeMigration(true);
    }

    private Bootstrap bootstrap(ChannelHandler codec, ChannelHandler... below) {
        ChannelFactory<DatagramChannel> factory =
                Epoll.isAvailable() ? EpollDatagramChannel::new : NioDatagramChannel::new;
        return new Bootstrap().group(group).channelFactory(factory).handler(new ChannelInitializer<DatagramChannel>() {
            @Override
            protected void initChannel(DatagramChannel channel) {
                sockets.add(channel);
                tune(channel.config());
                channel.pipeline().addLast(below).addLast(codec);
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

    private static RecvByteBufAllocator datagramReads() {
        return new FixedRecvByteBufAllocator(MIN_READ).maxMessagesPerRead(DATAGRAMS_PER_READ);
    }

    private static SegmentedDatagramPacketAllocator segments() {
        return isSegmenting()
                ? new Segments(Math.min(MAX_SEGMENTS, 0xffff / PAYLOAD))
                : SegmentedDatagramPacketAllocator.NONE;
    }

    @ChannelHandler.Sharable
    private static final class Nothing extends ChannelInboundHandlerAdapter {}

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
        sockets.close().awaitUninterruptibly(); // a codec on a loop that ends first keeps its buffers
        group.shutdownGracefully(0, 1, SECONDS).awaitUninterruptibly();
    }
}
