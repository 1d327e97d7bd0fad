// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.rendr.spi.Carriers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The baseline: Netty on epoll with the buffers and loops that rendr's carriers use, plain or with TLS 1.3. It writes from
 * its loop and reads on its loop, so nothing is handed to another thread.
 */
final class Loops implements AutoCloseable {
    /** Bytes of one write of an application, here and through rendr. */
    static final int WRITE = 128 * 1024;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(
            Math.min(4, Runtime.getRuntime().availableProcessors()),
            new DefaultThreadFactory("baseline", true),
            EpollIoHandler.newFactory());

    /** Listens, and counts what comes. Returns the port. */
    int sink(boolean tls, AtomicLong received) throws Exception {
        SslContext context = tls ? serverContext() : null;
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.config().setRecvByteBufAllocator(reads());
                        if (context != null) {
                            channel.pipeline().addLast(context.newHandler(channel.alloc()));
                        }
                        channel.pipeline().addLast(new Sink(received));
                    }
                });
        Channel listening =
                bootstrap.bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    private static AdaptiveRecvByteBufAllocator reads() {
        AdaptiveRecvByteBufAllocator reads = new AdaptiveRecvByteBufAllocator(2 * 1024, 16 * 1024, 256 * 1024);
        reads.maxMessagesPerRead(4);
        return reads;
    }

    /** Connects, and writes until it is closed. */
    AutoCloseable source(int port, boolean tls) throws Exception {
        SslContext context = tls ? clientContext() : null;
        Channel channel = new Bootstrap()
                .group(group)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(Carriers.LOW_WATER_MARK, Carriers.HIGH_WATER_MARK))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel ch) {
                        SslHandler handler = context == null ? null : context.newHandler(ch.alloc());
                        if (handler != null) {
                            ch.pipeline().addLast(handler);
                        }
                        ch.pipeline().addLast(new Source(handler));
                    }
                })
                .connect(InetAddress.getLoopbackAddress(), port)
                .sync()
                .channel();
        return () -> {
            channel.pipeline().get(Source.class).stopped = true;
            channel.close().sync();
        };
    }

    /** What SslHandler does by default with the JDK's engine, and the one cipher that rendr uses too. */
    private static SslContext serverContext() throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .subject("CN=localhost")
                .addSanDnsName("localhost")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        return tls13(SslContextBuilder.forServer(bundle.toKeyManagerFactory()));
    }

    private static SslContext clientContext() throws Exception {
        // Both ends are this program's own; only the speed of what follows the handshake is of interest.
        return tls13(SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE));
    }

    private static SslContext tls13(SslContextBuilder builder) throws Exception {
        return builder.sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3")
                .ciphers(List.of("TLS_AES_128_GCM_SHA256"))
                .build();
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
            // The source ends a run by closing, in the middle of a record; the run is over then.
            ctx.close();
        }
    }

    private static final class Source extends ChannelInboundHandlerAdapter {
        private final @Nullable SslHandler tls;
        private volatile boolean stopped;
        private final ByteBuf block =
                Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(WRITE)));

        Source(@Nullable SslHandler tls) {
            this.tls = tls;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (tls == null) {
                pump(ctx);
            } else {
                tls.handshakeFuture().addListener(done -> pump(ctx));
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            pump(ctx);
        }

        private void pump(ChannelHandlerContext ctx) {
            while (!stopped && ctx.channel().isWritable()) {
                ctx.write(block.duplicate(), ctx.voidPromise());
            }
            ctx.flush();
            if (!stopped && ctx.channel().isWritable()) {
                ctx.executor().execute(() -> pump(ctx));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            stopped = true;
            ctx.close();
        }
    }
}
