// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.rendr.CloseReason;
import io.rendr.CloseReason.Kind;
import io.rendr.PathSpec;
import io.rendr.spi.CarrierListener;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.StreamCarrier;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One end of a pair. Everything crosses to the other end as a task of its event loop, which keeps the order and makes sure that no listener is called
 * from inside a call. Bytes are copied once, when they are flushed, as a kernel would; the writer's credit comes back when the listener of
 * the other end has had them.
 */
final class MemCarrier implements StreamCarrier {

    private final MemLink link;
    private final LinkDirection sends;
    private final EventLoop loop;
    private final int buffer;
    private final int chunk;
    private @Nullable MemCarrier peer;
    private @Nullable CarrierListener listener;

    private final ArrayDeque<ByteBuf> written = new ArrayDeque<>();
    private long writtenBytes;
    /** Written, and not yet had by the other end. */
    private long outstanding;

    private boolean usedUp;

    private final ArrayDeque<ByteBuf> arrived = new ArrayDeque<>();
    /** Why the other end says it is over, once what arrived before has been delivered. */
    private @Nullable CloseReason peerEnded;

    private @Nullable CloseReason ended;
    private boolean endTold;

    MemCarrier(MemLink link, LinkDirection sends, EventLoop loop, PathSpec spec) {
        this.link = link;
        this.sends = sends;
        this.loop = loop;
        this.buffer = Math.toIntExact(spec.option(MemTransport.BUFFER));
        this.chunk = Math.toIntExact(spec.option(MemTransport.CHUNK));
    }

    void pair(MemCarrier other) {
        peer = other;
        other.peer = this;
    }

    private MemCarrier peer() {
        return Objects.requireNonNull(peer);
    }

    @Override
    public EventLoop eventLoop() {
        return loop;
    }

    @Override
    public CarrierTraits traits() {
        return CarrierTraits.STREAM;
    }

    @Override
    public SocketAddress localAddress() {
        return new MemAddress(link.name() + (sends == LinkDirection.UP ? "#dialer" : ""));
    }

    @Override
    public SocketAddress remoteAddress() {
        return new MemAddress(link.name() + (sends == LinkDirection.UP ? "" : "#dialer"));
    }

    @Override
    public void start(CarrierListener listener) {
        if (this.listener != null) {
            throw new IllegalStateException("carrier " + this + " was started twice");
        }
        this.listener = listener;
        drainLater();
    }

    @Override
    public int credit() {
        return ended != null ? 0 : (int) Math.max(0, buffer - outstanding);
    }

    @Override
    public long queued() {
        return writtenBytes;
    }

    @Override
    public void write(ByteBuf slice) {
        if (ended != null) {
            slice.release();
            return;
        }
        outstanding += slice.readableBytes();
        writtenBytes += slice.readableBytes();
        usedUp |= outstanding >= buffer;
        written.add(slice);
    }

    @Override
    public void flush() {
        if (writtenBytes > 0) {
            ByteBuf batch = ByteBufAllocator.DEFAULT.buffer(Math.toIntExact(writtenBytes));
            written.forEach(batch::writeBytes);
            MemCarrier to = peer();
            if (!tellPeer(() -> to.arrived(batch))) {
                batch.release();
                end(peerGone());
            }
        }
        releaseWritten();
    }

    /** Lets the other end do something on its loop; false if that loop has ended, as it does with its runtime, and the other end with it. */
    private boolean tellPeer(Runnable task) {
        try {
            peer().loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            link.forget(peer());
            return false;
        }
    }

    private CloseReason peerGone() {
        return CloseReason.of(Kind.RESET, "connection reset: the event loop of " + remoteAddress() + " has ended");
    }

    private void releaseWritten() {
        written.forEach(ByteBuf::release);
        written.clear();
        writtenBytes = 0;
    }

    @Override
    public void close(CloseReason why) {
        if (ended == null) {
            MemCarrier to = peer();
            CloseReason told = why.isOrderly()
                    ? CloseReason.of(Kind.PEER_CLOSED, "end of file from " + localAddress())
                    : CloseReason.of(Kind.RESET, "connection reset by " + localAddress());
            tellPeer(() -> to.peerEnded(told)); // one that is gone need not know
            end(why);
        }
    }

    private void end(CloseReason why) {
        if (ended == null) {
            ended = why;
            releaseWritten();
            arrived.forEach(ByteBuf::release);
            arrived.clear();
            link.forget(this);
            loop.execute(this::tellEnd);
        }
    }

    private void tellEnd() {
        if (listener != null && ended != null && !endTold) {
            endTold = true;
            listener.closed(ended);
        }
    }

    void cutLater() {
        loop.execute(() -> end(CloseReason.of(Kind.RESET, "connection reset on " + link)));
    }

    void drainLater() {
        loop.execute(this::drain);
    }

    private void arrived(ByteBuf batch) {
        if (ended != null) {
            batch.release();
            return;
        }
        arrived.add(batch);
        drain();
    }

    private void peerEnded(CloseReason why) {
        peerEnded = why;
        drain();
    }

    /** Delivers what has arrived, as far as the link lets it, and then the end. */
    private void drain() {
        tellEnd();
        wakeWriter();
        CarrierListener to = listener;
        if (to == null || ended != null || link.blocked(peer().sends)) {
            return;
        }
        int had = 0;
        while (ended == null && !arrived.isEmpty()) {
            ByteBuf batch = arrived.element();
            ByteBuf piece = batch.readableBytes() > chunk ? batch.readRetainedSlice(chunk) : arrived.remove();
            had += piece.readableBytes();
            to.received(piece, 0);
        }
        if (had > 0) {
            int bytes = had;
            MemCarrier from = peer();
            if (!tellPeer(() -> from.credited(bytes)) && peerEnded == null) {
                peerEnded = peerGone();
            }
            if (ended == null) {
                to.readComplete();
            }
        }
        if (peerEnded != null && ended == null) {
            end(peerEnded);
        }
    }

    private void credited(int bytes) {
        outstanding -= bytes;
        wakeWriter();
    }

    private void wakeWriter() {
        if (usedUp && outstanding < buffer && ended == null && listener != null) {
            usedUp = false;
            listener.writable();
        }
    }

    @Override
    public String toString() {
        return localAddress() + " - " + remoteAddress();
    }
}
