// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.memory.RangeSet;
import io.rendr.engine.memory.ReceiveBuffer;
import io.rendr.engine.path.RttEstimator;
import io.rendr.engine.wire.AckView;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a flow, at the end that reads: takes what arrives, decides when to acknowledge, grants credit.
 *
 * <p>Credit alone holds the peer back, as much as {@link ReceiveWindow} says; never is a carrier paused.
 */
abstract class Receiver implements AckView {
    static final long UNKNOWN = -1;

    private final ReceiveBuffer buffer;
    private final Counters counters;
    private final Slot ack;

    private final ReceiveWindow window;
    private int returns;
    private long end = UNKNOWN;
    /** Whether nothing is missing up to the end; after the last byte of it can be read. */
    private volatile boolean complete;

    private boolean endSeen;
    private boolean discarding;
    private long leftAt;

    private long told;
    private long ackedBytes;
    private long ackedConsumed;
    private long granted;
    private boolean ackNow;
    private long ackAt = Long.MAX_VALUE;
    private @Nullable Link lastDelivery;

    /**
     * @param least what has to fit into the room that is granted
     */
    Receiver(FlowMemory memory, long least, Counters counters, Slots slots, long now) {
        this.buffer = memory.receive();
        this.counters = counters;
        this.window = new ReceiveWindow(memory, buffer.limit(), least, now);
        this.granted = buffer.limit();
        ack = slots.add(new Slot.Value() {
            @Override
            public int size() {
                return Frames.MAX_ACK;
            }

            @Override
            public void write(ByteBuf out) {
                writeAck(out);
            }
        });
    }

    Slot ackSlot() {
        return ack;
    }

    /** The carrier that last delivered data, on which an acknowledgement tells most. */
    @Nullable
    Link lastDelivery() {
        return lastDelivery;
    }

    void forget(Link link) {
        if (lastDelivery == link) {
            lastDelivery = null;
        }
    }

    // ---- what comes in

    /** Takes payload of a stream, or the end of any flow. */
    abstract void data(Link from, long offset, ByteBuf bytes, int index, int length, boolean fin, long now);

    /** Takes a packet. */
    abstract void packet(Link from, long offset, ByteBuf bytes, int index, int length, long now);

    /** The peer sends nothing below {@code floor} any more. */
    abstract void forward(long floor);

    /** Below it nothing is missing. */
    abstract long arrived();

    /** What arrived beyond {@link #arrived}. */
    abstract RangeSet early();

    /** Of what lies below {@link #arrived}, what never came. */
    abstract long skipped();

    ReceiveBuffer buffer() {
        return buffer;
    }

    Counters counters() {
        return counters;
    }

    /** Checks that what arrives is covered by credit, and lies before the end. */
    final void check(long to, boolean fin) {
        if (to > limit()) {
            throw new WireException(
                    WireException.Reason.BEYOND_LIMIT, "payload up to " + to + ", granted were " + limit());
        }
        checkEnd(to, fin);
    }

    /** Notes what arrived and has been put into place, and when to acknowledge it. */
    final void took(Link from, int fresh, int length, boolean urgent, long now) {
        lastDelivery = from;
        counters.bytesReceived += fresh;
        counters.duplicates += length - fresh;
        from.path().received(fresh, length - fresh);
        window.waits(buffer.early().bytes());
        advanced();
        if (urgent || fresh < length || buffer.available() - ackedBytes >= ackEvery()) {
            ackNow = true;
        } else if (ackAt == Long.MAX_VALUE) {
            ackAt = now + RttEstimator.REPORT_DELAY;
        }
    }

    /** The end is known. */
    final void ends(long offset) {
        end = offset;
    }

    /** Less is missing than before. */
    final void advanced() {
        complete = end != UNKNOWN && arrived() == end;
        if (discarding) {
            buffer.discard();
            sawEnd();
        }
    }

    /** Has the peer told at once where this end stands. */
    final void acknowledgeNow() {
        ackNow = true;
    }

    private void checkEnd(long to, boolean fin) {
        boolean beyond = end != UNKNOWN && (to > end || fin && to != end);
        boolean short_ = fin && end == UNKNOWN && to < highestReceived();
        if (beyond || short_) {
            throw new WireException(
                    WireException.Reason.BAD_VALUE,
                    "the flow ends at " + (beyond ? end : to) + ", and " + (beyond ? to : highestReceived())
                            + " was sent");
        }
    }

    private long highestReceived() {
        RangeSet early = early();
        return early.isEmpty() ? arrived() : Math.max(arrived(), early.end(early.size() - 1));
    }

    private long ackEvery() {
        return Math.max(16 * 1024, Math.min(256 * 1024, window.size() / 8));
    }

    /** The peer waits for credit: grant what can be granted and say so at once. */
    void blocked() {
        window.demanded();
        ackNow = true;
    }

    /** The peer returns what it was granted beyond {@code keep}. */
    void creditReturned(int count, long keep) {
        if (((count - returns) & 0xFFFF) == 0 || ((count - returns) & 0xFFFF) > 0x7FFF) {
            return;
        }
        returns = count;
        buffer.shrink(keep - skipped());
        window.returned(buffer.consumed());
        ackNow = true;
    }

    /** Asks for an acknowledgement as the first thing that goes out on a new carrier. */
    void acknowledgeOn(Link link) {
        lastDelivery = link;
        ackNow = true;
    }

    // ---- what the application does

    /** Notes that the application read. */
    void consumed(long longestRtt, long now) {
        long taken = buffer.consumed();
        window.consumed(taken, longestRtt, now);
        awaitConsumption();
    }

    /** A quarter of the room: what is read below that need not be acknowledged, nor need the flow know of it. */
    private void awaitConsumption() {
        if (discarding) {
            return;
        }
        long worth = Math.max(1, Math.min(window.size(), granted - ackedConsumed) / 4);
        buffer.awaitConsumption(ackedConsumed + worth);
        if (buffer.consumed() - ackedConsumed >= worth) {
            ackNow = true;
        }
    }

    /** The application was told that the stream ended. */
    void sawEnd() {
        if (!endSeen && atEnd()) {
            endSeen = true;
            ackNow = true;
        }
    }

    /** The application will not read any more: what arrives is acknowledged, and dropped. */
    void discard() {
        leftAt = taken();
        discarding = true;
        buffer.discard();
        sawEnd();
        ackNow = true;
    }

    /** Whether everything up to the end was read; any thread. */
    boolean atEnd() {
        return complete && buffer.readable() == 0;
    }

    /** Whether there is more to read, or to know of the end, than when this was last asked. */
    boolean hasNews() {
        long reach = buffer.available() + (complete ? 1 : 0);
        if (reach == told) {
            return false;
        }
        told = reach;
        return true;
    }

    /** Whether the application has taken everything including the end, or all of it was dropped. */
    boolean isFinished() {
        return endSeen;
    }

    // ---- acknowledging

    /** When an acknowledgement is due. */
    long ackAt() {
        return ackNow ? Long.MIN_VALUE : ackAt;
    }

    /**
     * Has the peer told where this end stands. The room follows what was read until now: a reader that keeps up with what
     * arrives is never awaited, since each acknowledgement already says what it has read.
     */
    void acknowledge(long longestRtt, long now) {
        window.consumed(buffer.consumed(), longestRtt, now);
        ack.touch();
        ackNow = false;
        ackAt = Long.MAX_VALUE;
    }

    /** Gives back memory that an idle flow need not hold. */
    void trim() {
        buffer.trim();
    }

    private void writeAck(ByteBuf out) {
        if (!discarding && end == UNKNOWN) {
            buffer.grant(window.grantable());
        }
        ackedBytes = buffer.available();
        ackedConsumed = buffer.consumed();
        granted = buffer.limit();
        Frames.ack(out, this);
        awaitConsumption();
    }

    @Override
    public long cum() {
        return complete ? end + 1 : arrived();
    }

    @Override
    public long limit() {
        return buffer.limit() + skipped();
    }

    @Override
    public long consumed() {
        if (discarding) {
            return leftAt;
        }
        return endSeen ? end + 1 : taken();
    }

    /** As far as nothing is missing the application has taken it; in which order packets are taken does not matter. */
    private long taken() {
        return Math.min(arrived(), buffer.consumed() + skipped());
    }

    @Override
    public int returns() {
        return returns;
    }

    @Override
    public int rangeCount() {
        return Math.min(MAX_RANGES, early().size());
    }

    @Override
    public long rangeStart(int i) {
        return early().start(i);
    }

    @Override
    public long rangeEnd(int i) {
        return early().end(i);
    }
}
