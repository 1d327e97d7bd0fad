// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.rendr.CloseReason;
import io.rendr.spi.Carrier;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.PacketCarrier;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A QUIC connection as a carrier of datagrams, a frame each (RFC 9221). The connection controls congestion, and drops without a
 * word what finds no room in its queue: the engine keeps less under way than that.
 *
 * <p>How large a datagram may be follows the connection's own search for what its route carries (RFC 8899), which it tells nobody
 * of: it is asked.
 */
final class QuicDatagramCarrier extends QuicCarrier implements PacketCarrier {
    /** Datagrams of the engine that may be under way. With those that only report, which it does not count, half of the queue. */
    private static final int MOST_UNDER_WAY = QuicCodecs.DATAGRAM_QUEUE / 2;

    /**
     * Datagrams that the codec gets before it sends them. It does nothing else meanwhile, and the next ones wait for as long: the
     * more at once, the later the last of them.
     */
    private static final int DATAGRAMS_PER_FLUSH = 64;

    /** As many as one call to the kernel takes, written as one. */
    private static final int SEGMENTS = 16;

    /** What may have come before there is somebody to hear it; more is lost. */
    private static final int MOST_EARLY = 64;

    private static final long FIRST_LOOK_MILLIS = 50;
    private static final long LAST_LOOK_MILLIS = 30_000;

    /**
     * What a packet has besides the datagram: the form, a connection ID of any length, a packet number, a tag (RFC 9000, section
     * 17.3.1; RFC 9001, section 5.3), the type and length of the frame. The codec says at the handshake what is left, at one end by
     * what the route carries and at the other by what it might.
     */
    private static final int OVERHEAD = 1 + Quic.MAX_CONN_ID_LEN + 4 + 16 + 3;

    private final ArrayDeque<ByteBuf> early = new ArrayDeque<>();
    private final ChannelFutureListener outcome = this::written;
    private int size = QuicCodecs.FIRST_PAYLOAD - OVERHEAD;
    private boolean unread;
    private @Nullable Future<?> look;

    /**
     * On an established connection, or one that came to nothing.
     *
     * @param mover exchanges the socket; null where that cannot be
     */
    QuicDatagramCarrier(
            QuicConnection connection,
            CarrierTraits traits,
            InetSocketAddress localAddress,
            InetSocketAddress remoteAddress,
            @Nullable Mover mover) {
        super(connection, traits, localAddress, remoteAddress, mover);
        lookAgain(FIRST_LOOK_MILLIS);
    }

    @Override
    Carrier carrier() {
        return this;
    }

    @Override
    void begin() {
        // One at a time: what one says may end the carrier, which drops the others.
        for (ByteBuf next = early.poll(); next != null; next = early.poll()) {
            deliver(next);
        }
        readComplete();
    }

    @Override
    void drop() {
        early.forEach(ByteBuf::release);
        early.clear();
        if (look != null) {
            look.cancel(false);
        }
    }

    // ---- how large a datagram may be

    @Override
    public int maxDatagramSize() {
        return size;
    }

    private void lookAgain(long millis) {
        if (ending == null && connection.isOpen()) {
            look = loop.schedule(
                    () -> {
                        measure();
                        lookAgain(Math.min(LAST_LOOK_MILLIS, 2 * millis));
                    },
                    millis,
                    TimeUnit.MILLISECONDS);
        }
    }

    private void measure() {
        int payload = connection.payload();
        int now = payload - OVERHEAD;
        if (payload > 0 && now != size && ending == null) {
            size = now;
            if (listener != null) {
                listener.maxDatagramSizeChanged(now);
            }
        }
    }

    // ---- out

    @Override
    public int maxUnderWay() {
        return MOST_UNDER_WAY;
    }

    @Override
    public int maxSegments() {
        return SEGMENTS;
    }

    @Override
    public int credit() {
        return ending == null ? DATAGRAMS_PER_FLUSH : 0;
    }

    @Override
    public long queued() {
        return 0;
    }

    @Override
    public void write(ByteBuf datagrams, int segmentSize) {
        QuicChannel to = connection.channel();
        while (ending == null && datagrams.isReadable()) {
            to.write(datagrams.readRetainedSlice(Math.min(segmentSize, datagrams.readableBytes())))
                    .addListener(outcome);
        }
        datagrams.release();
    }

    /** What was too large is all that the codec tells of: the route carries less than it did. */
    private void written(ChannelFuture future) {
        if (!future.isSuccess() && ending == null && connection.isOpen()) {
            loop.execute(() -> {
                measure();
                if (listener != null && ending == null) {
                    listener.dropped(1);
                }
            });
        }
    }

    @Override
    public void flush() {
        if (ending == null) {
            connection.channel().flush();
        }
    }

    /** What was written before goes first. */
    @Override
    public void close(CloseReason why) {
        if (end(why)) {
            connection.close(why.isOrderly() ? CloseCode.DONE : CloseCode.CUT);
            tellClosed();
        }
    }

    // ---- in

    @Override
    public void arrived(ByteBuf datagram) {
        if (ending != null) {
            datagram.release();
        } else if (listener != null) {
            deliver(datagram);
        } else if (early.size() < MOST_EARLY) {
            early.add(datagram);
        } else {
            datagram.release();
        }
    }

    private void deliver(ByteBuf datagram) {
        if (listener == null || ending != null || !datagram.isReadable()) {
            datagram.release();
        } else {
            unread = true;
            listener.received(datagram, datagram.readableBytes());
        }
    }

    @Override
    public void readComplete() {
        if (unread && listener != null && ending == null) {
            unread = false;
            listener.readComplete();
        }
    }
}
