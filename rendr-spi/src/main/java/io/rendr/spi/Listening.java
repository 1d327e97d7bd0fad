// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ServerSocketChannel;
import io.rendr.CloseReason;
import io.rendr.PathSpec;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A listening stream channel. */
final class Listening implements BoundPort {
    private final Channel channel;
    private final PathSpec dialSpec;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Listening(Channel channel, PathSpec dialSpec) {
        this.channel = channel;
        this.dialSpec = dialSpec;
    }

    static CompletionStage<BoundPort> open(
            BindRequest request,
            SocketAddress local,
            CarrierTraits traits,
            Consumer<ServerBootstrap> options,
            @Nullable Consumer<Channel> handshake) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(request.eventLoop(), request.eventLoops())
                .channelFactory(request.channelFactory(ServerSocketChannel.class));
        bootstrap.handler(new ChannelInboundHandlerAdapter() {
            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                // It goes no further: Netty would log it too, and a logger that opens files has no descriptor left
                // either. What it throws would end the loop.
                pause(context.channel());
                request.paused(cause);
            }
        });
        options.accept(bootstrap);
        bootstrap.childOption(ChannelOption.AUTO_READ, false).childHandler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel accepted) {
                accept(request, accepted, traits, handshake);
            }
        });
        CompletableFuture<BoundPort> result = new CompletableFuture<>();
        ChannelFuture future = bootstrap.bind(local);
        future.addListener(done -> {
            if (done.isSuccess()) {
                result.complete(opened(request, future.channel()));
            } else {
                result.completeExceptionally(bindFailure(request.spec(), done.cause()));
            }
        });
        return result;
    }

    /** Accepts nothing for a second. */
    private static void pause(Channel listening) {
        if (listening.config().isAutoRead()) {
            listening.config().setAutoRead(false);
            listening.eventLoop().schedule(() -> listening.config().setAutoRead(true), 1, SECONDS);
        }
    }

    private static void accept(
            BindRequest request, Channel accepted, CarrierTraits traits, @Nullable Consumer<Channel> handshake) {
        if (handshake != null) {
            handshake.accept(accepted);
        }
        StreamCarrier carrier = Carriers.ofChannel(accepted, traits);
        // Not from inside the registration of the channel: the engine may start it at once.
        accepted.eventLoop().execute(() -> {
            if (!request.accepting()) {
                carrier.close(CloseReason.of(CloseReason.Kind.REJECTED, "the acceptor is closed"));
                return;
            }
            request.accepted(carrier);
            if (handshake != null && accepted.isActive()) {
                accepted.read(); // the handshake does not wait for the start; its handlers ask for more by themselves
            }
        });
    }

    private static Listening opened(BindRequest request, Channel channel) {
        PathSpec spec = request.spec().forDialers();
        if (channel.localAddress() instanceof InetSocketAddress bound) {
            spec = spec.withPort(bound.getPort());
        }
        Listening port = new Listening(channel, spec);
        channel.closeFuture().addListener(done -> {
            if (!port.closed.get()) {
                request.failed(
                        new IOException("the listening socket of " + port.dialSpec + " was closed by the system"));
            }
        });
        return port;
    }

    private static IOException bindFailure(PathSpec spec, Throwable cause) {
        BindException failure = new BindException("cannot listen at " + spec + ": " + cause.getMessage());
        failure.initCause(cause);
        return failure;
    }

    @Override
    public SocketAddress localAddress() {
        return channel.localAddress();
    }

    @Override
    public PathSpec dialSpec() {
        return dialSpec;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            channel.close();
        }
    }
}
