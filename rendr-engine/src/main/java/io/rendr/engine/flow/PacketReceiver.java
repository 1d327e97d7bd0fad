// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.engine.memory.ChunkPool;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.memory.PacketSpace;
import io.rendr.engine.memory.RangeSet;
import io.rendr.engine.wire.WireException;

/**
 * Receives packets: each one can be taken as soon as it is there, once, whatever is missing before it.
 *
 * <p>A packet takes as many offsets as bytes of memory, so credit counts memory here as it does for streams. In the
 * buffer packets lie in the order in which they came; which offsets have come is noted beside it. Offsets that the peer
 * gave up have cost no memory, and are granted again.
 */
final class PacketReceiver extends Receiver {
    /** With more gaps than these a packet that leaves another one is dropped, as if it had been lost. */
    private static final int MAX_GAPS = 16_384;

    private final ByteBuf header = Unpooled.buffer(PacketSpace.HEADER, PacketSpace.HEADER);
    private final int maxPacket;
    private final RangeSet early = new RangeSet();
    private long arrived;
    private long skipped;

    PacketReceiver(FlowMemory memory, int maxPacket, Counters counters, Slots slots, long now) {
        super(memory, Math.max(ChunkPool.SMALL, PacketSpace.size(maxPacket)), counters, slots, now);
        this.maxPacket = maxPacket;
    }

    @Override
    void data(Link from, long offset, ByteBuf bytes, int index, int length, boolean fin, long now) {
        if (length > 0) {
            throw new WireException(WireException.Reason.UNEXPECTED, "DATA on a packet flow");
        }
        check(offset, fin);
        ends(offset);
        took(from, 0, 0, true, now);
    }

    @Override
    void packet(Link from, long offset, ByteBuf bytes, int index, int length, long now) {
        long to = offset + PacketSpace.size(length);
        if (length > maxPacket) {
            throw new WireException(
                    WireException.Reason.BAD_LENGTH, "a packet of " + length + " bytes, agreed were " + maxPacket);
        }
        check(to, false);
        if (offset < arrived || early.firstAbsent(offset) != offset) {
            counters().packetsDuplicate++;
            took(from, 0, length, true, now);
            return;
        }
        if (early.firstPresent(offset) < to) {
            throw new WireException(
                    WireException.Reason.BAD_VALUE, "a packet at " + offset + " reaches into the one behind it");
        }
        boolean inOrder = offset == arrived;
        if (!inOrder && early.size() > MAX_GAPS) {
            counters().packetsDropped++;
            return;
        }
        store(bytes, index, length);
        early.add(offset, to);
        reach(arrived);
        counters().packetsDelivered++;
        took(from, length, length, !inOrder, now);
    }

    private void store(ByteBuf bytes, int index, int length) {
        header.setShort(0, length);
        buffer().write(buffer().available(), header, 0, PacketSpace.HEADER);
        if (length > 0) {
            buffer().write(buffer().available(), bytes, index, length);
        }
    }

    private void reach(long floor) {
        arrived = early.firstAbsent(floor);
        early.removeBelow(arrived);
    }

    @Override
    void forward(long floor) {
        if (floor <= arrived) {
            return;
        }
        check(floor, false);
        long came = 0;
        for (int i = 0; i < early.size() && early.start(i) < floor; i++) {
            came += Math.min(floor, early.end(i)) - early.start(i);
        }
        skipped += floor - arrived - came;
        reach(floor);
        advanced();
        acknowledgeNow();
    }

    @Override
    long arrived() {
        return arrived;
    }

    @Override
    RangeSet early() {
        return early;
    }

    @Override
    long skipped() {
        return skipped;
    }
}
