// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.rendr.PathSpec;
import io.rendr.spi.PathFactory;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the engine lends a transport, for tests without an engine: two event loops, channels that fit them, and threads that may block. It dials and
 * listens as the engine does: a dial that takes longer than its time is cancelled, and what connects too late is closed. {@link #close()} waits
 * until all of its threads have ended.
 */
public final class TransportRig implements AutoCloseable {

    private static final int LOOPS = 2;

    private final EventLoopGroup loops;
    private final Map<Class<? extends Channel>, ChannelFactory<? extends Channel>> channels;
    private final Map<String, List<InetAddress>> hosts = new ConcurrentHashMap<>();
    private final ExecutorService blocking =
            Executors.newCachedThreadPool(new DefaultThreadFactory("rendr-rig-blocking", true));

    private TransportRig(
            IoHandlerFactory io, Map<Class<? extends Channel>, ChannelFactory<? extends Channel>> channels) {
        this.loops = new MultiThreadIoEventLoopGroup(LOOPS, new DefaultThreadFactory("rendr-rig", true), io);
        this.channels = Map.copyOf(channels);
    }

    /** On the JDK's NIO. */
    public static TransportRig nio() {
        return of(
                NioIoHandler.newFactory(),
                Map.of(
                        SocketChannel.class, NioSocketChannel::new,
                        ServerSocketChannel.class, NioServerSocketChannel::new,
                        DatagramChannel.class, NioDatagramChannel::new));
    }

    /**
     * On another kind of event loop.
     *
     * @param io makes its handlers
     * @param channels for each kind of channel, such as {@link SocketChannel}, what makes those that fit
     */
    public static TransportRig of(
            IoHandlerFactory io, Map<Class<? extends Channel>, ChannelFactory<? extends Channel>> channels) {
        return new TransportRig(io, channels);
    }

    /**
     * Makes a host name of the test's own resolve to addresses, in this order.
     *
     * @return this
     */
    public TransportRig host(String name, InetAddress... addresses) {
        hosts.put(name, List.of(addresses));
        return this;
    }

    @Nullable
    List<InetAddress> host(String name) {
        return hosts.get(name);
    }

    /** Dials as the engine does, with the time the path allows. */
    public RigDial dial(PathFactory factory, PathSpec spec) {
        return dial(factory, spec, io.rendr.CommonOptions.connectTimeout(spec, factory));
    }

    /** Dials as the engine does. */
    public RigDial dial(PathFactory factory, PathSpec spec, Duration timeout) {
        RigDial dial = new RigDial(this, spec, timeout);
        dial.begin(factory);
        return dial;
    }

    /** Listens as the engine does. Look at {@link RigPort#opened()} for whether it does. */
    public RigPort bind(PathFactory factory, PathSpec endpoint) {
        RigPort port = new RigPort(this, endpoint);
        port.begin(factory);
        return port;
    }

    EventLoopGroup loops() {
        return loops;
    }

    Bootstrap bootstrap(EventLoop loop, Class<? extends Channel> kind) {
        return new Bootstrap().group(loop).channelFactory(factory(kind));
    }

    @SuppressWarnings("unchecked") // the map was made with factories that fit their keys
    <C extends Channel> ChannelFactory<C> factory(Class<C> kind) {
        ChannelFactory<? extends Channel> factory = channels.get(kind);
        if (factory == null) {
            throw new IllegalArgumentException(
                    "this rig has no " + kind.getSimpleName() + ", only " + channels.keySet());
        }
        return (ChannelFactory<C>) factory;
    }

    <T> CompletionStage<T> blocking(EventLoop loop, Callable<T> body) {
        CompletableFuture<T> result = new CompletableFuture<>();
        blocking.execute(() -> {
            Runnable outcome;
            try {
                T value = body.call();
                outcome = () -> result.complete(value);
            } catch (Throwable t) {
                outcome = () -> result.completeExceptionally(t);
            }
            try {
                loop.execute(outcome);
            } catch (RejectedExecutionException e) { // the rig was closed meanwhile
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    @Override
    public void close() {
        // What one loop still hands to the other must not be turned away.
        for (int i = 0; i < 2 * LOOPS; i++) {
            loops.forEach(loop -> loop.submit(() -> {}).syncUninterruptibly());
        }
        loops.shutdownGracefully(0, Await.LONG.toMillis(), TimeUnit.MILLISECONDS);
        blocking.shutdownNow();
        Await.until("the event loops have ended", loops::isTerminated);
        Await.until("what blocks has ended", blocking::isTerminated);
    }
}
