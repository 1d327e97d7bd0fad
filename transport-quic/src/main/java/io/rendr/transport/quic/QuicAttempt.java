// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.socket.DatagramChannel;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.LocalAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The attempt at one address: a socket, a connection on it, a stream on that. Leaves nothing behind unless it wins. */
final class QuicAttempt implements QuicConnection.Owner, Underlay.Owner {
    private static final int CONNECTION_ID = Quic.MAX_CONN_ID_LEN;

    private final QuicDial dial;
    private final InetSocketAddress address;
    private final Underlay.Inlet inlet = new Underlay.Inlet();
    private @Nullable Underlay underlay;
    private @Nullable QuicConnection connection;
    private @Nullable Mover mover;
    private boolean over;

    QuicAttempt(QuicDial dial, InetSocketAddress address) {
        this.dial = dial;
        this.address = address;
    }

    void begin() {
        try {
            dial.left();
            LocalAddress from = dial.way().from();
            SocketAddress local = from == null ? null : new InetSocketAddress(from.towards(address), 0);
            // Connected, so that the system tells when nobody listens there.
            dial.sockets().open(local, address, inlet).whenComplete((socket, failure) -> {
                if (failure != null) {
                    fail(failure);
                } else if (over) {
                    socket.close();
                } else {
                    tryToConnect(socket);
                }
            });
        } catch (SocketTimeoutException
                | IllegalArgumentException e) { // it does not fit this address; it may fit the next
            fail(e);
        }
    }

    private void tryToConnect(DatagramChannel socket) {
        try {
            connect(socket, (int) Math.max(1, dial.left().toMillis()));
        } catch (IOException | RuntimeException | LinkageError e) {
            socket.close();
            fail(e);
        }
    }

    private void connect(DatagramChannel socket, int millis) {
        QuicConnection made = new QuicConnection(dial.spec(), dial.tls(), address, this, connection -> {});
        byte[] connectionId = new byte[CONNECTION_ID];
        ThreadLocalRandom.current().nextBytes(connectionId); // tells connections apart, and is no secret
        Underlay below = new Underlay(socket, address, connectionId, this);
        connection = made;
        underlay = below;
        dial.sockets().loop().register(below);
        below.pipeline()
                .addLast(new Batch())
                .addLast(QuicCodecs.dialing(dial.spec())
                        .sslEngineProvider(made::engine)
                        .build());
        below.listen();
        QuicChannel.newBootstrap(below)
                .localAddress(below.localAddress())
                .remoteAddress(address)
                .localConnectionAddress(new QuicConnectionAddress(connectionId))
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RECVBUF_ALLOCATOR, QuicCodecs.datagramReads())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis)
                .option(
                        QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
                        dial.sockets().segments())
                .handler(made)
                .streamHandler(new ChannelInboundHandlerAdapter()) // the peer may open none
                .connect()
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        // Later, or the peer would not be told what is wrong with its certificate.
                        dial.sockets().loop().execute(() -> fail(why(made, done.cause())));
                    }
                });
    }

    private Throwable why(QuicConnection of, Throwable cause) {
        if (cause instanceof ConnectTimeoutException) {
            return QuicConnection.with(
                    new SocketTimeoutException("QUIC handshake with " + of.between() + ": no answer in time"), cause);
        }
        return of.why(cause);
    }

    @Override
    public void established() {
        QuicConnection now = connection;
        if (over || now == null) {
            return;
        }
        Alpn kind = dial.way().kind();
        if (Alpn.of(now.applicationProtocol()).filter(kind::equals).isEmpty()) {
            fail(new ProtocolException(
                    now.between() + " agrees on no application protocol (ALPN), or not on one of rendr"));
        } else if (kind == Alpn.STREAM) {
            openStream(now);
        } else if (now.takesDatagrams()) {
            win(now, null);
        } else {
            fail(new ProtocolException(now.between() + " takes no DATAGRAM frames: dial without mode=datagram"));
        }
    }

    private void openStream(QuicConnection now) {
        now.channel()
                .newStreamBootstrap()
                .type(QuicStreamType.BIDIRECTIONAL)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, false)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RECVBUF_ALLOCATOR, QuicCodecs.reads())
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRegistered(ChannelHandlerContext context) {
                        context.pipeline().remove(this); // Netty wants a handler before there is a carrier
                    }
                })
                .create()
                .addListener(done -> {
                    if (done.isSuccess()) {
                        win(now, (QuicStreamChannel) done.getNow());
                    } else {
                        fail(done.cause());
                    }
                });
    }

    private void win(QuicConnection won, @Nullable QuicStreamChannel stream) {
        Underlay below = underlay;
        if (over || below == null || !won.isOpen()) {
            return; // it hears that it has ended
        }
        CarrierTraits traits;
        try {
            traits = dial.tls().dialed(dial.way().traits(), won.engine());
        } catch (IOException e) {
            fail(e);
            return;
        }
        over = true;
        Mover moving = new Mover(dial.sockets(), below, won, dial.way().from());
        mover = moving;
        QuicCarrier carrier =
                dial.way().kind().carrier(won, traits, (InetSocketAddress) below.localAddress(), address, moving);
        moving.carrier(carrier);
        won.owner(carrier);
        if (stream != null) {
            carrier.opened(stream);
        }
        dial.won(this, carrier.carrier());
    }

    private void fail(Throwable cause) {
        if (!over) {
            abandon();
            dial.failed(this, cause);
        }
    }

    /** Leaves nothing behind. */
    void abandon() {
        if (over) {
            return;
        }
        over = true;
        Underlay below = underlay;
        if (connection != null) {
            connection.close(CloseCode.DONE);
        }
        if (below != null) {
            // Later: the peer is told first.
            dial.sockets().loop().execute(below::close);
        }
    }

    // ---- what is heard meanwhile

    @Override
    public void ended() {
        if (connection != null) {
            fail(why(connection, new IOException("the QUIC connection ended in its handshake")));
        }
    }

    /** In a handshake whoever could forge it could also forge a refusal, and another attempt follows. */
    @Override
    public void complaint(Throwable cause) {
        if (mover != null) {
            mover.complaint(cause);
        } else if (connection != null) {
            fail(
                    isRefusal(cause)
                            ? QuicConnection.with(
                                    new ConnectException(
                                            "connection refused: nobody listens for QUIC at " + connection.between()),
                                    cause)
                            : new IOException(
                                    "QUIC handshake with " + connection.between() + ": " + cause.getMessage(), cause));
        }
    }

    private static boolean isRefusal(Throwable cause) {
        return cause instanceof PortUnreachableException
                || String.valueOf(cause.getMessage()).contains("refused");
    }

    @Override
    public void lost() {
        if (mover != null) {
            mover.lost();
        } else {
            fail(new IOException("the system closed the socket to " + address));
        }
    }
}
