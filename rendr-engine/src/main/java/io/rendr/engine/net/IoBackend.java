// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.nio.NioIoHandler;
import java.lang.reflect.Constructor;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How event loops do I/O: epoll where Netty's classes and its native library are there, NIO otherwise. Epoll is looked
 * up by name, because a runtime without it must not need its jar.
 */
final class IoBackend {
    private static final Logger LOG = LoggerFactory.getLogger(IoBackend.class);
    private static final String EPOLL = "io.netty.channel.epoll.";
    private static final String SOCKET = "io.netty.channel.socket.";
    private static final String UNIX = "io.netty.channel.unix.";

    private static final Map<String, String> EPOLL_CHANNELS = Map.of(
            SOCKET + "SocketChannel", EPOLL + "EpollSocketChannel",
            SOCKET + "ServerSocketChannel", EPOLL + "EpollServerSocketChannel",
            SOCKET + "DatagramChannel", EPOLL + "EpollDatagramChannel",
            UNIX + "DomainSocketChannel", EPOLL + "EpollDomainSocketChannel",
            UNIX + "ServerDomainSocketChannel", EPOLL + "EpollServerDomainSocketChannel");

    private static final Map<String, String> NIO_CHANNELS = Map.of(
            SOCKET + "SocketChannel", SOCKET + "nio.NioSocketChannel",
            SOCKET + "ServerSocketChannel", SOCKET + "nio.NioServerSocketChannel",
            SOCKET + "DatagramChannel", SOCKET + "nio.NioDatagramChannel");

    private final String name;
    private final IoHandlerFactory handlers;
    private final Map<String, String> channels;

    private IoBackend(String name, IoHandlerFactory handlers, Map<String, String> channels) {
        this.name = name;
        this.handlers = handlers;
        this.channels = channels;
    }

    /** The best there is here. */
    static IoBackend best() {
        try {
            Class<?> epoll = Class.forName(EPOLL + "Epoll");
            if ((Boolean) epoll.getMethod("isAvailable").invoke(null)) {
                Object factory = Class.forName(EPOLL + "EpollIoHandler")
                        .getMethod("newFactory")
                        .invoke(null);
                return new IoBackend("epoll", (IoHandlerFactory) factory, EPOLL_CHANNELS);
            }
            LOG.debug(
                    "epoll is not available: {}",
                    epoll.getMethod("unavailabilityCause").invoke(null));
        } catch (ReflectiveOperationException | LinkageError e) {
            LOG.debug("epoll is not on the class path: {}", e.toString());
        }
        return nio();
    }

    /** What works everywhere. */
    static IoBackend nio() {
        return new IoBackend("nio", NioIoHandler.newFactory(), NIO_CHANNELS);
    }

    String name() {
        return name;
    }

    IoHandlerFactory handlers() {
        return handlers;
    }

    /**
     * A factory of channels of a kind, such as {@code SocketChannel}, that run on these loops.
     *
     * @throws IllegalArgumentException if these loops have no such channel
     */
    <C extends Channel> ChannelFactory<? extends C> channelFactory(Class<C> kind) {
        String implementation = channels.get(kind.getName());
        if (implementation == null) {
            throw new IllegalArgumentException(
                    "no " + kind.getName() + " on " + name + " event loops; there are " + channels.keySet());
        }
        try {
            Constructor<? extends C> constructor = Class.forName(implementation, true, kind.getClassLoader())
                    .asSubclass(kind)
                    .getConstructor();
            return () -> create(constructor);
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new IllegalArgumentException("no " + kind.getName() + " on " + name + " event loops", e);
        }
    }

    private static <C> C create(Constructor<? extends C> constructor) {
        try {
            return constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "cannot make a " + constructor.getDeclaringClass().getName(), e);
        }
    }
}
