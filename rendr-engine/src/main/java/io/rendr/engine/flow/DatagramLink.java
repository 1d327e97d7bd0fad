// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.FlowKind;
import io.rendr.ResendCause;
import io.rendr.engine.keys.CarrierKeys;
import io.rendr.engine.keys.PacketDecoder;
import io.rendr.engine.keys.PacketEncoder;
import io.rendr.engine.keys.RecordScratch;
import io.rendr.engine.link.CongestionWindow;
import io.rendr.engine.link.Cubic;
import io.rendr.engine.link.DeliveryWindow;
import io.rendr.engine.link.PathMtu;
import io.rendr.engine.link.ReceivedPackets;
import io.rendr.engine.link.Recovery;
import io.rendr.engine.memory.RangeSet;
import io.rendr.engine.path.SentLog;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.PackView;
import io.rendr.engine.wire.WireException;
import java.net.SocketAddress;

/**
 * A datagram carrier. Every packet has a number, and the peer reports the numbers that arrived ({@code PACK}); what was
 * lost is not sent again as it was: its ranges of payload go back to the policy tree, its slots are dirty again.
 *
 * <p>A packet takes as many frames as fit and never waits for more. Anybody can send a datagram, so one that is not genuine
 * is dropped and counted; one that is, and breaks the protocol, ends the carrier.
 */
final class DatagramLink extends Link implements Recovery.Outcome {
    /** The id of a PING that only tries a size, and is not answered by a PONG. */
    static final long SIZE_PROBE = -1;

    /** What a carrier whose datagrams may become larger has for finding that out: some round trips. */
    private static final long SETTLING = SECONDS.toNanos(1);

    private static final long NEVER = Long.MAX_VALUE;

    private final PacketPort port;
    private final PacketDecoder decoder;
    private final PacketOutput output;
    private final Recovery recovery;
    private final ReceivedPackets arrived = new ReceivedPackets();
    private final PathMtu mtu;
    private final PathValidation validation;
    private final RangeSet missing = new RangeSet();
    private final SentLog.Visitor lostEntries = this::entryLost;

    /** Whether the packet that is being read, or written, has a frame that its sender wants to see reported. */
    private boolean elicits;

    private boolean elicitsOut;
    private long confirmedBytes;

    private long pacedUntil = NEVER;
    private boolean unfinished;
    private boolean tooSmall;
    /** Until then that datagrams cannot be as large as they have to is not the last word. */
    private final long settledAt;

    DatagramLink(Flow flow, FlowPath path, int carrierNo, PacketPort port, CarrierKeys keys, long now) {
        super(flow, path, carrierNo, port, now);
        this.port = port;
        RecordScratch scratch = flow.host().scratch();
        this.decoder = keys.packetDecoder(scratch);
        PacketEncoder encoder = keys.packetEncoder(scratch);
        this.output = new PacketOutput(flow.instance().allocator(), encoder, port);
        this.mtu = new PathMtu(port.maxDatagram(), largestPacket(flow, encoder), now);
        this.settledAt = port.mostUnderWay() > 0 ? now + SETTLING : now;
        this.recovery = new Recovery(mtu.size(), path.rtt(), this::newWindow, this, now);
        port.established();
        this.validation = new PathValidation(flow.instance().random());
    }

    /** What a datagram must have for the largest packet of the flow; a stream is cut to what fits. */
    private static int largestPacket(Flow flow, PacketEncoder encoder) {
        return flow.kind() == FlowKind.STREAM ? 0 : flow.maxPacket() + Frames.PACKET_HEADER + encoder.overhead();
    }

    private CongestionWindow newWindow(int datagram) {
        int most = port.mostUnderWay();
        return most == 0 ? new Cubic(datagram) : new DeliveryWindow(path().rtt(), most, datagram);
    }

    @Override
    boolean isFit() {
        return !tooSmall;
    }

    @Override
    boolean suffices() {
        return mtu.suffices();
    }

    /** Notes whether the datagrams of the route are, or are no longer, too small for the packets of the flow. */
    private void checkSize(long at) {
        boolean settled = at >= settledAt && mtu.isTooSmall();
        if (settled != tooSmall && isOpen()) {
            tooSmall = settled;
            unfinished = true; // another path may have to take over
            if (tooSmall) {
                int most = mtu.size() - Frames.PACKET_HEADER - output.overhead();
                path().failed(CloseReason.of(
                        CloseReason.Kind.CONFIG,
                        "the route carries packets of at most " + most + " bytes, the flow's may have "
                                + flow().maxPacket() + ": dial with maxPacketSize " + most + " or less"));
            }
            flow().paths().refreshState(path(), at);
        }
    }

    @Override
    long eta() {
        return drainTime(log().payload());
    }

    @Override
    double pace() {
        return path().rtt().known() ? recovery.window() * 1e9 / path().rtt().srtt() : 0;
    }

    @Override
    long drainTime(long bytes) {
        return bytes * path().rtt().srtt() / recovery.window() + path().rtt().min() / 2;
    }

    // ---- in

    @Override
    public void received(ByteBuf datagram, long at) {
        if (!isOpen() || !datagram.isReadable()) {
            return;
        }
        if (!decoder.isPacket(datagram)) {
            flow().counters().packetsForged++;
            return;
        }
        int bytes = datagram.readableBytes();
        long number = decoder.number(datagram);
        if (!arrived.isNew(number)) {
            flow().counters().packetsReplayed++;
            return;
        }
        ByteBuf plain = decoder.decode(datagram, number);
        if (plain == null) {
            flow().counters().packetsForged++;
            return;
        }
        heard(at);
        locate(number, bytes, at);
        elicits = false;
        try {
            decode(plain);
            if (isOpen()) {
                endRecord();
            }
        } catch (WireException e) {
            repairLost(at);
            broken(e, at);
            return;
        }
        arrived.add(number, elicits, at);
        repairLost(at);
        checkSize(at);
    }

    /** Only the newest packet says where the peer is: older ones may come from where it was. */
    private void locate(long number, int bytes, long at) {
        SocketAddress source = port.source();
        if (source == null || number < arrived.largest()) {
            return;
        }
        if (source.equals(port.remoteAddress())) {
            validation.confirmed();
        } else {
            flow().counters().addressesChecked++;
            validation.heard(source, bytes, at);
        }
    }

    @Override
    void oweReceipt() {
        elicits = true;
    }

    @Override
    void ping(long id) {
        elicits = true;
        if (id != SIZE_PROBE) {
            owePong(id);
        }
    }

    @Override
    void pong(long id, int holdMicros, long rx) {
        health().answered(id, MICROSECONDS.toNanos(holdMicros), log().payload(), NEVER, now());
    }

    @Override
    void receipt(long rx, int holdMicros) {
        throw new WireException(WireException.Reason.UNEXPECTED, "RX on a datagram carrier");
    }

    @Override
    void receipt(PackView pack) {
        long owedSince = log().isEmpty() ? now() : log().oldestSentAt();
        if (recovery.acknowledged(pack, now())) {
            health().confirmed(owedSince, now());
        }
    }

    @Override
    void challenge(long data) {
        elicits = true;
        validation.oweAnswer(data);
    }

    @Override
    void response(long data) {
        SocketAddress source = port.source();
        boolean fromOld = source != null && source.equals(port.remoteAddress());
        SocketAddress proved = validation.answered(data, fromOld);
        if (proved != null) {
            flow().counters().addressesFollowed++;
            SocketAddress before = port.remoteAddress();
            port.follow(proved);
            path().rerouted(port.localAddress(), proved);
            // A change of the port alone is the work of a NAT, and the route the same (RFC 9000, section 9.4).
            if (before == null || !port.isSameHost(before, proved)) {
                forgetRoute(now());
            }
        }
    }

    @Override
    void peerClosed() {
        repairLost(now()); // what a PACK in front of it gave up
        closed(CloseReason.of(CloseReason.Kind.PEER_CLOSED, "the peer closed the carrier"), now());
    }

    @Override
    public void rerouted(long at) {
        super.rerouted(at);
        if (isOpen()) {
            forgetRoute(at);
        }
    }

    @Override
    public void resized(long at) {
        if (isOpen()) {
            mtu.limit(port.maxDatagram(), at);
            recovery.datagram(mtu.size());
            checkSize(at);
            flow().settle(at);
        }
    }

    /** Nothing is known of the route that the carrier has from now on. */
    private void forgetRoute(long at) {
        mtu.rerouted(at);
        recovery.datagram(mtu.size());
        recovery.rerouted(at);
    }

    // ---- what became of packets

    @Override
    public void acknowledged(long number, int bytes) {
        confirmedBytes += bytes;
        health().carried(confirmedBytes);
        arrived.heard(number);
        mtu.acknowledged(number, bytes, now());
        recovery.datagram(mtu.size());
        log().take(number, confirmedEntries());
    }

    @Override
    public void lost(long number, int bytes) {
        mtu.lost(number, bytes, path().rtt().rto(), now());
        recovery.datagram(mtu.size());
        arrived.unheard(number);
        log().take(number, lostEntries);
    }

    @Override
    public boolean wasAwakeSince(long then) {
        return health().wasAwakeSince(then);
    }

    private void entryLost(int kind, long first, long second, long at) {
        if (kind == SentLog.DATA) {
            missing.add(first, second);
        } else if (kind == SentLog.SLOT) {
            Slot slot = flow().slots().get((int) first);
            if (slot != null) {
                slot.lost(this, second);
            }
        }
    }

    private void repairLost(long at) {
        if (!missing.isEmpty() && isOpen()) {
            flow().reinjection().repair(path(), missing, ResendCause.LOSS, at);
        }
        missing.clear();
    }

    // ---- out

    @Override
    void onTimer(long at) {
        unfinished = false;
        checkSize(at);
        int before = recovery.timeouts();
        recovery.onTimer(at);
        repairLost(at);
        if (recovery.timeouts() > before) {
            timedOut(at);
        }
    }

    /** Something must go out that brings an acknowledgement about: best of all what may have been lost. */
    private void timedOut(long at) {
        flow().counters().probeTimeouts++;
        if (flow().isDialer() && !health().isProven()) {
            port.repeat(); // without its CONFIRM the peer can read nothing
        }
        Sender sender = flow().sender();
        long oldest = flow().closing().carriesPayload() ? log().oldestPayload() : -1;
        long start = oldest < 0 ? sender.highestSent() : sender.firstUnacked(oldest);
        long end = start;
        if (start < sender.highestSent()) {
            int most = Math.min(mtu.size(), PathMtu.BASE) - output.overhead() - sender.frameOverhead();
            end = sender.cut(start, Math.min(sender.highestSent(), sender.firstAcked(start)), most);
        }
        if (end > start && start >= sender.worthCopying(at) && mtu.suffices()) {
            copies().add(start, end, ResendCause.LOSS);
        } else {
            health().probe(at);
        }
    }

    @Override
    void fill() {
        pacedUntil = NEVER;
        long budget = TURN;
        int written = 1;
        while (isOpen() && written > 0) {
            written = writePackets();
            if (written > 0) {
                port.flush();
            }
            budget -= written;
            if (budget <= 0) {
                unfinished = true;
                return;
            }
        }
    }

    /** Writes packets while the carrier has room; returns their bytes. */
    private int writePackets() {
        int written = 0;
        int bytes = 1;
        for (int credit = port.credit(); credit > 0 && bytes > 0 && isOpen(); credit--) {
            bytes = writePacket();
            written += bytes;
        }
        output.hand();
        return written;
    }

    private int writePacket() {
        int bytes = ask();
        if (bytes == 0) {
            bytes = trySize();
        }
        return bytes > 0 ? bytes : writeFrames();
    }

    private int writeFrames() {
        boolean probes = recovery.probesOwed() > 0;
        begin(probes ? Math.min(mtu.size(), PathMtu.BASE) : mtu.size());
        writeAnswers();
        writeControl(output);
        int overhead = flow().sender().frameOverhead();
        while (output.room() > overhead && mayCarryPayload() && nextRange(output.room() - overhead)) {
            writeData(output);
        }
        if (output.isEmpty()) {
            return 0;
        }
        int bytes = probes ? endAlone() : output.end();
        sent(bytes, false);
        return bytes;
    }

    /**
     * Ends the packet, which leaves by itself: its size or its loss concerns no other. A kernel that sends several
     * datagrams as one refuses all for one that is too large, and a host that loses such batches loses all of them.
     */
    private int endAlone() {
        output.hand();
        int bytes = output.end();
        output.hand();
        return bytes;
    }

    private void begin(int size) {
        output.begin(size);
        elicitsOut = false;
    }

    private void sent(int bytes, boolean sizeProbe) {
        if (!elicitsOut) {
            arrived.unheard(recovery.nextNumber());
        }
        recovery.sent(bytes, elicitsOut, sizeProbe, now());
        path().wireSent(bytes - output.overhead());
    }

    private void writeAnswers() {
        if (isPongOwed()) {
            writePong(output, 0);
        }
        validation.writeAnswers(output);
        boolean due = now() >= arrived.reportAt() || arrived.isOwed() && (!output.isEmpty() || controlDue());
        if (due) {
            writePack();
        }
    }

    private void writePack() {
        arrived.reported(recovery.nextNumber(), now());
        Frames.pack(output.frame(Frames.MAX_PACK), arrived);
    }

    /** Asks who is at the address that the newest packet came from, and at the one before. */
    private int ask() {
        validation.onTimer(now());
        SocketAddress candidate = validation.candidate();
        int size = output.overhead() + Frames.CHALLENGE;
        if (candidate == null || now() < validation.askAt() || !validation.mayAsk(size)) {
            return 0;
        }
        validation.asking(size, path().rtt(), now());
        writeQuestion(validation.newQuestion());
        int bytes = output.end(candidate);
        sent(bytes, false);
        writeQuestion(validation.oldQuestion());
        int again = output.end();
        sent(again, false);
        return bytes + again;
    }

    /** It asks for its own answer, and is not waited for: where it goes may not be where the peer is. */
    private void writeQuestion(long question) {
        begin(PathMtu.BASE);
        Frames.challenge(output.frame(Frames.CHALLENGE), question);
    }

    private int trySize() {
        if (now() < mtu.probeAt() || !health().isProven() || !recovery.hasRoom()) {
            return 0;
        }
        int size = mtu.probeSize();
        begin(size);
        Frames.ping(output.frame(Frames.PING), SIZE_PROBE);
        Frames.padding(output.frame(output.room()), output.room());
        elicitsOut = true;
        mtu.probing(recovery.nextNumber());
        int bytes = endAlone();
        sent(bytes, true);
        return bytes;
    }

    private boolean mayCarryPayload() {
        if (!flow().closing().carriesPayload() || !recovery.hasRoom() || !mtu.suffices()) {
            return false;
        }
        long at = recovery.paceAt(now());
        if (at > now()) {
            pacedUntil = at;
        }
        return at <= now();
    }

    @Override
    long logged() {
        elicitsOut = true;
        return recovery.nextNumber();
    }

    @Override
    long probeEnd() {
        return 0;
    }

    // ---- time

    @Override
    long deadline(long at) {
        if (unfinished) {
            return at;
        }
        long settles = mtu.suffices() ? NEVER : later(settledAt, at);
        long mine = Math.min(recovery.deadline(), Math.min(pacedUntil, health().deadline(log(), at)));
        return Math.min(
                mine,
                Math.min(
                        Math.min(settles, later(arrived.reportAt(), at)),
                        Math.min(later(mtu.probeAt(), at), later(validation.askAt(), at))));
    }

    /** What is due already waits for room, or for the peer. */
    private static long later(long due, long at) {
        return due > at ? due : NEVER;
    }

    /** It may get lost; then the peer finds out by the silence. */
    @Override
    void farewell() {
        begin(PathMtu.BASE);
        if (arrived.isOwed()) {
            writePack();
        }
        Frames.close(output.frame(Frames.BARE));
        output.end();
        output.hand();
        port.flush();
    }

    @Override
    void release() {
        output.close();
        decoder.destroy();
    }
}
