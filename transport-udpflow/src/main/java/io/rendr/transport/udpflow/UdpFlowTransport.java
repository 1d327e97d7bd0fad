// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import io.netty.channel.socket.DatagramChannel;
import io.rendr.OptionKey;
import io.rendr.PathSpec;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.DialRequest;
import io.rendr.spi.LocalAddress;
import io.rendr.spi.PacketCarrier;
import io.rendr.spi.PacketPathFactory;
import io.rendr.udp.BufferCheck;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * The transport {@code udpflow://host:port}: UDP over IPv4 and IPv6 ({@code udpflow://[2001:db8::1]:5555}), on epoll or NIO,
 * whichever the runtime runs. See {@link UdpFlowOptions} for what a path can be told; as an endpoint it also takes port 0, for
 * any free port, and {@code 0.0.0.0} or {@code [::]}, for all addresses of the machine. On a machine with several addresses name
 * the one that is dialed: an answer leaves from the address that the kernel's routes choose, and a dialer takes none from another.
 *
 * <p>UDP has no connect. A dial that succeeds says that there is a socket and a route; whether anybody answers is found out by
 * who dials. Of a name, the addresses are tried in the resolver's order until one has a route, and each further attempt of a
 * path begins with the next one.
 *
 * <p>Datagrams of equal size leave in one system call and are read in one, where Linux can (epoll; UDP_SEGMENT, UDP_GRO);
 * otherwise sendmmsg and recvmmsg are used with epoll, and a call for each with NIO. Nothing is fragmented on Linux with epoll,
 * nor with NIO from Java 19 on: what is larger than the MTU of the interface is dropped, and reported. A dialed carrier can move
 * to another local address ({@link io.rendr.spi.Rebindable}); what was on its way to the old one is read for 3 s more.
 *
 * <p>Nothing here authenticates, encrypts, repairs or controls congestion: the engine does. Thread-safe.
 */
public final class UdpFlowTransport implements PacketPathFactory {
    static final String NAME = "udpflow";

    private final BufferCheck check = new BufferCheck();

    /** Does nothing. */
    public UdpFlowTransport() {}

    @Override
    public String transport() {
        return NAME;
    }

    @Override
    public List<OptionKey<?>> options() {
        return UdpFlowOptions.ALL;
    }

    @Override
    public CompletionStage<PacketCarrier> dial(DialRequest request) {
        try {
            PathSpec spec = request.spec();
            InetSocketAddress remote = spec.socketAddress();
            UdpSockets sockets = new UdpSockets(request, check);
            String local = spec.find(UdpFlowOptions.LOCAL).orElse(null);
            if (local == null) {
                return new UdpDial(request, sockets, null, CarrierTraits.DATAGRAMS).start(remote);
            }
            return request.blocking(() -> LocalAddress.find(spec, local))
                    .thenCompose(
                            from -> new UdpDial(request, sockets, from, CarrierTraits.DATAGRAMS.withFateGroup(local))
                                    .start(remote));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletionStage<BoundPort> bind(BindRequest request) {
        try {
            PathSpec spec = request.spec();
            InetSocketAddress endpoint = spec.socketAddress();
            UdpSockets sockets = new UdpSockets(request, check);
            return request.resolve(endpoint.getHostString())
                    .handle((addresses, failure) -> {
                        if (failure != null) {
                            throw unresolved(spec, failure);
                        }
                        return new InetSocketAddress(addresses.get(0), endpoint.getPort());
                    })
                    .thenCompose(at -> sockets.open(at, null).exceptionallyCompose(e -> unbound(spec, e)))
                    .thenApply(channel -> handOver(request, sockets, channel));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static BoundPort handOver(BindRequest request, UdpSockets sockets, DatagramChannel channel) {
        UdpPort port = new UdpPort(sockets, channel);
        try {
            request.port(port);
        } catch (RuntimeException e) {
            channel.close();
            throw e;
        }
        InetSocketAddress bound = channel.localAddress();
        return new Bound(bound, request.spec().forDialers().withPort(bound.getPort()));
    }

    /** What the engine knows of the endpoint; the socket is its own. */
    private record Bound(SocketAddress localAddress, PathSpec dialSpec) implements BoundPort {
        @Override
        public void close() {}
    }

    private static CompletionException unresolved(PathSpec spec, Throwable failure) {
        UnknownHostException unknown =
                new UnknownHostException(spec.socketAddress().getHostString() + " (cannot listen at " + spec
                        + ": it must be a name or an address of this machine)");
        unknown.initCause(failure);
        return new CompletionException(unknown);
    }

    private static CompletionStage<DatagramChannel> unbound(PathSpec spec, Throwable cause) {
        BindException failure = new BindException("cannot listen at " + spec + ": " + cause.getMessage());
        failure.initCause(cause);
        return CompletableFuture.failedFuture(failure);
    }
}
