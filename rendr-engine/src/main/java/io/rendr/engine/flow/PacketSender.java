// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.ResendCause;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.memory.PacketSpace;
import io.rendr.engine.path.SendTimes;
import io.rendr.engine.policy.Range;
import io.rendr.engine.wire.Frames;

/**
 * Sends packets: each one whole, in one frame. One that is lost is sent again while it is younger than the repair time;
 * then it is given up, and the peer is told that it need not wait (as FORWARD TSN of RFC 3758 does).
 */
final class PacketSender extends Sender {
    private final long repairTtl;
    private final Counters counters;
    private final SendTimes times = new SendTimes();
    private final Slot forward;
    private long floor;

    PacketSender(FlowMemory memory, long firstLimit, long repairTtl, Counters counters, Slots slots, long now) {
        super(memory, firstLimit, slots, now);
        this.repairTtl = repairTtl;
        this.counters = counters;
        forward = slots.add(new Slot.Value() {
            @Override
            public int size() {
                return Frames.FORWARD;
            }

            @Override
            public void write(ByteBuf out) {
                Frames.forward(out, floor);
            }
        });
    }

    @Override
    public long cut(long from, long to, int max) {
        boolean end = from == payloadEnd();
        long next = end ? from + 1 : from + PacketSpace.size(buffer().packetAt(from));
        long room = end ? max - (Frames.DATA_HEADER - frameOverhead() - 1) : max;
        return next <= Math.min(to, from + room) ? next : from;
    }

    @Override
    public int unit() {
        return PacketSpace.size(Frames.MAX_PACKET_PAYLOAD);
    }

    @Override
    int frameOverhead() {
        return Frames.PACKET_HEADER - PacketSpace.HEADER;
    }

    private boolean isEnd(Range range) {
        return range.start() == payloadEnd();
    }

    @Override
    int write(Range range, FrameSink out) {
        ByteBuf frame = out.frame(Frames.PACKET_HEADER + (int) (range.end() - range.start()));
        if (isEnd(range)) {
            writeEnd(range.start(), frame);
            return 0;
        }
        int length = (int) (range.end() - range.start()) - PacketSpace.HEADER;
        Frames.packetHeader(frame, range.start(), length);
        if (length > 0) {
            buffer().copy(range.start() + PacketSpace.HEADER, length, frame);
        }
        if (range.cause() == null) {
            counters.packetsSent++;
        } else if (range.cause() != ResendCause.RACE) {
            counters.packetsRepaired++;
        }
        return length;
    }

    @Override
    void sent(long to, long now) {
        super.sent(to, now);
        times.sent(highestSent(), now);
    }

    @Override
    long worthSending(long start, long end, long now) {
        long young = Math.max(start, Math.min(worthCopying(now), Math.min(end, payloadEnd())));
        if (young > start) {
            countExpired(start, young);
            giveUp(start, young);
        }
        return young;
    }

    @Override
    long worthCopying(long now) {
        return repairTtl == 0 ? Long.MAX_VALUE : times.sentBefore(now - repairTtl);
    }

    private void countExpired(long start, long end) {
        long at = firstUnacked(start);
        while (at < end) {
            counters.packetsExpired++;
            at = firstUnacked(at + PacketSpace.size(buffer().packetAt(at)));
        }
    }

    @Override
    void settled() {
        super.settled();
        times.forget(cum());
        if (cum() > Math.max(acknowledged(), floor)) {
            floor = cum();
            forward.touch();
        }
    }
}
