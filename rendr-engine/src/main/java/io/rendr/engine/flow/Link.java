// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MICROSECONDS;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.engine.keys.CarrierKeys;
import io.rendr.engine.keys.RecordOpener;
import io.rendr.engine.keys.RecordScratch;
import io.rendr.engine.path.DeliveryRate;
import io.rendr.engine.path.RttEstimator;
import io.rendr.engine.path.SentLog;
import io.rendr.engine.policy.Range;
import io.rendr.engine.policy.Resends;
import io.rendr.engine.wire.FrameDecoder;
import io.rendr.engine.wire.FrameHandler;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * One confirmed stream carrier of a flow: frames out when it has room, frames in, and what both say about its health.
 *
 * <p>Each end counts the frame bytes it received and reports the count ({@code RX}). Only these reports say what is in
 * flight; a write that succeeded says nothing.
 */
public final class Link implements CarrierEvents {
    /**
     * Bytes that arrive before a receipt is sent at once instead of within 25 ms. More than lie between two
     * acknowledgements, which take a receipt along, so that it rarely goes alone.
     */
    private static final int RECEIPT_EVERY = 512 * 1024;

    /** Bytes after which a carrier lets others have their turn. */
    private static final int TURN = 1 << 20;

    /** However little room a carrier has, a batch is worth its overhead. */
    private static final int MIN_BATCH = 4 * 1024;

    /**
     * Payload of a DATA frame on a sealed carrier, where it makes a record: 16 KiB as in TLS, since the JVM compiles its
     * AES-GCM after so many calls, and crawls before.
     */
    private static final int FIRST_SEALED_PAYLOAD = 16 * 1024 - Frames.DATA_HEADER;

    /**
     * Bytes after which a sealed carrier makes records as large as frames may be. Whatever is compiled is so by then, and
     * each call of the cipher costs a kilobyte of objects of the JDK.
     */
    private static final long COMPILED = 256 << 20;

    /** While a carrier is young its sender feels its way: every read batch is reported at once. */
    private static final int YOUNG = 512 * 1024;

    private final Flow flow;
    private final FlowPath path;
    private final int carrierNo;
    private final CarrierPort port;
    private final @Nullable RecordOpener opener;
    private final FrameDecoder decoder = new FrameDecoder();
    private final FrameHandler frames;
    private final FrameOutput output;
    private final boolean sealed;
    private final SentLog log = new SentLog();
    private final SentLog.Visitor confirmedEntries = this::entryConfirmed;
    private final DeliveryRate rate = new DeliveryRate();
    private final LinkHealth health;
    private final Range next = new Range();
    private final Resends copies;

    private boolean open = true;
    private long sent;
    private long sentAt;
    private long peerReceived;
    private long received;
    private long receivedAt;
    private long reported;
    private boolean receiptOwed;
    private long receiptAt = Long.MAX_VALUE;
    private long pongId;
    private long pongAskedAt;
    private boolean pongOwed;
    private boolean unfinished;
    private long now;

    Link(Flow flow, FlowPath path, int carrierNo, CarrierPort port, CarrierKeys keys, long now) {
        this.flow = flow;
        this.path = path;
        this.carrierNo = carrierNo;
        this.port = port;
        RecordScratch scratch = flow.host().scratch();
        this.opener = keys.sealed() ? keys.opener(scratch) : null;
        this.output = new FrameOutput(flow.instance().allocator(), keys.sealed() ? keys.sealer(scratch) : null);
        this.frames = new LinkFrames(flow, this);
        this.health = new LinkHealth(path, now);
        this.copies = new Resends(flow.sender());
        this.sealed = keys.sealed();
        this.sentAt = now;
        this.receivedAt = now;
        this.now = now;
    }

    FlowPath path() {
        return path;
    }

    int carrierNo() {
        return carrierNo;
    }

    CarrierPort port() {
        return port;
    }

    LinkHealth health() {
        return health;
    }

    boolean isOpen() {
        return open;
    }

    /** Open and not suspect. */
    boolean isUsable() {
        return open && !health.isSuspect();
    }

    SentLog log() {
        return log;
    }

    DeliveryRate rate() {
        return rate;
    }

    /** The time given with the event that is being handled. */
    long now() {
        return now;
    }

    /** When anything was last handed to the carrier. */
    long sentAt() {
        return sentAt;
    }

    /** When anything last arrived. */
    long receivedAt() {
        return receivedAt;
    }

    /** How long a byte that it is given now takes to arrive: in flight / rate + min RTT / 2, in nanoseconds. */
    long eta() {
        return rate.timeFor(log.payload(), path.rtt()) + path.rtt().min() / 2;
    }

    /** How long the last of the oldest {@code bytes} in flight takes to arrive, in nanoseconds. */
    long drainTime(long bytes) {
        return rate.drainTime(bytes, path.rtt()) + path.rtt().min() / 2;
    }

    // ---- in

    @Override
    public void received(ByteBuf bytes, long at) {
        if (!open) {
            return;
        }
        now = at;
        receivedAt = at;
        flow.awake(at);
        try {
            if (opener == null) {
                decode(bytes);
            } else {
                ByteBuf plain = opener.next(bytes);
                while (plain != null && open) {
                    decode(plain);
                    if (open) {
                        decoder.endRecord();
                    }
                    plain = open ? opener.next(bytes) : null;
                }
            }
        } catch (WireException e) {
            flow.reports().protocolError(this, e, at);
        }
    }

    private void decode(ByteBuf plain) {
        received += plain.readableBytes();
        path.wireReceived(plain.readableBytes());
        decoder.decode(plain, frames);
    }

    @Override
    public void readComplete(long at) {
        if (open) {
            now = at;
            health.heard(log, received, at);
            flow.settle(at);
        }
    }

    @Override
    public void writable(long at) {
        if (open) {
            now = at;
            flow.settle(at);
        }
    }

    @Override
    public void closed(CloseReason why, long at) {
        if (open) {
            now = at;
            flow.reports().closed(this, why, at);
            flow.settle(at);
        }
    }

    /** A frame came that its sender wants to see reported. */
    void oweReceipt() {
        receiptOwed = true;
        if (received < YOUNG || received - reported >= RECEIPT_EVERY) {
            receiptAt = now;
        } else if (receiptAt == Long.MAX_VALUE) {
            receiptAt = now + RttEstimator.REPORT_DELAY;
        }
    }

    void owePong(long id) {
        pongId = id;
        pongAskedAt = now;
        pongOwed = true;
        receiptOwed = true;
    }

    void pong(long id, int holdMicros, long rx) {
        receipt(rx, holdMicros);
        health.answered(id, MICROSECONDS.toNanos(holdMicros), log.payload(), rx, now);
    }

    /** Takes the peer's count of what it received of this carrier. */
    void receipt(long rx, int holdMicros) {
        if (rx > sent) {
            throw new WireException(WireException.Reason.BAD_VALUE, "receipt of " + rx + " bytes, sent were " + sent);
        }
        if (rx <= peerReceived) {
            return;
        }
        rate.received(rx - peerReceived, path.rtt(), now);
        peerReceived = rx;
        health.carried(rx);
        long owedSince = log.isEmpty() ? now : log.oldestSentAt();
        long newest = log.confirm(rx, confirmedEntries);
        if (newest != Long.MIN_VALUE) {
            if (health.wasAwakeSince(newest)) {
                path.rtt().sample(now - newest - MICROSECONDS.toNanos(holdMicros));
            }
            health.confirmed(owedSince, now);
        }
    }

    private void entryConfirmed(int kind, long first, long second, long at) {
        Slot slot = kind == SentLog.SLOT ? flow.slots().get((int) first) : null;
        if (slot != null) {
            slot.received(second);
        }
    }

    // ---- out

    /** What this carrier sends ahead of what the policy tree gives it: copies of what others have in flight. */
    Resends copies() {
        return copies;
    }

    /**
     * Writes what is due and what there is room for. A flush may make room again, and does not say so, because it is
     * called from here; other flows on the same loop get their turn after {@link #TURN} bytes.
     */
    void pump(long at) {
        now = at;
        unfinished = false;
        long budget = TURN;
        boolean room = true;
        while (open && room) {
            long written = fill();
            if (written == 0) {
                return;
            }
            port.flush();
            budget -= written;
            room = port.credit() > 0;
            if (room && budget <= 0) {
                unfinished = true;
                return;
            }
        }
    }

    /** Writes batches while the carrier has room; returns the bytes handed to it. */
    private long fill() {
        long written = 0;
        int credit;
        while (open && (credit = port.credit()) > 0) {
            int size = Math.min(rate.batchSize(), Math.max(credit, MIN_BATCH));
            boolean payload = mayCarryPayload() && nextRange(size);
            if (!payload && !controlDue()) {
                break;
            }
            int frame = rate.frameSize(maxPayload(sealed, sent));
            output.begin((payload ? room(size, frame) : 0) + Frames.MAX_ACK, frame, port.gathers());
            writeControl();
            while (payload) {
                writeData();
                payload = output.size() < size && mayCarryPayload() && nextRange(size);
            }
            int bytes = output.finish(port);
            if (bytes == 0) {
                break;
            }
            written += bytes;
        }
        return written;
    }

    /** What the DATA frames of a batch take at most: the last one may go beyond the size, or there is but one. */
    private int room(int size, int frame) {
        long waiting = flow.sender().sendableEnd() - next.start();
        return Frames.DATA_HEADER + (waiting <= frame ? (int) waiting : size + frame);
    }

    private boolean mayCarryPayload() {
        return flow.closing().carriesPayload() && log.payload() < rate.inFlightCap();
    }

    /** The most payload of one frame, on a carrier that has sent {@code sent} bytes. */
    static int maxPayload(boolean sealed, long sent) {
        return sealed && sent < COMPILED ? FIRST_SEALED_PAYLOAD : Frames.MAX_DATA_PAYLOAD;
    }

    private boolean nextRange(int batch) {
        int max = rate.frameSize(Math.min(batch, maxPayload(sealed, sent)));
        while (copies.take(max, next)) {
            if (next.start() >= flow.sender().worthCopying(now)) {
                return true;
            }
        }
        while (flow.policy().next(path.id(), max, next)) {
            boolean fresh = next.cause() == null;
            if (fresh || flow.sender().worthSending(next.start(), next.end(), now) == next.start()) {
                return true;
            }
        }
        rate.applicationLimited();
        return false;
    }

    private void writeData() {
        if (log.isEmpty()) {
            rate.begins(now);
        }
        int before = output.size();
        int payload = flow.sender().write(next, output);
        note(output.size() - before, SentLog.DATA, next.start(), next.end());
        flow.reports().sent(path, next, payload, now);
    }

    private boolean controlDue() {
        return pongOwed
                || health.probeWanted()
                || now >= receiptAt
                || flow.reports().blockedDue(this, now)
                || flow.paths().hasDirtySlot(this);
    }

    private void writeControl() {
        if (pongOwed) {
            pongOwed = false;
            ByteBuf frame = output.frame(Frames.PONG);
            Frames.pong(frame, pongId, micros(now - pongAskedAt), received);
            unlogged(Frames.PONG);
            receiptWritten();
        } else if (receiptOwed) {
            ByteBuf frame = output.frame(Frames.RX);
            Frames.rx(frame, received, micros(now - receivedAt));
            unlogged(Frames.RX);
            receiptWritten();
        }
        Slots slots = flow.slots();
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            if (slot != null && slot.isDirty() && flow.paths().carrierFor(slot) == this) {
                ByteBuf frame = output.frame(slot.size());
                int before = frame.readableBytes();
                long version = slot.write(frame, this);
                note(frame.readableBytes() - before, SentLog.SLOT, i, version);
            }
        }
        if (flow.reports().blockedDue(this, now)) {
            Frames.blocked(
                    output.frame(Frames.BLOCKED),
                    flow.sender().limit(),
                    flow.sender().highestSent());
            note(Frames.BLOCKED, SentLog.PROBE, 0, 0);
            flow.reports().blockedSent(now);
        }
        if (health.probeWanted()) {
            Frames.ping(output.frame(Frames.PING), health.probeSent(log.payload(), sent + Frames.PING, now));
            note(Frames.PING, SentLog.PROBE, 0, 0);
        }
    }

    private void receiptWritten() {
        reported = received;
        receiptOwed = false;
        receiptAt = Long.MAX_VALUE;
    }

    /** Counts a frame that leaves no entry in the log: nobody waits for its confirmation. */
    private void unlogged(int frameBytes) {
        sent += frameBytes;
        path.wireSent(frameBytes);
    }

    private void note(int frameBytes, int kind, long first, long second) {
        sent += frameBytes;
        sentAt = now;
        path.wireSent(frameBytes);
        log.add(sent, kind, first, second, now);
    }

    private static int micros(long nanos) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(0, nanos / 1000));
    }

    // ---- time

    /** When this carrier needs attention next. A receipt that is due already waits for room. */
    long deadline(long at) {
        if (unfinished) {
            return at;
        }
        return Math.min(receiptAt > at ? receiptAt : Long.MAX_VALUE, health.deadline(log, at));
    }

    // ---- the end

    /** Closes the carrier; what it owed is the caller's to repair. */
    void close(CloseReason why) {
        if (open) {
            open = false;
            port.close(why);
            decoder.close();
            output.close();
            if (opener != null) {
                opener.destroy();
            }
        }
    }

    @Override
    public String toString() {
        return path + "#" + carrierNo;
    }
}
