// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import io.netty.channel.socket.DatagramChannel;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.DialRequest;
import io.rendr.spi.LocalAddress;
import io.rendr.spi.PacketCarrier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One attempt: the addresses of a name in turn, until the system opens a socket towards one. On the request's event loop. */
final class UdpDial {
    private final DialRequest request;
    private final UdpSockets sockets;
    private final @Nullable LocalAddress from;
    private final CarrierTraits traits;
    private final CompletableFuture<PacketCarrier> result = new CompletableFuture<>();
    private final List<Throwable> failures = new ArrayList<>();

    UdpDial(DialRequest request, UdpSockets sockets, @Nullable LocalAddress from, CarrierTraits traits) {
        this.request = request;
        this.sockets = sockets;
        this.from = from;
        this.traits = traits;
    }

    CompletionStage<PacketCarrier> start(InetSocketAddress remote) {
        request.onCancel(() ->
                result.completeExceptionally(new IOException("the dial of " + request.spec() + " was cancelled")));
        request.resolve(remote.getHostString()).whenComplete((found, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
                return;
            }
            List<InetAddress> addresses = new ArrayList<>(found);
            // An address that has a route and no answer must not keep the others from ever being tried.
            Collections.rotate(addresses, -((request.attempt() - 1) % addresses.size()));
            next(addresses.iterator(), remote.getPort());
        });
        return result;
    }

    private void next(Iterator<InetAddress> addresses, int port) {
        if (result.isDone()) {
            return; // cancelled
        }
        if (!addresses.hasNext()) {
            Throwable first = failures.get(0);
            failures.stream().skip(1).forEach(first::addSuppressed);
            result.completeExceptionally(first);
            return;
        }
        InetSocketAddress to = new InetSocketAddress(addresses.next(), port);
        open(to).whenComplete((channel, failure) -> {
            if (failure != null) {
                failures.add(failure);
                next(addresses, port);
            } else if (result.isDone()) {
                channel.close();
            } else {
                result.complete(new UdpCarrier(sockets, channel, to, from, traits));
            }
        });
    }

    private CompletionStage<DatagramChannel> open(InetSocketAddress to) {
        try {
            SocketAddress local = from == null ? null : new InetSocketAddress(from.towards(to), 0);
            return sockets.open(local, to);
        } catch (IllegalArgumentException e) { // the local address does not fit this one; it may fit the next
            return CompletableFuture.failedFuture(e);
        }
    }
}
