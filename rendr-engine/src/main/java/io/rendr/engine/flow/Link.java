// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.ResendCause;
import io.rendr.engine.path.SentLog;
import io.rendr.engine.policy.Range;
import io.rendr.engine.policy.Resends;
import io.rendr.engine.wire.FrameDecoder;
import io.rendr.engine.wire.FrameHandler;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.PackView;
import io.rendr.engine.wire.WireException;

/**
 * One confirmed carrier of a flow: frames out when it has room, frames in, and what both say about its health. What the peer
 * reports of what it received says what is in flight, and nothing else does: {@link StreamLink} and {@link DatagramLink}
 * differ in how it is reported, and in what a batch is.
 */
public abstract class Link implements CarrierEvents {
    /** Bytes after which a carrier lets others have their turn. */
    static final int TURN = 1 << 20;

    private final Flow flow;
    private final FlowPath path;
    private final int carrierNo;
    private final CarrierPort port;
    private final FrameDecoder decoder = new FrameDecoder();
    private final FrameHandler frames;
    private final SentLog log = new SentLog();
    private final SentLog.Visitor confirmedEntries = this::entryConfirmed;
    private final LinkHealth health;
    private final Range next = new Range();
    private final Resends copies;

    private boolean open = true;
    private long sentAt;
    private long receivedAt;
    private long pongId;
    private long pongAskedAt;
    private boolean pongOwed;
    private long now;

    Link(Flow flow, FlowPath path, int carrierNo, CarrierPort port, long now) {
        this.flow = flow;
        this.path = path;
        this.carrierNo = carrierNo;
        this.port = port;
        this.frames = new LinkFrames(flow, this);
        this.health = new LinkHealth(path, now);
        this.copies = new Resends(flow.sender());
        this.sentAt = now;
        this.receivedAt = now;
        this.now = now;
    }

    final Flow flow() {
        return flow;
    }

    final FlowPath path() {
        return path;
    }

    final int carrierNo() {
        return carrierNo;
    }

    CarrierPort port() {
        return port;
    }

    final LinkHealth health() {
        return health;
    }

    final boolean isOpen() {
        return open;
    }

    /** Open, not suspect, and fit for what the flow carries. */
    final boolean isUsable() {
        return open && !health.isSuspect() && isFit();
    }

    /** Whether what the flow carries gets through. */
    boolean isFit() {
        return true;
    }

    /** Whether it is known by now that whatever the flow carries gets through. */
    boolean suffices() {
        return true;
    }

    final SentLog log() {
        return log;
    }

    /** The time given with the event that is being handled. */
    final long now() {
        return now;
    }

    /** When anything was last handed to the carrier. */
    final long sentAt() {
        return sentAt;
    }

    /** When anything last arrived. */
    final long receivedAt() {
        return receivedAt;
    }

    /** How long a byte that it is given now takes to arrive: in flight / rate + min RTT / 2, in nanoseconds. */
    abstract long eta();

    /** Bytes per second that the carrier brings, 0 while unknown. */
    abstract double pace();

    /** How long the last of the oldest {@code bytes} in flight takes to arrive, in nanoseconds. */
    abstract long drainTime(long bytes);

    // ---- in

    /** Notes that something genuine arrived. */
    final void heard(long at) {
        now = at;
        receivedAt = at;
        flow.awake(at);
    }

    /** Hands on the frames in {@code plain}. */
    final void decode(ByteBuf plain) {
        path.wireReceived(plain.readableBytes());
        decoder.decode(plain, frames);
    }

    /** No frame may go on after this. */
    final void endRecord() {
        decoder.endRecord();
    }

    final void broken(WireException why, long at) {
        flow.reports().protocolError(this, why, at);
        flow.settle(at);
    }

    @Override
    public void readComplete(long at) {
        if (open) {
            now = at;
            flow.settle(at);
        }
    }

    @Override
    public final void writable(long at) {
        if (open) {
            now = at;
            flow.settle(at);
        }
    }

    @Override
    public void rerouted(long at) {
        if (open) {
            path.rerouted(port.localAddress(), port.remoteAddress());
        }
    }

    @Override
    public final void closed(CloseReason why, long at) {
        if (open) {
            now = at;
            flow.reports().closed(this, why, at);
            flow.settle(at);
        }
    }

    /** A frame came that its sender wants to see reported. */
    abstract void oweReceipt();

    abstract void ping(long id);

    final void owePong(long id) {
        pongId = id;
        pongAskedAt = now;
        pongOwed = true;
    }

    abstract void pong(long id, int holdMicros, long rx);

    /** Takes the peer's count of what it received of this carrier. */
    abstract void receipt(long rx, int holdMicros);

    /** Takes what the peer says of the packets of this carrier. */
    abstract void receipt(PackView pack);

    /** Takes the question of a peer that wants to know who is at this address. */
    abstract void challenge(long data);

    abstract void response(long data);

    /** The peer has closed the carrier. */
    abstract void peerClosed();

    /** What is done with an entry of the log that the peer has received. */
    final SentLog.Visitor confirmedEntries() {
        return confirmedEntries;
    }

    private void entryConfirmed(int kind, long first, long second, long at) {
        Slot slot = kind == SentLog.SLOT ? flow.slots().get((int) first) : null;
        if (slot != null) {
            slot.received(second);
        }
    }

    // ---- out

    /** What this carrier sends ahead of what the policy tree gives it: copies of what others have in flight. */
    final Resends copies() {
        return copies;
    }

    /** Does what is due by now, before any carrier sends. */
    void onTimer(long at) {}

    /** Writes what is due and what there is room for. */
    final void pump(long at) {
        now = at;
        fill();
    }

    abstract void fill();

    /** What {@link #nextRange} found. */
    final Range next() {
        return next;
    }

    /** Finds what to send next, at most {@code max} bytes of the space of offsets. */
    final boolean nextRange(int max) {
        while (copies.take(max, next)) {
            if (next.start() >= flow.sender().worthCopying(now)) {
                return true;
            }
        }
        while (flow.policy().next(path.id(), max, next)) {
            boolean first = next.cause() == null || next.cause() == ResendCause.RACE;
            if (first || flow.sender().worthSending(next.start(), next.end(), now) == next.start()) {
                return true;
            }
        }
        return false;
    }

    /** Writes the frame of {@link #next}. */
    final void writeData(FrameSink out) {
        int payload = flow.sender().write(next, out);
        log(SentLog.DATA, next.start(), next.end());
        flow.reports().sent(path, next, payload, now);
    }

    final boolean controlDue() {
        return pongOwed
                || health.probeWanted()
                || flow.reports().blockedDue(this, now)
                || flow.paths().hasDirtySlot(this);
    }

    final boolean isPongOwed() {
        return pongOwed;
    }

    /** Writes the answer to a PING, with the peer's count of received bytes in it. */
    final void writePong(FrameSink out, long received) {
        pongOwed = false;
        Frames.pong(out.frame(Frames.PONG), pongId, micros(now - pongAskedAt), received);
    }

    /** Writes what else is due and fits: slots, BLOCKED, a PING. */
    final void writeControl(FrameSink out) {
        Slots slots = flow.slots();
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            if (slot != null && slot.isDirty() && flow.paths().carrierFor(slot) == this && out.fits(slot.size())) {
                long version = slot.write(out.frame(slot.size()), this);
                log(SentLog.SLOT, i, version);
            }
        }
        if (flow.reports().blockedDue(this, now) && out.fits(Frames.BLOCKED)) {
            Sender sender = flow.sender();
            Frames.blocked(out.frame(Frames.BLOCKED), sender.limit(), sender.highestSent());
            log(SentLog.PROBE, 0, 0);
            flow.reports().blockedSent(now);
        }
        if (health.probeWanted() && out.fits(Frames.PING)) {
            ByteBuf frame = out.frame(Frames.PING);
            Frames.ping(frame, health.probeSent(log.payload(), probeEnd(), now));
            log(SentLog.PROBE, 0, 0);
        }
    }

    /** Where a PING that is written now ends in what the peer counts. */
    abstract long probeEnd();

    /** Notes the frame that was just written, which the peer shall confirm. */
    final void log(int kind, long first, long second) {
        sentAt = now;
        log.add(logged(), kind, first, second, now);
    }

    /** The peer shall confirm the frame that was just written; returns where it ends in what the peer reports. */
    abstract long logged();

    static int micros(long nanos) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(0, nanos / 1000));
    }

    // ---- time

    /** When this carrier needs attention next. */
    abstract long deadline(long at);

    // ---- the end

    /** Closes the carrier; what it owed is the caller's to repair. */
    final void close(CloseReason why) {
        if (open) {
            open = false;
            farewell();
            port.close(why);
            decoder.close();
            release();
        }
    }

    /** Tells the peer that nothing follows, where the carrier itself does not. */
    void farewell() {}

    /** Lets go of keys and buffers. */
    abstract void release();

    @Override
    public final String toString() {
        return path + "#" + carrierNo;
    }
}
