// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.AttributeKey;
import io.rendr.PathSpec;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.ChannelSecurity;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening socket, which all connections that it accepts share: they live on its event loop, and it stays open until the last
 * of them has ended. A connection becomes a carrier when its handshake is done, of the kind that was agreed on in it.
 */
final class QuicPort implements BoundPort, RetryTokens.Door {
    private static final Logger LOG = LoggerFactory.getLogger(QuicPort.class);
    private static final AttributeKey<Newcomer> NEWCOMER = AttributeKey.valueOf(QuicPort.class, "newcomer");

    /** What a handshake may take. Those of carriers that come of it have the acceptor's own deadline. */
    private static final int HANDSHAKE_SECONDS = 10;

    private final BindRequest request;
    private final QuicTls tls;
    private final Admission<QuicConnection> admission = new Admission<>(System::nanoTime);
    private final Set<QuicConnection> connections = new HashSet<>();
    private final Whereabouts whereabouts;
    private @Nullable DatagramChannel socket;
    private InetSocketAddress localAddress;
    private PathSpec dialSpec;
    private volatile boolean closed;
    /** Whether the one who is just about to come in has shown his address. */
    private boolean shown;

    private QuicPort(BindRequest request, QuicTls tls, InetSocketAddress localAddress, QuicSockets sockets) {
        this.whereabouts = new Whereabouts(sockets, new SecureRandom());
        this.request = request;
        this.tls = tls;
        this.localAddress = localAddress;
        this.dialSpec = request.spec().forDialers();
    }

    /** Opens one; on the event loop of the request, on which the result completes too. */
    static CompletionStage<BoundPort> open(
            BindRequest request, QuicSockets sockets, QuicTls tls, InetSocketAddress at) {
        QuicPort port = new QuicPort(request, tls, at, sockets);
        return sockets.open(at, null, port.handlers(sockets))
                .exceptionallyCompose(e -> unbound(request.spec(), e))
                .thenApply(port::opened);
    }

    private static CompletionStage<DatagramChannel> unbound(PathSpec spec, Throwable cause) {
        BindException failure = new BindException("cannot listen at " + spec + ": " + cause.getMessage());
        failure.initCause(cause);
        return CompletableFuture.failedFuture(failure);
    }

    private ChannelInitializer<Channel> handlers(QuicSockets sockets) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel below) {
                below.pipeline()
                        .addLast(new Gate(() -> closed || !request.accepting()))
                        .addLast(whereabouts)
                        .addLast(new Batch())
                        .addLast(QuicCodecs.accepting(request.spec())
                                .connectionIdAddressGenerator(whereabouts.ids())
                                .sslEngineProvider(
                                        channel -> newcomer(channel).connection.engine(channel))
                                .tokenHandler(new RetryTokens(QuicPort.this, System::nanoTime, new SecureRandom()))
                                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                                .option(ChannelOption.RECVBUF_ALLOCATOR, QuicCodecs.datagramReads())
                                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, sockets.segments())
                                .handler(new ChannelInitializer<QuicChannel>() {
                                    @Override
                                    protected void initChannel(QuicChannel channel) {
                                        channel.pipeline().addLast(newcomer(channel).connection);
                                    }
                                })
                                .streamOption(ChannelOption.AUTO_READ, false)
                                .streamOption(ChannelOption.ALLOW_HALF_CLOSURE, false)
                                .streamOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                                .streamOption(ChannelOption.RECVBUF_ALLOCATOR, QuicCodecs.reads())
                                .streamHandler(new ChannelInitializer<QuicStreamChannel>() {
                                    @Override
                                    protected void initChannel(QuicStreamChannel stream) {
                                        newcomer(stream.parent()).connection.opened(stream);
                                    }
                                })
                                .build())
                        .addLast(new Troubles());
            }
        };
    }

    /** What the socket itself tells. Errors are those of single datagrams, whose loss the codec repairs. */
    private final class Troubles extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("the socket of {} says", request.spec(), cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (!closed) {
                request.failed(new IOException("the listening socket of " + dialSpec + " was closed by the system"));
            }
        }
    }

    private BoundPort opened(DatagramChannel channel) {
        socket = channel;
        localAddress = channel.localAddress();
        dialSpec = dialSpec.withPort(localAddress.getPort());
        return this;
    }

    @Override
    public boolean wantsToken() {
        return admission.wantsToken();
    }

    @Override
    public boolean mayEnter(InetSocketAddress address, boolean hasShown) {
        shown = hasShown;
        return !admission.isFull(address);
    }

    /** The one to whom a channel belongs; the codec asks for it with the channel's first packet. */
    private Newcomer newcomer(QuicChannel channel) {
        Newcomer known = channel.attr(NEWCOMER).get();
        if (known != null) {
            return known;
        }
        InetSocketAddress peer = (InetSocketAddress) Objects.requireNonNull(channel.remoteSocketAddress());
        Newcomer made = new Newcomer(peer, (InetSocketAddress) Objects.requireNonNull(channel.localSocketAddress()));
        channel.attr(NEWCOMER).set(made);
        whereabouts.enter(channel, made.connection::peerMoved);
        connections.add(made.connection);
        QuicConnection displaced = admission.begin(made.connection, peer, shown);
        if (displaced != null) {
            displaced.giveUp();
        }
        made.deadline = channel.parent()
                .eventLoop()
                .schedule(() -> made.connection.giveUp(), HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        return made;
    }

    /** A connection until it is a carrier. */
    private final class Newcomer implements QuicConnection.Owner {
        private final QuicConnection connection;
        private final InetSocketAddress peer;
        private final InetSocketAddress here;
        private @Nullable Future<?> deadline;

        Newcomer(InetSocketAddress peer, InetSocketAddress here) {
            this.peer = peer;
            this.here = here;
            this.connection = new QuicConnection(request.spec(), tls, peer, this, QuicPort.this::gone);
        }

        @Override
        public void established() {
            admission.prove(connection);
            cancelDeadline();
            if (closed || !request.accepting()) {
                connection.close(CloseCode.REFUSED);
            } else {
                // Without one TLS has seen to it already.
                Alpn.of(connection.applicationProtocol())
                        .ifPresentOrElse(this::handOver, () -> connection.close(CloseCode.REFUSED));
            }
        }

        private void handOver(Alpn kind) {
            QuicCarrier carrier = carrier(kind);
            connection.owner(carrier);
            // Not from inside the codec: the engine may start it, or end it, at once.
            connection.eventLoop().execute(() -> {
                if (connection.isOpen() && (closed || !request.accepting())) {
                    connection.close(CloseCode.REFUSED);
                } else {
                    request.accepted(carrier.carrier());
                }
            });
        }

        /** A handshake that failed is told like that of a carrier of another kind: whoever accepts counts it. */
        @Override
        public void ended() {
            cancelDeadline();
            IOException why = connection.why(null);
            LOG.debug("a handshake at {} came to nothing", request.spec(), why);
            if (connection.isTlsFailure() && !closed && request.accepting()) {
                QuicCarrier failed = carrier(Alpn.STREAM);
                failed.ended();
                connection.eventLoop().execute(() -> request.accepted(failed.carrier()));
            }
        }

        private QuicCarrier carrier(Alpn kind) {
            CarrierTraits known = kind.traits().withSecurity(ChannelSecurity.ENCRYPTED, null);
            return kind.carrier(connection, known, here, peer, null);
        }

        private void cancelDeadline() {
            if (deadline != null) {
                deadline.cancel(false);
            }
        }
    }

    private void gone(QuicConnection connection) {
        whereabouts.leave(connection.channel());
        admission.leave(connection);
        connections.remove(connection);
        closeIfUnused();
    }

    private void closeIfUnused() {
        DatagramChannel now = socket;
        if (closed && connections.isEmpty() && now != null && now.isOpen()) {
            // Later: what the last one has to say may not have been flushed yet.
            now.eventLoop().execute(now::close);
        }
    }

    /** Connections that have proved nothing; on the event loop. */
    int unproven() {
        return admission.unproven();
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public PathSpec dialSpec() {
        return dialSpec;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            try {
                request.eventLoop().execute(this::closeIfUnused);
            } catch (RejectedExecutionException e) {
                // The runtime was closed before, and ended all that lives there.
                return;
            }
        }
    }
}
