// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A QUIC endpoint that is none of rendr's, to be as wrong as a test wants it. */
final class RawPeer implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("raw-peer", true), NioIoHandler.newFactory());
    private final CompletableFuture<QuicChannel> connection = new CompletableFuture<>();
    private final CompletableFuture<QuicStreamChannel> stream = new CompletableFuture<>();
    private final CompletableFuture<QuicConnectionCloseEvent> closed = new CompletableFuture<>();
    private Channel socket;

    private RawPeer() {}

    static RawPeer server(String protocol, UnaryOperator<QuicServerCodecBuilder> more) throws Exception {
        X509Bundle certificate = Certificates.forLoopback();
        RawPeer peer = new RawPeer();
        QuicServerCodecBuilder builder = common(new QuicServerCodecBuilder())
                .sslContext(QuicSslContextBuilder.forServer(
                                certificate.getKeyPair().getPrivate(), null, certificate.getCertificatePath())
                        .applicationProtocols(protocol)
                        .build())
                .handler(peer.connections())
                .streamHandler(peer.streams());
        peer.open(more.apply(builder).build());
        return peer;
    }

    static RawPeer client() throws Exception {
        return new RawPeer();
    }

    Future<QuicChannel> connect(String protocol, InetSocketAddress to) throws Exception {
        open(common(new QuicClientCodecBuilder())
                .sslContext(QuicSslContextBuilder.forClient()
                        .trustManager(Certificates.AUTHORITY.getCertificate())
                        .applicationProtocols(protocol)
                        .build())
                .build());
        return QuicChannel.newBootstrap(socket)
                .handler(new Ignoring())
                .streamHandler(new Ignoring())
                .remoteAddress(new InetSocketAddress(to.getHostString(), to.getPort()))
                .connect()
                .await();
    }

    private static <B extends QuicCodecBuilder<B>> B common(B builder) {
        return builder.initialMaxData(1 << 20)
                .initialMaxStreamDataBidirectionalLocal(1 << 20)
                .initialMaxStreamDataBidirectionalRemote(1 << 20)
                .initialMaxStreamsBidirectional(10)
                .maxIdleTimeout(60, TimeUnit.SECONDS);
    }

    private void open(ChannelHandler codec) throws Exception {
        socket = new Bootstrap()
                .group(loops)
                .channel(NioDatagramChannel.class)
                .handler(codec)
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    /** Takes what comes and throws it away. */
    private static class Ignoring extends ChannelInboundHandlerAdapter {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof QuicStreamChannel) {
                context.fireChannelRead(message);
            } else {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // It is meant to be wrong.
        }
    }

    private ChannelHandler connections() {
        return new io.netty.channel.ChannelInitializer<QuicChannel>() {
            @Override
            protected void initChannel(QuicChannel channel) {
                channel.pipeline().addLast(new Ignoring() {
                    @Override
                    public void userEventTriggered(ChannelHandlerContext context, Object event) {
                        if (event instanceof QuicConnectionCloseEvent close) {
                            closed.complete(close);
                        }
                    }
                });
                connection.complete(channel);
            }
        };
    }

    private ChannelHandler streams() {
        return new io.netty.channel.ChannelInitializer<QuicStreamChannel>() {
            @Override
            protected void initChannel(QuicStreamChannel channel) {
                channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                channel.pipeline().addLast(new Ignoring());
                stream.complete(channel);
            }
        };
    }

    int port() {
        return ((InetSocketAddress) socket.localAddress()).getPort();
    }

    Channel socket() {
        return socket;
    }

    CompletableFuture<QuicChannel> connection() {
        return connection;
    }

    CompletableFuture<QuicStreamChannel> stream() {
        return stream;
    }

    /** What the other end said in its CONNECTION_CLOSE. */
    CompletableFuture<QuicConnectionCloseEvent> closed() {
        return closed;
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.close().syncUninterruptibly();
        }
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
