// SPDX-License-Identifier: Apache-2.0
package io.rendr.udp;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DatagramChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Opens a UDP socket, bound or connected. */
public final class UdpOpening {
    private UdpOpening() {}

    /**
     * Opens one. On the event loop, on which the result completes too.
     *
     * @param bootstrap with everything but the addresses
     * @param local where; null for whatever the kernel chooses
     * @param remote where it is connected to; resolved; null for none
     * @return the socket, or an {@link IOException} that names the remote address
     */
    public static CompletionStage<DatagramChannel> open(
            Bootstrap bootstrap, @Nullable SocketAddress local, @Nullable InetSocketAddress remote) {
        CompletableFuture<DatagramChannel> result = new CompletableFuture<>();
        bootstrap.disableResolver();
        ChannelFuture future = remote == null ? bootstrap.bind(local) : bootstrap.connect(remote, local);
        if (future.isDone()) {
            // Also if the system gave no socket: what the future calls its channel is none, and its listeners run
            // elsewhere.
            complete(result, future, remote);
        } else {
            future.addListener(done -> complete(result, future, remote));
        }
        return result;
    }

    private static void complete(
            CompletableFuture<DatagramChannel> result, ChannelFuture future, @Nullable InetSocketAddress remote) {
        if (future.isSuccess()) {
            result.complete((DatagramChannel) future.channel());
        } else {
            Throwable cause = future.cause();
            result.completeExceptionally(
                    cause instanceof IOException || remote == null
                            ? cause
                            : new IOException("no socket for " + remote + ": " + cause.getMessage(), cause));
        }
    }
}
