// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.util.ReferenceCountUtil;
import io.rendr.CloseReason;
import io.rendr.spi.Carrier;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.Carriers;
import io.rendr.spi.StreamCarrier;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A QUIC connection as a carrier, on its only stream. That is opened by the dialer, and the acceptor learns of it with its first
 * bytes: what an acceptor writes before waits here. With a dialer that speaks first, as the engine's does, nothing ever does.
 *
 * <p>What is written waits here too while the connection may not send: then another path can still take it. The codec is given
 * what congestion and flow control let it send now, and copies it.
 *
 * <p>An orderly end is a FIN. Who reads it closes the connection, so that who sent it knows that all has arrived; if it does not
 * come to that, the sender cuts after a while.
 */
final class QuicStreamCarrier extends QuicCarrier implements StreamCarrier {
    private final Runnable readRest = this::read;
    private @Nullable QuicStreamChannel stream;
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
    private long waitingBytes;
    /** Given to the codec, which had less room than it said. */
    private long handedBytes;

    /** Ended by this end, or by a failure: nothing more is delivered. What came before the peer's end still is. */
    private boolean silent;

    /** This end's FIN came before the peer's: the end of the stream says nothing of what the peer has read. */
    private boolean truncated;

    private boolean unread;
    private boolean reading;
    private boolean putOff;
    /** The credit was used up, and there is none before much of what waits has gone. */
    private boolean full;
    /** Inside write or flush, from where the listener must not be called. */
    private boolean busy;

    /**
     * On an established connection, or one that came to nothing.
     *
     * @param mover exchanges the socket; null where that cannot be
     */
    QuicStreamCarrier(
            QuicConnection connection,
            CarrierTraits traits,
            InetSocketAddress localAddress,
            InetSocketAddress remoteAddress,
            @Nullable Mover mover) {
        super(connection, traits, localAddress, remoteAddress, mover);
    }

    @Override
    Carrier carrier() {
        return this;
    }

    @Override
    void begin() {
        read();
        wake();
    }

    /**
     * Reads all that there is. The codec delivers with each packet what is wanted just then, a buffer each time; wanted is the
     * first, and the others when the socket has delivered all that it had.
     */
    private void read() {
        putOff = false;
        if (stream != null && stream.isActive()) {
            reading = true;
            stream.read();
            reading = false;
        }
    }

    @Override
    public int credit() {
        return ending != null || full ? 0 : (int) Math.max(0, Carriers.HIGH_WATER_MARK - queued());
    }

    @Override
    public long queued() {
        return ending != null ? 0 : waitingBytes + handedBytes;
    }

    @Override
    public void write(ByteBuf slice) {
        if (ending != null || !slice.isReadable()) {
            slice.release();
            return;
        }
        waitingBytes += slice.readableBytes();
        waiting.add(direct(slice));
        full |= queued() >= Carriers.HIGH_WATER_MARK;
    }

    /** The codec reads from native memory, and would copy a whole batch for one buffer that is not there. */
    private static ByteBuf direct(ByteBuf slice) {
        if (slice.isDirect()) {
            return slice;
        }
        ByteBuf copy = PooledByteBufAllocator.DEFAULT.directBuffer(slice.readableBytes());
        copy.writeBytes(slice, slice.readerIndex(), slice.readableBytes());
        slice.release();
        return copy;
    }

    /** Many small ones are handed over as one, and the codec copies what it takes. */
    @Override
    public boolean gathers() {
        return true;
    }

    @Override
    public void flush() {
        busy = true;
        try {
            drain();
        } finally {
            busy = false;
        }
        full &= !hasDrained(); // whoever flushes looks at the credit again
    }

    private void drain() {
        QuicStreamChannel to = stream;
        while (to != null && ending == null && handedBytes == 0 && waitingBytes > 0) {
            long room = to.bytesBeforeUnwritable();
            if (room == 0) {
                return;
            }
            ByteBuf batch = next((int) Math.min(waitingBytes, room));
            int length = batch.readableBytes();
            handedBytes += length;
            ChannelFuture outcome = to.write(batch);
            if (outcome.isDone()) {
                taken(length, outcome);
            } else {
                outcome.addListener(done -> {
                    taken(length, outcome);
                    if (!busy) {
                        drain();
                        wake();
                    }
                });
            }
        }
    }

    private ByteBuf next(int most) {
        ByteBuf first = waiting.element();
        waitingBytes -= most;
        if (first.readableBytes() >= most) {
            return piece(most);
        }
        CompositeByteBuf batch = PooledByteBufAllocator.DEFAULT.compositeDirectBuffer(waiting.size());
        for (int left = most; left > 0; ) {
            ByteBuf one = piece(left);
            left -= one.readableBytes();
            batch.addComponent(true, one);
        }
        return batch;
    }

    /** The first buffer, or as much of it as is wanted. */
    private ByteBuf piece(int most) {
        ByteBuf first = waiting.element();
        return first.readableBytes() > most ? first.readRetainedSlice(most) : waiting.remove();
    }

    private void taken(int length, ChannelFuture outcome) {
        handedBytes -= length;
        if (!outcome.isSuccess() && ending == null && connection.isOpen()) {
            IOException stopped = new IOException(
                    "connection reset: " + connection.between() + " takes no more on the stream", outcome.cause());
            loop.execute(() -> fail(stopped));
        }
    }

    private boolean hasDrained() {
        return queued() <= Carriers.LOW_WATER_MARK;
    }

    private void wake() {
        if (full && hasDrained() && listener != null && ending == null) {
            full = false;
            listener.writable();
        }
    }

    @Override
    public void close(CloseReason why) {
        silent = true;
        if (end(why)) {
            sayEnd(why);
            tellClosed();
        }
    }

    @Override
    void drop() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        waitingBytes = 0;
    }

    private void sayEnd(CloseReason why) {
        if (!why.isOrderly()) {
            cut();
        } else if (stream == null) {
            connection.close(CloseCode.DONE);
        } else if (connection.isOpen()) {
            finish(stream);
        }
    }

    /** A connection whose congestion window is full says nothing more, not even that it ends; but it repeats a reset. */
    private void cut() {
        QuicStreamChannel last = stream;
        if (last != null && last.isActive() && last.bytesBeforeUnwritable() == 0) {
            loop.execute(() -> last.shutdown(CloseCode.CUT));
            connection.closeSoon();
        } else {
            connection.close(CloseCode.CUT);
        }
    }

    private void finish(QuicStreamChannel last) {
        if (handedBytes > 0) {
            truncated = true;
            last.close(); // drops what the codec has not taken; a FIN follows what it has, and nothing is heard of it
        } else {
            last.shutdownOutput();
            // What still comes is dropped, up to the peer's own FIN.
            loop.execute(this::read);
        }
        connection.linger();
    }

    // ---- the stream

    /** Goes on with a stream that was just opened by either end. */
    @Override
    public void opened(QuicStreamChannel opened) {
        if (stream != null) {
            opened.close();
            fail(new ProtocolException(connection.between() + " opened a second stream"));
            return;
        }
        stream = opened;
        opened.pipeline().addLast(new Reader());
        if (ending != null) {
            return;
        }
        loop.execute(() -> {
            if (listener != null) {
                read();
            }
            drain();
            wake();
        });
    }

    /** What the codec tells of the stream. */
    private final class Reader extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (silent || listener == null || !(message instanceof ByteBuf data)) {
                ReferenceCountUtil.release(message);
            } else {
                unread = true;
                listener.received(data, 0);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            if (unread && !silent && listener != null) {
                unread = false;
                listener.readComplete();
            }
            if (reading) {
                context.read();
            } else if (!putOff) {
                putOff = true;
                connection.batch().atEnd(readRest);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (context.channel().isWritable() && !busy) {
                drain();
                wake();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (ending != null) {
                connection.close(CloseCode.CUT); // nothing is to be waited for any more
            }
            fail(
                    cause instanceof QuicStreamResetException reset
                            ? new IOException(
                                    "connection reset by " + connection.between() + ": it reset the stream, with code "
                                            + reset.applicationProtocolCode(),
                                    cause)
                            : cause);
        }

        /** The stream has ended both ways; if the connection has, that says why. */
        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (connection.isOpen() && !truncated) {
                over(CloseReason.of(CloseReason.Kind.PEER_CLOSED, "end of file from " + connection.between()));
                connection.close(CloseCode.DONE);
            }
        }
    }
}
