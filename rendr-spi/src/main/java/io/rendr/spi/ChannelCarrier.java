// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.rendr.CloseReason;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A Netty channel as a carrier: the last handler of its pipeline. Credit is the room below the channel's own high-water
 * mark, so that nothing is counted twice and a write costs what Netty's write costs.
 */
final class ChannelCarrier extends ChannelInboundHandlerAdapter implements StreamCarrier {
    private final Channel channel;
    private final CarrierTraits traits;
    private final SocketAddress localAddress;
    private final SocketAddress remoteAddress;

    private @Nullable ChannelHandlerContext context;
    private @Nullable CarrierListener listener;
    /** What a channel delivered before it was asked to read; epoll does so when the peer hangs up early. */
    private @Nullable Queue<ByteBuf> early;
    /** Why it ends: set by the first that knows, heard by the listener. */
    private @Nullable CloseReason ending;

    /** Ended by this end, or by a failure: nothing more is delivered. What came before the peer's end still is. */
    private boolean silent;
    /** Something was delivered since the last readComplete: Netty also tells of reads that found nothing but the end. */
    private boolean unread;

    private boolean inactive;
    private boolean closedHeard;
    /** Inside write or flush, from where the listener must not be called. */
    private boolean busy;

    ChannelCarrier(Channel channel, CarrierTraits traits) {
        this.channel = channel;
        this.traits = traits;
        this.localAddress = Objects.requireNonNullElse(channel.localAddress(), Carriers.UNKNOWN_ADDRESS);
        this.remoteAddress = Objects.requireNonNullElse(channel.remoteAddress(), Carriers.UNKNOWN_ADDRESS);
    }

    @Override
    public EventLoop eventLoop() {
        return channel.eventLoop();
    }

    @Override
    public CarrierTraits traits() {
        return traits;
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public void start(CarrierListener listener) {
        if (this.listener != null) {
            throw new IllegalStateException("carrier " + this + " was started twice");
        }
        this.listener = Objects.requireNonNull(listener, "listener");
        if (early != null || inactive) {
            // Later, not from inside this call; reading goes on only after what came early.
            channel.eventLoop().execute(this::catchUp);
        } else {
            channel.config().setAutoRead(true);
        }
    }

    private void catchUp() {
        CarrierListener heard = Objects.requireNonNull(listener);
        Queue<ByteBuf> waiting = early;
        early = null;
        if (waiting != null) {
            try {
                while (!silent && !waiting.isEmpty()) {
                    heard.received(waiting.remove(), 0);
                }
                if (!silent) {
                    heard.readComplete();
                }
            } catch (RuntimeException | Error e) {
                fail(e);
            }
            waiting.forEach(ByteBuf::release);
        }
        if (inactive) {
            hearClosed();
        } else {
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public int credit() {
        return (int) Math.min(Integer.MAX_VALUE, channel.bytesBeforeUnwritable());
    }

    @Override
    public long queued() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    @Override
    public void write(ByteBuf slice) {
        if (ending != null || context == null) {
            slice.release();
            return;
        }
        busy = true;
        try {
            context.write(slice, context.voidPromise());
        } finally {
            busy = false;
        }
    }

    /** What passes no other handler goes to the system by a gathering write. */
    @Override
    public boolean gathers() {
        return channel.pipeline().first() == this;
    }

    @Override
    public void flush() {
        if (context == null) {
            return;
        }
        busy = true;
        try {
            context.flush();
        } finally {
            busy = false;
        }
    }

    @Override
    public void close(CloseReason why) {
        silent = true;
        if (early != null && listener == null) {
            early.forEach(ByteBuf::release);
            early = null;
        }
        if (ending != null) {
            return;
        }
        ending = why;
        if (why.isOrderly()) {
            channel.close();
        } else {
            cut();
        }
    }

    /** Ends the channel past all handlers: a TLS close would wait for a peer that may be gone. */
    private void cut() {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException e) {
            // The socket is closed already, and lingers no more.
        }
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        if (!channel.isOpen()) {
            channelInactive(ctx); // it was over before this handler could hear of it
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf data)) {
            ReferenceCountUtil.release(message);
            fail(new IllegalStateException("a carrier's channel delivered a "
                    + message.getClass().getName() + " instead of a ByteBuf; is a handler missing in its pipeline?"));
            return;
        }
        if (silent) {
            data.release();
        } else if (listener == null || early != null) {
            if (early == null) {
                early = new ArrayDeque<>();
            }
            early.add(data);
        } else {
            unread = true;
            listener.received(data, 0);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (unread && !silent && listener != null) {
            unread = false;
            listener.readComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        // From inside flush() nobody has to be woken: the caller looks at the credit when it returns.
        if (listener != null && early == null && !busy && ending == null && channel.isWritable()) {
            listener.writable();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause);
    }

    private void fail(Throwable cause) {
        close(CloseReason.of(cause));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (inactive) {
            return;
        }
        inactive = true;
        if (ending == null) {
            ending = CloseReason.of(CloseReason.Kind.PEER_CLOSED, "end of file from " + remoteAddress);
        }
        if (listener == null || early != null) {
            return; // start or catchUp tells it
        }
        if (busy) {
            channel.eventLoop().execute(this::hearClosed);
        } else {
            hearClosed();
        }
    }

    private void hearClosed() {
        if (!closedHeard) {
            closedHeard = true;
            Objects.requireNonNull(listener).closed(Objects.requireNonNull(ending));
        }
    }

    @Override
    public String toString() {
        return localAddress + " - " + remoteAddress;
    }
}
