// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.flow.FlowProgress;
import io.rendr.engine.memory.PacketSpace;
import io.rendr.engine.wire.AckView;
import io.rendr.engine.wire.FrameDecoder;
import io.rendr.engine.wire.FrameHandler;
import io.rendr.engine.wire.FrameType;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.Info;
import io.rendr.engine.wire.PackView;
import io.rendr.engine.wire.Policy;
import org.jspecify.annotations.Nullable;

/**
 * Reads along what one end of an unsealed connection writes, and holds it against the truth: what the applications
 * wrote, what has arrived, what was granted. Steps over the handshake by its frame lengths.
 */
final class WireTap implements FrameHandler {
    /** What a receiver grants at most before its application has taken anything. */
    private static final long FIRST_WINDOW = 320 * 1024;
    /** What may be in flight on any carrier. */
    private static final long LEAST_CAP = 64 * 1024;

    private static final long VANISHED = SECONDS.toNanos(70);
    /** How exactly the age of a packet is known. */
    private static final long TO_SOME_MILLISECONDS = MILLISECONDS.toNanos(5);

    private final Simulation world;
    private final Connection connection;
    private final Schedule.Side side;
    private final FrameDecoder decoder = new FrameDecoder();
    private final byte[] head = new byte[Frames.HEADER];
    private int headBytes;
    private int skip;
    private boolean handshake = true;
    private boolean firstFrame = true;
    private long bytes;
    private long lastBlocked = -1;
    private long reported;

    WireTap(Simulation world, Connection connection, Schedule.Side side) {
        this.world = world;
        this.connection = connection;
        this.side = side;
    }

    /** All bytes written so far. */
    long bytes() {
        return bytes;
    }

    private @Nullable FlowEnd writer() {
        Conversation talk = connection.conversation();
        return talk == null ? null : talk.end(side);
    }

    private @Nullable FlowEnd reader() {
        Conversation talk = connection.conversation();
        Schedule.Side other = side == Schedule.Side.DIALER ? Schedule.Side.ACCEPTOR : Schedule.Side.DIALER;
        return talk == null ? null : talk.end(other);
    }

    void wrote(ByteBuf buffer) {
        bytes += buffer.readableBytes();
        ByteBuf view = buffer.duplicate();
        while (handshake && view.isReadable()) {
            if (skip > 0) {
                int step = Math.min(skip, view.readableBytes());
                view.skipBytes(step);
                skip -= step;
                continue;
            }
            if (headBytes == 0 && !FrameType.isHandshake(view.getByte(view.readerIndex()) & 0xff)) {
                handshake = false;
                break;
            }
            head[headBytes++] = view.readByte();
            if (headBytes == Frames.HEADER) {
                headBytes = 0;
                skip = (head[2] & 0xff) << 8 | head[3] & 0xff;
                opening(head[0] & 0xff);
            }
        }
        if (!handshake && view.isReadable()) {
            decoder.decode(view, this);
        }
    }

    private void opening(int type) {
        if (world.log().on()) {
            log("handshake frame 0x0" + type);
        }
    }

    private void log(String what) {
        world.log().add(side == Schedule.Side.DIALER ? "D>" : "A>", connection + " " + what);
    }

    private void frame(String what) {
        if (firstFrame) {
            firstFrame = false;
            world.saw(Rule.ACK_FIRST, what.startsWith("ACK "));
        }
        if (world.log().on()) {
            log(what);
        }
    }

    private void repeated(String control) {
        FlowEnd mine = writer();
        world.saw(Rule.SLOT_REPAIR, mine != null && mine.ledger().repeated(control, connection));
    }

    private String shown(String name, long... values) {
        if (!world.log().on() && !firstFrame) {
            return name;
        }
        StringBuilder text = new StringBuilder(name).append(' ');
        for (long value : values) {
            text.append(' ').append(value);
        }
        return text.toString();
    }

    // ---- frames

    @Override
    public void data(long offset, ByteBuf buf, int index, int length, boolean fin) {
        frame(shown(fin ? "DATA+FIN" : "DATA", offset, length));
        FlowEnd mine = writer();
        FlowEnd theirs = reader();
        if (mine == null) {
            return;
        }
        payload(mine, offset, offset + length);
        world.saw(Rule.HALF_CLOSE, fin && theirs != null && !theirs.isOver() && theirs.app() != null);
    }

    private void payload(FlowEnd mine, long start, long end) {
        long written = mine.flow().sendBuffer().written();
        if (end > written) {
            world.violation(
                    Violation.Kind.UNSENT_ACKNOWLEDGED,
                    mine + " sent bytes up to " + end + ", written were " + written);
        }
        mine.ledger().sent(start, end);
        world.saw(Rule.IN_FLIGHT, bytes - reported > LEAST_CAP && written - end > LEAST_CAP);
        FlowEnd theirs = reader();
        if (theirs != null
                && !theirs.gone()
                && !theirs.isReleased()
                && end > theirs.judge().mostGranted()) {
            world.violation(
                    Violation.Kind.CREDIT,
                    mine + " sent bytes up to " + end + ", granted were "
                            + theirs.judge().mostGranted());
        }
    }

    @Override
    public void packet(long offset, ByteBuf buf, int index, int length) {
        frame(shown("PACKET", offset, length));
        FlowEnd mine = writer();
        if (mine == null) {
            return;
        }
        payload(mine, offset + PacketSpace.HEADER, offset + PacketSpace.size(length));
        if (!mine.ledger().packet(offset, world.timeline().now())) {
            world.violation(Violation.Kind.PROTOCOL, mine + " sent the packet at " + offset + ", which it gave up");
        }
        long age = mine.ledger().age(offset, world.timeline().now());
        if (age > repairTtl(mine) + TO_SOME_MILLISECONDS && !mine.conversation().mayRace()) {
            world.violation(
                    Violation.Kind.RESENT_WITHOUT_CAUSE,
                    mine + " sent the packet at " + offset + " again after " + age / 1_000_000 + " ms, it was worth "
                            + mine.flow().repairTtlMillis() + " ms");
        }
    }

    private static long repairTtl(FlowEnd end) {
        return MILLISECONDS.toNanos(end.flow().repairTtlMillis());
    }

    @Override
    public void forward(long floor) {
        frame(shown("FORWARD", floor));
        FlowEnd mine = writer();
        FlowEnd theirs = reader();
        if (mine == null) {
            return;
        }
        repeated("FORWARD " + floor);
        mine.ledger().forwarded(floor);
        if (theirs == null || theirs.gone() || theirs.flow().progress().arrived() >= floor) {
            return;
        }
        FlowProgress there = theirs.flow().progress();
        for (long offset : mine.ledger().packets(there.arrived(), floor)) {
            long age = mine.ledger().age(offset, world.timeline().now());
            if (!there.has(offset, offset + 1) && age < repairTtl(mine) - TO_SOME_MILLISECONDS) {
                world.violation(
                        Violation.Kind.LOST,
                        mine + " gave the packet at " + offset + " up after " + age / 1_000_000 + " ms, it was worth "
                                + mine.flow().repairTtlMillis() + " ms");
            }
        }
    }

    @Override
    public void ack(AckView ack) {
        frame(shown("ACK", ack.cum(), ack.limit(), ack.consumed(), ack.returns(), ack.rangeCount()));
        FlowEnd mine = writer();
        if (mine == null) {
            return;
        }
        world.saw(Rule.ACK, ack.cum() > 0);
        world.saw(Rule.ACK_RANGES, ack.rangeCount() > 0);
        world.saw(Rule.WINDOW, ack.limit() - ack.consumed() > FIRST_WINDOW);
        world.saw(
                Rule.ACK_MONOTONE,
                mine.ledger()
                        .overtakes("ACK", connection, side, world.timeline().now()));
        FlowEnd theirs = reader();
        world.saw(Rule.STALE_CREDIT, theirs != null && theirs.ledger().returned() != ack.returns());
        world.saw(Rule.NEVER_PAUSE, ack.limit() - ack.cum() <= 0);
        long arrived = mine.flow().progress().arrived();
        if (ack.cum() > arrived + 1 || ack.consumed() > ack.cum()) {
            world.violation(
                    Violation.Kind.UNSENT_ACKNOWLEDGED,
                    mine + " acknowledges " + ack.cum() + ", consumed " + ack.consumed() + ", and has " + arrived);
        }
        for (int i = 0; i < ack.rangeCount(); i++) {
            if (!mine.flow().progress().has(ack.rangeStart(i), ack.rangeEnd(i))) {
                world.violation(
                        Violation.Kind.UNSENT_ACKNOWLEDGED,
                        mine + " acknowledges " + ack.rangeStart(i) + " to " + ack.rangeEnd(i)
                                + ", which has not arrived");
            }
        }
        String problem = mine.ledger().acknowledged(ack.cum(), ack.consumed(), ack.returns(), ack.limit());
        if (!problem.isEmpty()) {
            world.violation(Violation.Kind.CREDIT, mine + ": " + problem);
        }
    }

    @Override
    public void blocked(long limitSeen, long highestSent) {
        frame(shown("BLOCKED", limitSeen, highestSent));
        world.saw(Rule.BLOCKED, lastBlocked == limitSeen);
        world.saw(Rule.CREDIT);
        lastBlocked = limitSeen;
    }

    @Override
    public void ping(long id) {
        frame(shown("PING", id));
        FlowEnd mine = writer();
        if (mine != null) {
            world.pinged(mine, connection);
        }
        long silence = world.timeline().now() - connection.acceptor().heardAt();
        world.saw(Rule.ACCEPTOR_PROBE, side == Schedule.Side.ACCEPTOR && silence > VANISHED);
    }

    @Override
    public void pong(long id, int holdMicros, long rx) {
        frame(shown("PONG", id, holdMicros, rx));
        receipt(rx);
    }

    @Override
    public void rx(long rx, int holdMicros) {
        frame(shown("RX", rx, holdMicros));
        world.saw(Rule.RECEIPTS);
        receipt(rx);
    }

    private void receipt(long rx) {
        Endpoint mine = side == Schedule.Side.DIALER ? connection.dialer() : connection.acceptor();
        WireTap other = connection.peerOf(mine).tap();
        if (other != null) {
            other.reported = rx;
        }
        if (other != null && rx > other.bytes()) {
            world.violation(
                    Violation.Kind.UNSENT_ACKNOWLEDGED,
                    connection + ": a receipt for " + rx + " bytes, " + other.bytes() + " were sent");
        }
    }

    @Override
    public void pack(PackView pack) {
        frame("PACK");
    }

    @Override
    public void challenge(long data) {
        frame("CHALLENGE");
    }

    @Override
    public void response(long data) {
        frame("RESPONSE");
    }

    @Override
    public void close() {
        frame("CLOSE");
    }

    @Override
    public void policy(Policy policy) {
        frame(shown("POLICY", policy.epoch()));
        world.saw(Rule.POLICY);
        repeated("POLICY " + policy.epoch());
        FlowEnd mine = writer();
        if (mine != null) {
            world.saw(
                    Rule.EPOCH,
                    mine.ledger()
                            .overtakes(
                                    "POLICY", connection, side, world.timeline().now()));
        }
    }

    @Override
    public void pathState(int pathId, int carrierNo, int state) {
        frame(shown("PATH_STATE", pathId, carrierNo, state));
        world.saw(Rule.PATH_STATE);
    }

    @Override
    public void stop(int code) {
        frame(shown("STOP", code));
        repeated("STOP");
        world.saw(Rule.STOP);
    }

    @Override
    public void abort(int code) {
        frame(shown("ABORT", code));
        repeated("ABORT");
    }

    @Override
    public void detach(int pathId) {
        frame(shown("DETACH", pathId));
    }

    @Override
    public void bye() {
        frame("BYE");
        repeated("BYE");
    }

    @Override
    public void accepted() {
        frame("ACCEPTED");
        repeated("ACCEPTED");
    }

    @Override
    public void creditReturn(int returns, long limit) {
        frame(shown("CREDIT_RETURN", returns, limit));
        world.saw(Rule.CREDIT_RETURN);
        FlowEnd mine = writer();
        if (mine != null) {
            mine.ledger().returned(returns);
        }
    }

    @Override
    public void info(Info info) {
        frame("INFO");
    }
}
