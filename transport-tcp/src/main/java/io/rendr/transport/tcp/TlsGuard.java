// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.rendr.spi.CarrierTraits;
import io.rendr.tls.TlsFailure;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Stands between Netty's TLS and the carrier, and turns what TLS tells into what a carrier hears: failures with their reason,
 * close_notify as the peer's orderly end, and an end without one as a cut.
 */
final class TlsGuard extends ChannelDuplexHandler {
    /** A fatal alert, unexpected_message (RFC 8446 sections 5.1 and 6): tells whoever spoke in clear that TLS is wanted. */
    private static final byte[] UNEXPECTED_MESSAGE = {0x15, 0x03, 0x03, 0, 2, 2, 10};

    private final Tls tls;
    private final boolean dialing;
    private final CompletableFuture<CarrierTraits> secured = new CompletableFuture<>();
    private boolean open;
    private boolean failed;
    private boolean closing;

    TlsGuard(Tls tls, boolean dialing) {
        this.tls = tls;
        this.dialing = dialing;
    }

    /** Completes when the handshake of a dialer is done. An acceptor's carrier hears of a failure by itself. */
    CompletionStage<CarrierTraits> secured() {
        return secured;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                handshakeDone(ctx);
            } else {
                handshakeFailed(ctx, handshake.cause());
            }
        } else if (event instanceof SslCloseCompletionEvent end && open && !closing) {
            if (end.isSuccess()) {
                ctx.channel().close();
            } else {
                ctx.fireExceptionCaught(new IOException("connection reset: TLS with " + tls.between(ctx.channel())
                        + " ended without a close_notify, so it was cut"));
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    private void handshakeDone(ChannelHandlerContext ctx) {
        open = true;
        if (dialing) {
            try {
                secured.complete(tls.traits(ctx.pipeline().get(SslHandler.class).engine()));
            } catch (SSLPeerUnverifiedException e) {
                secured.completeExceptionally(TlsFailure.ofHandshake(tls.between(ctx.channel()), tls.isCertified(), e));
            }
        }
    }

    private void handshakeFailed(ChannelHandlerContext ctx, Throwable cause) {
        if (failed) {
            return;
        }
        failed = true;
        IOException why = TlsFailure.ofHandshake(tls.between(ctx.channel()), tls.isCertified(), cause);
        if (!ctx.channel().isActive()) {
            tell(ctx, why);
            return;
        }
        if (!dialing && cause instanceof NotSslRecordException) {
            ctx.pipeline().context(SslHandler.class).writeAndFlush(Unpooled.wrappedBuffer(UNEXPECTED_MESSAGE));
        }
        // Later: who hears it cuts the channel, and the alert that tells the peer has to leave before.
        ctx.executor().execute(() -> tell(ctx, why));
    }

    private void tell(ChannelHandlerContext ctx, IOException why) {
        if (dialing) {
            secured.completeExceptionally(why);
        } else {
            ctx.fireExceptionCaught(why);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (open) {
            ctx.fireExceptionCaught(TlsFailure.ofConnection(tls.between(ctx.channel()), tls.isCertified(), cause));
        } else {
            handshakeFailed(ctx, cause);
        }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        closing = true;
        ChannelOutboundBuffer queue = ctx.channel().unsafe().outboundBuffer();
        if (queue != null && queue.totalPendingWriteBytes() > 0) {
            // A close_notify would have to wait behind what is dropped now.
            ctx.channel().unsafe().close(promise);
        } else {
            ctx.close(promise);
        }
    }
}
