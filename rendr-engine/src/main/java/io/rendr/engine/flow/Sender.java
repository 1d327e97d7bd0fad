// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.memory.ChunkPool;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.memory.RangeSet;
import io.rendr.engine.memory.SendBuffer;
import io.rendr.engine.policy.ByteSpace;
import io.rendr.engine.policy.Range;
import io.rendr.engine.wire.AckView;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.WireException;

/**
 * One direction of a flow, at the end that writes: what exists, what the peer has, what credit allows.
 *
 * <p>The end takes one offset of its own after the last byte, so that it is acknowledged and consumed like any other; it
 * needs no credit.
 */
abstract class Sender implements ByteSpace {
    private static final long MIN_CAPACITY = 256 * 1024;
    private static final long MAX_CAPACITY = 16L << 20;
    /** What the application may write beyond the peer's window, so that new credit finds bytes. */
    private static final long AHEAD = 1 << 20;

    private static final int FAIR_SHARE = 8;
    private static final long FIRST_BLOCKED = MILLISECONDS.toNanos(200);
    private static final long LAST_BLOCKED = SECONDS.toNanos(5);
    private static final long IDLE_RETURN = SECONDS.toNanos(5);
    private static final int MAX_RANGES = 1024;
    static final long UNKNOWN = -1;

    private final FlowMemory memory;
    private final SendBuffer buffer;
    private final Slot creditReturn;

    private final RangeSet acked = new RangeSet();
    private long cum;
    private long acknowledged;
    private long limit;
    private long consumed;
    private int returns;
    /** Whether the newest return is not answered yet. */
    private boolean returning;
    /** What the peer left after the newest return; it may be more than asked for, and is not returned again. */
    private long kept;

    private long highestSent;
    private long end = UNKNOWN;
    private boolean truncated;
    private volatile boolean stopped;
    private volatile boolean read;

    private long blockedAt = Long.MAX_VALUE;
    private long blockedStep;
    private long lastSentAt;
    private long lastProgressAt;

    Sender(FlowMemory memory, long firstLimit, Slots slots, long now) {
        this.memory = memory;
        this.buffer = memory.send();
        this.limit = firstLimit;
        this.lastSentAt = now;
        this.lastProgressAt = now;
        creditReturn = slots.add(new Slot.Value() {
            @Override
            public int size() {
                return Frames.CREDIT_RETURN;
            }

            @Override
            public void write(ByteBuf out) {
                Frames.creditReturn(out, returns, limit);
            }
        });
    }

    // ---- the space of offsets

    @Override
    public long firstUnacked(long from) {
        return acked.firstAbsent(Math.max(from, cum));
    }

    @Override
    public long firstAcked(long from) {
        return from < cum ? from : acked.firstPresent(from);
    }

    @Override
    public long sendableEnd() {
        if (end == UNKNOWN) {
            return Math.min(buffer.written(), limit);
        }
        return limit >= end ? end + 1 : limit;
    }

    SendBuffer buffer() {
        return buffer;
    }

    /** The offset after the last byte, once the output was shut; otherwise {@link Long#MAX_VALUE}. */
    long payloadEnd() {
        return end == UNKNOWN ? Long.MAX_VALUE : end;
    }

    /** Ends the stream after what was written so far. */
    void shut() {
        if (end == UNKNOWN) {
            end = buffer.written();
        }
    }

    /** The peer reads no more: ends the stream after what was sent so far, of which it drops what it has not read. */
    void stop() {
        stopped = true;
        if (!truncated && highestSent <= buffer.written()) {
            end = highestSent;
            truncated = true;
        }
    }

    long cum() {
        return cum;
    }

    /** Below it the peer misses nothing, as it said itself. */
    long acknowledged() {
        return acknowledged;
    }

    long limit() {
        return limit;
    }

    long highestSent() {
        return highestSent;
    }

    /** Payload bytes written and not acknowledged. */
    long queued() {
        return buffer.held();
    }

    boolean hasOutstanding() {
        return highestSent > cum;
    }

    /** Whether nothing of this direction is left to do: everything including the end was read, or dropped after STOP. */
    boolean isFinished() {
        return end != UNKNOWN && (stopped ? cum : consumed) > end;
    }

    /** Whether the peer's application has read everything including the end. Any thread. */
    boolean isRead() {
        return read;
    }

    /** Whether the peer's application left before it had read everything. Any thread. */
    boolean isStopped() {
        return stopped;
    }

    /** When an acknowledgement last brought something new, or the first byte went out that waits for one. */
    long lastProgressAt() {
        return lastProgressAt;
    }

    // ---- what goes out

    /**
     * Writes the frame of a range that the policy tree gave out.
     *
     * @return bytes of the application in it
     */
    abstract int write(Range range, FrameSink out);

    /** Bytes that the frame of a range takes beside those of the range. */
    abstract int frameOverhead();

    /** The frame that ends this direction. */
    static void writeEnd(long offset, ByteBuf out) {
        Frames.dataHeader(out, offset, true, 0);
    }

    /**
     * Decides what of [start, end), which was lost, is sent again.
     *
     * @return from where on it is
     */
    abstract long worthSending(long start, long end, long now);

    /** From where on what is only late is worth a second copy. */
    abstract long worthCopying(long now);

    /** Notes that everything up to {@code to} was handed to a carrier. */
    void sent(long to, long now) {
        lastSentAt = now;
        if (to > highestSent && !hasOutstanding()) {
            lastProgressAt = now;
        }
        highestSent = Math.max(highestSent, to);
        buffer.reached(to);
    }

    /** Whether bytes wait for credit, all that was granted being used, or too little being left. */
    boolean isBlocked() {
        long wanted = end == UNKNOWN ? buffer.written() : end;
        return wanted > limit && (highestSent >= limit || cut(highestSent, limit, unit()) == highestSent);
    }

    /** Whether all credit, or the whole buffer, is in use, so that nothing new goes out before the peer has more. */
    boolean isWindowFull() {
        boolean bufferFull = !buffer.hasRoom() && highestSent >= buffer.written();
        return hasOutstanding() && (bufferFull || isBlocked());
    }

    /** When BLOCKED is due; {@link Long#MAX_VALUE} if it is not. */
    long blockedAt(long now) {
        if (!isBlocked()) {
            blockedAt = Long.MAX_VALUE;
        } else if (blockedAt == Long.MAX_VALUE) {
            blockedAt = now;
            blockedStep = FIRST_BLOCKED;
        }
        return blockedAt;
    }

    void blockedSent(long now) {
        blockedAt = now + blockedStep;
        blockedStep = Math.min(LAST_BLOCKED, blockedStep * 2);
    }

    // ---- what comes back

    /**
     * Takes an acknowledgement.
     *
     * @return whether the peer has something it had not
     */
    boolean acknowledged(AckView ack, long now) {
        if (ack.cum() > highestSent || ack.consumed() > ack.cum()) {
            throw new WireException(
                    WireException.Reason.BAD_VALUE,
                    "ACK of " + ack.cum() + " consumed " + ack.consumed() + ", sent were " + highestSent);
        }
        int ranges = ack.rangeCount();
        if (ranges > 0 && ack.rangeEnd(ranges - 1) > highestSent) {
            throw new WireException(
                    WireException.Reason.BAD_VALUE,
                    "ACK of a range up to " + ack.rangeEnd(ranges - 1) + ", sent were " + highestSent);
        }
        boolean progress = ack.cum() > cum;
        cum = Math.max(cum, ack.cum());
        acknowledged = Math.max(acknowledged, ack.cum());
        // A peer that acknowledges crumbs gains nothing by it: what is not noted is at worst sent again.
        for (int i = 0; i < ranges && acked.size() <= MAX_RANGES; i++) {
            progress |= acked.add(Math.max(cum, ack.rangeStart(i)), ack.rangeEnd(i)) > 0;
        }
        settled();
        consumed = Math.max(consumed, ack.consumed());
        read |= end != UNKNOWN && consumed > end;
        if (ack.returns() == (returns & 0xFFFF)) {
            limit = Math.max(limit, ack.limit());
            kept = returning ? limit : kept;
            returning = false;
        }
        adjustCapacity();
        if (progress) {
            lastProgressAt = now;
        }
        return progress;
    }

    /** Does not send [start, end) any more, as if the peer had it. */
    final void giveUp(long start, long end) {
        acked.add(Math.max(cum, start), end);
        settled();
    }

    /** More is settled than before: the peer has it, or it is given up. */
    void settled() {
        long before = buffer.released();
        cum = acked.firstAbsent(cum);
        acked.removeBelow(cum);
        if (cum > before) {
            buffer.release(Math.min(cum, Math.min(buffer.written(), payloadEnd())));
        }
        if (truncated && cum >= end) {
            buffer.close();
        }
    }

    private void adjustCapacity() {
        long fair = Math.max(MIN_CAPACITY, memory.freeToSend() / FAIR_SHARE);
        long window = limit - cum;
        long wanted = Math.max(MIN_CAPACITY, Math.min(MAX_CAPACITY, window + Math.min(window, AHEAD)));
        buffer.capacity(Math.min(fair, wanted));
    }

    /** When idle credit goes back to the peer; {@link Long#MAX_VALUE} if there is none to return. */
    long returnAt() {
        boolean idle = !hasOutstanding() && buffer.held() == 0 && end == UNKNOWN;
        boolean worth = !returning && limit > kept && limit - highestSent > ChunkPool.SMALL;
        return idle && worth ? lastSentAt + IDLE_RETURN : Long.MAX_VALUE;
    }

    /** Returns whether a writer that found no room may try again. */
    boolean onTimer(long now) {
        boolean freed = buffer.trim();
        if (now >= returnAt()) {
            returns++;
            returning = true;
            limit = highestSent + ChunkPool.SMALL;
            creditReturn.touch();
        }
        return freed;
    }
}
