// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicDatagramExtensionEvent;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicTransportError;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.rendr.PathSpec;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * One QUIC connection at either end, as a handler of its channel: it hears all that happens and can say afterwards why the
 * connection ended. On one event loop.
 */
final class QuicConnection extends ChannelInboundHandlerAdapter {
    /** How long the other end may take to read what was sent before a FIN. */
    private static final int LINGER_SECONDS = 10;

    /** How long a reset of the stream has to get there. */
    private static final int RESET_SECONDS = 1;

    /** What Netty says of a version of QUIC that is not spoken here. */
    private static final String UNKNOWN_VERSION = "UNKNOWN_VERSION";

    /** Who has the connection. */
    interface Owner {
        /** The handshake is done. */
        default void established() {}

        /** The peer has opened a stream. */
        default void opened(QuicStreamChannel stream) {
            stream.close();
        }

        /** A datagram arrived; owned by the owner from now on. */
        default void arrived(ByteBuf datagram) {
            datagram.release();
        }

        /** What came in one go has been handed over. */
        default void readComplete() {}

        /** The peer comes from another address, which it has proved. */
        default void peerMoved(InetSocketAddress to) {}

        /** It is over, see {@link QuicConnection#why()}. The last call. */
        void ended();
    }

    private final PathSpec spec;
    private final QuicTls tls;
    private final InetSocketAddress peer;
    private final long idleSeconds;
    private final Consumer<QuicConnection> gone;
    private Owner owner;
    private @Nullable QuicChannel channel;
    private @Nullable Batch batch;
    private @Nullable QuicSslEngine engine;
    private @Nullable QuicConnectionCloseEvent closeEvent;
    private @Nullable Throwable trouble;
    private @Nullable Future<?> lingering;
    private boolean established;
    private boolean closing;
    private boolean over;
    private boolean takesDatagrams;

    /**
     * Prepares to hear.
     *
     * @param spec the path or endpoint, for messages
     * @param peer the other end, for messages
     * @param gone hears, before the owner, that it is over
     */
    QuicConnection(PathSpec spec, QuicTls tls, InetSocketAddress peer, Owner owner, Consumer<QuicConnection> gone) {
        this.spec = spec;
        this.tls = tls;
        this.peer = peer;
        this.owner = owner;
        this.gone = gone;
        this.idleSeconds = spec.option(QuicOptions.IDLE_TIMEOUT).toSeconds();
    }

    /** Hands it on. */
    void owner(Owner next) {
        owner = next;
    }

    QuicChannel channel() {
        return Objects.requireNonNull(channel, "not registered yet");
    }

    /** What is read together with what the codec reads now. */
    Batch batch() {
        return Objects.requireNonNull(batch, "not registered yet");
    }

    EventLoop eventLoop() {
        return channel().eventLoop();
    }

    /** The engine of the handshake; made when it begins. */
    QuicSslEngine engine(QuicChannel of) {
        QuicSslEngine made = tls.engine(of);
        engine = made;
        return made;
    }

    /** What was agreed on; null if nothing or not yet. */
    @Nullable
    String applicationProtocol() {
        return engine == null ? null : engine.getApplicationProtocol();
    }

    QuicTls tls() {
        return tls;
    }

    QuicSslEngine engine() {
        return Objects.requireNonNull(engine, "no handshake was begun");
    }

    boolean isOpen() {
        return !over && !closing && channel != null && channel.isOpen();
    }

    boolean isEstablished() {
        return established;
    }

    /** Whether the peer takes DATAGRAM frames; known when the handshake is done. */
    boolean takesDatagrams() {
        return takesDatagrams;
    }

    /** The largest UDP payload that its route is known to carry now, in bytes; 0 if that cannot be told. */
    int payload() {
        if (!isOpen()) {
            return 0;
        }
        var stats = channel().collectPathStats(0);
        return stats.isSuccess() ? (int) stats.getNow().pmtu() : 0;
    }

    /** The peer is somewhere else. */
    void peerMoved(InetSocketAddress to) {
        owner.peerMoved(to);
    }

    /** Whom it is with, and for which path or endpoint. */
    String between() {
        return peer + " (" + spec.name() + ")";
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = (QuicChannel) context.channel();
        batch = channel.parent().pipeline().get(Batch.class);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                established = true;
                owner.established();
            } else {
                remember(handshake.cause());
            }
        } else if (event instanceof QuicConnectionCloseEvent close) {
            closeEvent = close;
            // Nothing more comes, and the codec would only wait. Later: streams may hold what came before.
            context.executor().execute(() -> context.channel().close());
        } else if (event instanceof QuicDatagramExtensionEvent) {
            takesDatagrams = true;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf datagram) {
            owner.arrived(datagram);
        } else if (message instanceof QuicStreamChannel) {
            context.fireChannelRead(message); // the codec registers it
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        owner.readComplete();
        context.fireChannelReadComplete();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        remember(cause);
    }

    private void remember(Throwable cause) {
        if (trouble == null) {
            trouble = cause;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        end(); // one that never was active only hears this
    }

    private void end() {
        if (!over) {
            over = true;
            if (lingering != null) {
                lingering.cancel(false);
            }
            gone.accept(this);
            owner.ended();
        }
    }

    /** Ends a handshake that takes too long, or that another one displaces. */
    void giveUp() {
        close(CloseCode.REFUSED);
        if (channel == null) {
            end(); // the codec has never registered it, and tells nothing
        }
    }

    /** Hands a stream on that the peer has opened. */
    void opened(QuicStreamChannel stream) {
        owner.opened(stream);
    }

    /** Gives the peer time to read what was sent before a FIN; it closes the connection then. */
    void linger() {
        if (lingering == null && !over) {
            lingering = eventLoop().schedule(() -> close(CloseCode.CUT), LINGER_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Gives the peer a moment to hear that the stream was reset; it closes the connection then. */
    void closeSoon() {
        if (lingering == null && !over) {
            lingering = eventLoop().schedule(() -> close(CloseCode.CUT), RESET_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Ends it at once, and says so to the peer. */
    void close(int code) {
        QuicChannel now = channel;
        if (now != null && now.isOpen() && !closing) {
            closing = true;
            // Not from inside the codec, which would go on with what it has released.
            now.eventLoop().execute(() -> now.close(false, code, Unpooled.EMPTY_BUFFER));
        }
    }

    /** Whether the two ends understood each other and did not agree; garbage that nobody can decipher is none of that. */
    boolean isTlsFailure() {
        return trouble instanceof SSLHandshakeException || closeEvent != null && closeEvent.isTlsError();
    }

    /**
     * Why it has ended, in words that name the peer and the path; a type that tells the kind.
     *
     * @param dialing what a dial that came to nothing was told; null if there was none, or nothing
     */
    IOException why(@Nullable Throwable dialing) {
        Throwable cause = trouble == null ? dialing : trouble;
        QuicConnectionCloseEvent close = closeEvent;
        if (close != null) {
            return ofPeer(close);
        }
        if (channel != null && channel.isTimedOut()) {
            return new SocketTimeoutException(
                    established
                            ? "nothing came from " + between() + " until the QUIC idle time-out, " + idleSeconds
                                    + " s at this end"
                            : "QUIC handshake with " + between() + ": no answer in time");
        }
        if (cause instanceof SSLHandshakeException) {
            return tls.failure(between(), engine, cause);
        }
        if (cause != null && String.valueOf(cause.getMessage()).contains(UNKNOWN_VERSION)) {
            return with(new ProtocolException(between() + " speaks no version of QUIC that this end does"), cause);
        }
        if (cause instanceof QuicException || cause instanceof SSLException) {
            return with(new ProtocolException("QUIC with " + between() + " failed: " + cause.getMessage()), cause);
        }
        if (cause instanceof IOException io && !(io instanceof ClosedChannelException)) {
            return io;
        }
        return new IOException("connection reset: the QUIC connection with " + between()
                + " is unknown to the other end (stateless reset), or was dropped");
    }

    private IOException ofPeer(QuicConnectionCloseEvent close) {
        String said = said(close);
        if (close.isTlsError()) {
            return tls.failure(between(), QuicConnectionCloseEvent.extractTlsError(close.error()));
        }
        if (close.isApplicationClose()) {
            return new IOException(
                    "connection reset by " + between() + ": QUIC application error " + close.error() + said);
        }
        if (close.error() == CloseCode.DONE) {
            return new EOFException("closed by " + between());
        }
        // An application that closes before the handshake is done may only say that it does (RFC 9000 section 10.2.3).
        if (close.error() == CloseCode.REFUSED || !established && close.error() == CloseCode.CUT) {
            return refused(said);
        }
        if (close.error() == CloseCode.CUT) {
            return new IOException("connection reset by " + between() + said);
        }
        return new ProtocolException("QUIC with " + between() + " failed: the peer says "
                + QuicTransportError.valueOf(close.error()) + said);
    }

    private ConnectException refused(String said) {
        return new ConnectException("connection refused by " + between() + said);
    }

    /** What a peer says goes to logs and terminals. */
    private static String said(QuicConnectionCloseEvent close) {
        String reason;
        try {
            reason = new String(close.reason(), StandardCharsets.UTF_8);
        } catch (NullPointerException e) {
            return ""; // which is how the event tells that there is none
        }
        String shown = reason.substring(0, Math.min(reason.length(), 200)).replaceAll("\\p{Cntrl}", "?");
        return shown.isEmpty() ? "" : ", '" + shown + "'";
    }

    static <E extends IOException> E with(E made, Throwable cause) {
        made.initCause(cause);
        return made;
    }
}
