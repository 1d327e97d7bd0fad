// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicSslContext;
import io.rendr.Capabilities;
import io.rendr.OptionKey;
import io.rendr.PathSpec;
import io.rendr.TlsConfig;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.Carrier;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.ChannelSecurity;
import io.rendr.spi.DialRequest;
import io.rendr.spi.LocalAddress;
import io.rendr.spi.PathFactory;
import io.rendr.tls.TlsContexts;
import io.rendr.udp.BufferCheck;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The transport {@code quic://host:port}: QUIC version 1 (RFC 9000) over IPv4 and IPv6 ({@code quic://[2001:db8::1]:5555}), on
 * epoll or NIO, whichever the runtime runs. See {@link QuicOptions} for what a path can be told; as an endpoint it also takes
 * port 0, for any free port, and {@code 0.0.0.0} or {@code [::]}, for all addresses of the machine. On a machine with several
 * addresses name the one that is dialed: an answer leaves from the address that the kernel's routes choose. Of a name, all
 * addresses are tried, 250 ms apart, until one answers (RFC 8305).
 *
 * <p>Each carrier has a connection of its own, and on it one bidirectional stream, or with {@code mode=datagram} at the dialer
 * DATAGRAM frames (RFC 9221). QUIC always has TLS 1.3: with nothing set, a
 * dialer verifies the acceptor's certificate and name by what the JVM trusts, and an endpoint needs a certificate. What a dialer
 * has verified is {@link ChannelSecurity#AUTHENTICATED}.
 *
 * <p>A dialed carrier can move to another local address ({@link io.rendr.spi.Rebindable}) and keeps its connection, however often;
 * what was on its way to the old one is read for 3 s more. A NAT that forgets is followed too, once something genuine comes from the
 * new address and a question that was sent there is answered. That takes a dialer of this transport.
 *
 * <p>All connections of an endpoint live on one event loop, and share its socket, which stays open until the last of them has
 * ended, also when the endpoint is closed. The codec is native: where it has no library, {@link #unavailable()} says so.
 * Thread-safe.
 */
public final class QuicTransport implements PathFactory {
    static final String NAME = "quic";

    private final Map<Alpn, TlsContexts<QuicSslContext>> contexts = new EnumMap<>(Alpn.class);
    private final BufferCheck check = new BufferCheck();
    private final OpenSockets open = new OpenSockets();

    /** Keeps nothing yet. */
    public QuicTransport() {
        for (Alpn kind : Alpn.values()) {
            contexts.put(kind, new TlsContexts<>((spec, config) -> QuicTls.dialingContext(spec, config, kind)));
        }
    }

    @Override
    public String transport() {
        return NAME;
    }

    @Override
    public Optional<String> unavailable() {
        Throwable cause = Quic.unavailabilityCause();
        return cause == null
                ? Optional.empty()
                : Optional.of("no native QUIC library for " + System.getProperty("os.name") + " on "
                        + System.getProperty("os.arch")
                        + ": add io.netty:netty-codec-native-quic with the classifier of"
                        + " this machine, such as linux-x86_64, to the class path (" + cause + ")");
    }

    @Override
    public Set<String> capabilities() {
        return Set.of(Capabilities.QUIC_DATAGRAM);
    }

    @Override
    public List<OptionKey<?>> options() {
        return QuicOptions.ALL;
    }

    @Override
    public CompletionStage<? extends Carrier> dial(DialRequest request) {
        try {
            PathSpec spec = request.spec();
            TlsConfig tls = QuicTls.config(spec);
            QuicSockets sockets = new QuicSockets(request, check, open);
            return request.blocking(() -> prepare(spec, tls))
                    .thenCompose(way -> new QuicDial(request, sockets, way).start());
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Blocks: asks the system about addresses, and reads files. */
    private QuicDial.Way prepare(PathSpec spec, TlsConfig tls) throws IOException {
        Alpn kind = Alpn.of(spec.option(QuicOptions.MODE));
        Optional<String> local = spec.find(QuicOptions.LOCAL);
        CarrierTraits traits = local.map(kind.traits()::withFateGroup).orElse(kind.traits());
        LocalAddress from = local.isPresent() ? LocalAddress.find(spec, local.get()) : null;
        TlsContexts<QuicSslContext> kept = Objects.requireNonNull(contexts.get(kind));
        return new QuicDial.Way(kind, kept.of(spec, tls), from, traits);
    }

    @Override
    public CompletionStage<BoundPort> bind(BindRequest request) {
        try {
            PathSpec spec = request.spec();
            InetSocketAddress endpoint = spec.socketAddress();
            TlsConfig tls = QuicTls.config(spec);
            QuicSockets sockets = new QuicSockets(request, check, open);
            CompletionStage<InetSocketAddress> local = request.resolve(endpoint.getHostString())
                    .handle((addresses, failure) -> failure == null
                            ? new InetSocketAddress(addresses.get(0), endpoint.getPort())
                            : unresolved(spec, failure));
            return request.blocking(() -> QuicTls.accepting(spec, tls))
                    .thenCombine(local, (accepting, at) -> QuicPort.open(request, sockets, accepting, at))
                    .thenCompose(Function.identity());
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static InetSocketAddress unresolved(PathSpec spec, Throwable failure) {
        UnknownHostException unknown =
                new UnknownHostException(spec.socketAddress().getHostString() + " (cannot listen at " + spec
                        + ": it must be a name or an address of this machine)");
        unknown.initCause(failure);
        throw new CompletionException(unknown);
    }

    /** Gives what carriers have sent at last a second to arrive, and closes every socket. Blocks. */
    @Override
    public void close() {
        open.close();
    }
}
