// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.policy.Range;
import io.rendr.engine.wire.Frames;

/** Sends a stream: bytes that may be cut into frames anywhere, and are sent until the peer has them. */
final class StreamSender extends Sender {
    StreamSender(FlowMemory memory, long firstLimit, Slots slots, long now) {
        super(memory, firstLimit, slots, now);
    }

    @Override
    int frameSize(Range range) {
        return Frames.DATA_HEADER + (int) (range.end() - range.start());
    }

    @Override
    int write(Range range, ByteBuf out) {
        long start = range.start();
        long payloadEnd = Math.min(range.end(), payloadEnd());
        int length = (int) (payloadEnd - start);
        Frames.dataHeader(out, start, range.end() > payloadEnd, length);
        if (length > 0) {
            buffer().copy(start, length, out);
        }
        return length;
    }

    @Override
    boolean mayCopy() {
        return true;
    }

    @Override
    long worthSending(long start, long end, long now) {
        return start;
    }
}
