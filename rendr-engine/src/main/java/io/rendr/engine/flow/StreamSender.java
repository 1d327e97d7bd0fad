// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.memory.ChunkPool;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.policy.Range;
import io.rendr.engine.wire.Frames;

/** Sends a stream: bytes that may be cut into frames anywhere, and are sent until the peer has them. */
final class StreamSender extends Sender {
    StreamSender(FlowMemory memory, long firstLimit, Slots slots, long now) {
        super(memory, firstLimit, slots, now);
    }

    @Override
    int write(Range range, FrameSink out) {
        long start = range.start();
        long payloadEnd = Math.min(range.end(), payloadEnd());
        int length = (int) (payloadEnd - start);
        boolean lends = out.lends(length);
        ByteBuf frame = out.frame(Frames.DATA_HEADER + (lends ? 0 : length));
        Frames.dataHeader(frame, start, range.end() > payloadEnd, length);
        if (lends) {
            lend(start, payloadEnd, frame, out);
        } else if (length > 0) {
            buffer().copy(start, length, frame);
        }
        return length;
    }

    /** Gives payload where it lies; what cannot be lent is copied behind what was composed before it. */
    private void lend(long start, long end, ByteBuf frame, FrameSink out) {
        long at = start;
        while (at < end) {
            ByteBuf piece = buffer().lend(at, (int) (end - at));
            if (piece == null) {
                int length = (int) Math.min(end - at, ChunkPool.SMALL);
                buffer().copy(at, length, frame);
                at += length;
            } else {
                at += piece.readableBytes();
                out.lend(piece);
            }
        }
    }

    @Override
    int frameOverhead() {
        return Frames.DATA_HEADER;
    }

    @Override
    long worthCopying(long now) {
        return 0;
    }

    @Override
    long worthSending(long start, long end, long now) {
        return start;
    }
}
