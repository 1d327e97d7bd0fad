// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import io.netty.bootstrap.AbstractBootstrap;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.ssl.SslContext;
import io.rendr.OptionKey;
import io.rendr.PathSpec;
import io.rendr.TlsConfig;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.CarrierContext;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.Carriers;
import io.rendr.spi.ChannelHandshake;
import io.rendr.spi.ChannelSecurity;
import io.rendr.spi.DialRequest;
import io.rendr.spi.LocalAddress;
import io.rendr.spi.StreamCarrier;
import io.rendr.spi.StreamPathFactory;
import io.rendr.tls.TlsContexts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The transport {@code tcp://host:port}: TCP over IPv4 and IPv6 ({@code tcp://[2001:db8::1]:5555}), on epoll or NIO,
 * whichever the runtime runs. See {@link TcpOptions} for what a path can be told; as an endpoint it also takes port 0, for
 * any free port, and {@code 0.0.0.0} or {@code [::]}, for all addresses of the machine. Of a name, all addresses are tried,
 * 250 ms apart, until one connects (RFC 8305).
 *
 * <p>TCP_NODELAY is on. A carrier that dies is cut with SO_LINGER 0; one that is closed in an orderly way delivers what the
 * kernel has taken. When descriptors run out, accepting pauses for a second and goes on.
 *
 * <p>With {@code tls=true} or another option of {@link TlsConfig} there is TLS 1.3 on it, and nothing older. A dialer verifies
 * the acceptor's certificate and its name, which makes the carrier {@link ChannelSecurity#AUTHENTICATED}. A TLS connection that
 * ends without close_notify was cut. Without TLS nothing here authenticates or encrypts: the engine does. Thread-safe.
 */
public final class TcpTransport implements StreamPathFactory {
    private final TlsContexts<SslContext> contexts = new TlsContexts<>(Tls::dialingContext);

    /** Does nothing. */
    public TcpTransport() {}

    @Override
    public String transport() {
        return "tcp";
    }

    @Override
    public List<OptionKey<?>> options() {
        return TcpOptions.ALL;
    }

    @Override
    public CompletionStage<StreamCarrier> dial(DialRequest request) {
        try {
            return connect(request);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<StreamCarrier> connect(DialRequest request) {
        PathSpec spec = request.spec();
        InetSocketAddress remote = spec.socketAddress();
        boolean epoll = epoll(request);
        Optional<String> local = spec.find(TcpOptions.LOCAL);
        Optional<TlsConfig> tls = spec.tls();
        if (local.isEmpty() && tls.isEmpty()) {
            return Carriers.connect(request, remote, CarrierTraits.STREAM, b -> options(b, spec, epoll));
        }
        return request.blocking(() -> prepare(spec, local, tls))
                .thenCompose(way -> Carriers.connect(
                        request,
                        remote,
                        b -> {
                            options(b, spec, epoll);
                            if (way.from != null) {
                                b.localAddress(way.from.towards(b.config().remoteAddress()), 0);
                            }
                        },
                        way.handshake));
    }

    private record Way(@Nullable LocalAddress from, ChannelHandshake handshake) {}

    /** Blocks: asks the system about addresses, and reads files. */
    private Way prepare(PathSpec spec, Optional<String> local, Optional<TlsConfig> tls) throws IOException {
        CarrierTraits traits = local.map(CarrierTraits.STREAM::withFateGroup).orElse(CarrierTraits.STREAM);
        LocalAddress from = local.isPresent() ? LocalAddress.find(spec, local.get()) : null;
        if (tls.isEmpty()) {
            return new Way(from, (channel, left) -> CompletableFuture.completedFuture(traits));
        }
        Tls dialing = Tls.dialing(spec, tls.get(), traits, contexts.of(spec, tls.get()));
        return new Way(from, dialing::handshake);
    }

    @Override
    public CompletionStage<BoundPort> bind(BindRequest request) {
        try {
            return listen(request);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static CompletionStage<BoundPort> listen(BindRequest request) {
        PathSpec spec = request.spec();
        InetSocketAddress endpoint = spec.socketAddress();
        boolean epoll = epoll(request);
        CompletionStage<InetSocketAddress> local = request.resolve(endpoint.getHostString())
                .handle((addresses, failure) -> failure == null
                        ? new InetSocketAddress(addresses.get(0), endpoint.getPort())
                        : unresolved(spec, failure));
        Optional<TlsConfig> tls = spec.tls();
        if (tls.isEmpty()) {
            return local.thenCompose(
                    at -> Carriers.listen(request, at, CarrierTraits.STREAM, b -> options(b, spec, epoll)));
        }
        CarrierTraits encrypted = CarrierTraits.STREAM.withSecurity(ChannelSecurity.ENCRYPTED, null);
        return request.blocking(() -> Tls.accepting(spec, tls.get()))
                .thenCombine(
                        local,
                        (accepting, at) -> Carriers.listen(
                                request, at, encrypted, b -> options(b, spec, epoll), accepting::secure))
                .thenCompose(Function.identity());
    }

    private static InetSocketAddress unresolved(PathSpec spec, Throwable failure) {
        UnknownHostException unknown =
                new UnknownHostException(spec.socketAddress().getHostString() + " (cannot listen at " + spec
                        + ": it must be a name or an address of this machine)");
        unknown.initCause(failure);
        throw new CompletionException(unknown);
    }

    private static void options(Bootstrap bootstrap, PathSpec spec, boolean epoll) {
        bootstrap.option(ChannelOption.TCP_NODELAY, true);
        setUnlessZero(bootstrap, ChannelOption.SO_SNDBUF, spec.option(TcpOptions.SEND_BUFFER));
        setUnlessZero(bootstrap, ChannelOption.SO_RCVBUF, spec.option(TcpOptions.RECEIVE_BUFFER));
        long lowat = spec.option(TcpOptions.NOTSENT_LOWAT);
        if (epoll && lowat > 0) {
            bootstrap.option(EpollChannelOption.TCP_NOTSENT_LOWAT, lowat);
        }
    }

    private static void options(ServerBootstrap bootstrap, PathSpec spec, boolean epoll) {
        bootstrap.childOption(ChannelOption.TCP_NODELAY, true);
        // On the listening socket, as an accepted one has already told its peer how its window scales.
        setUnlessZero(bootstrap, ChannelOption.SO_RCVBUF, spec.option(TcpOptions.RECEIVE_BUFFER));
        long sendBuffer = spec.option(TcpOptions.SEND_BUFFER);
        if (sendBuffer > 0) {
            bootstrap.childOption(ChannelOption.SO_SNDBUF, (int) sendBuffer);
        }
        long lowat = spec.option(TcpOptions.NOTSENT_LOWAT);
        if (epoll && lowat > 0) {
            bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, lowat);
        }
    }

    private static void setUnlessZero(AbstractBootstrap<?, ?> bootstrap, ChannelOption<Integer> option, long bytes) {
        if (bytes > 0) {
            bootstrap.option(option, (int) bytes);
        }
    }

    /** Whether the loop of the request runs epoll; checks what the path demands. */
    private static boolean epoll(CarrierContext request) {
        boolean epoll = isEpoll(request.eventLoop());
        TcpOptions.Io wanted = request.spec().option(TcpOptions.IO);
        if (wanted != TcpOptions.Io.AUTO && (wanted == TcpOptions.Io.EPOLL) != epoll) {
            throw new IllegalArgumentException("path " + request.spec() + " demands io="
                    + TcpOptions.IO.format(wanted) + ", but the event loops of this runtime are "
                    + (epoll ? "epoll" : "NIO") + "; leave the option out to take what there is");
        }
        return epoll;
    }

    private static boolean isEpoll(EventLoop loop) {
        return loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
    }
}
