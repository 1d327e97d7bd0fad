// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.rendr.PathSpec;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;

/** What the engine lends a transport for one attempt. Implemented by the engine and by the test kit. */
public interface CarrierContext {
    /** {@return the path or endpoint, its options checked against {@link PathFactory#options()}} */
    PathSpec spec();

    /** {@return the event loop that the carrier has to run on; for a {@link BindRequest}, that the port has to run on} */
    EventLoop eventLoop();

    /**
     * A Netty bootstrap with {@link #eventLoop()} as its group and the fastest channel of the kind on this machine.
     *
     * @param kind such as {@link io.netty.channel.socket.SocketChannel} or
     *     {@link io.netty.channel.socket.DatagramChannel}
     * @return a new bootstrap
     * @throws IllegalArgumentException if the runtime has no channel of that kind
     */
    Bootstrap bootstrap(Class<? extends Channel> kind);

    /**
     * Makes the fastest channels of a kind on this machine.
     *
     * @param <C> the kind
     * @param kind such as {@link io.netty.channel.socket.ServerSocketChannel}
     * @return makes channels that fit {@link #eventLoop()}
     * @throws IllegalArgumentException if the runtime has no channel of that kind
     */
    <C extends Channel> ChannelFactory<? extends C> channelFactory(Class<C> kind);

    /**
     * Runs on another thread what would block the event loop: a name look-up, a blocking connect, a reader.
     *
     * @param <T> type of the result
     * @param body may block; it should end when what it blocks on is closed
     * @return completes on {@link #eventLoop()}
     */
    <T> CompletionStage<T> blocking(Callable<T> body);

    /**
     * Looks a host name up.
     *
     * @param host a name, or an address as text
     * @return completes on {@link #eventLoop()} with its addresses, at least one, in the order of the system's resolver; or
     *     with an {@link java.net.UnknownHostException}
     */
    default CompletionStage<List<InetAddress>> resolve(String host) {
        return blocking(() -> List.of(InetAddress.getAllByName(host)));
    }

    /**
     * Tells when the attempt was given up: cancelled, or out of time. At once if it already was.
     *
     * @param release ends what is under way; called on {@link #eventLoop()}, at most once, not after the stage returned by
     *     the factory has completed
     */
    void onCancel(Runnable release);
}
