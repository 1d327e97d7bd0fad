// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.memory.ChunkPool;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.memory.RangeSet;
import io.rendr.engine.wire.WireException;

/** Receives a stream: bytes are put into their place, and are readable as far as none is missing. */
final class StreamReceiver extends Receiver {
    /** An honest peer leaves a few gaps for each carrier that it lost. */
    private static final int MAX_GAPS = 4096;

    StreamReceiver(FlowMemory memory, Counters counters, Slots slots, long now) {
        super(memory, ChunkPool.SMALL, counters, slots, now);
    }

    @Override
    void data(Link from, long offset, ByteBuf bytes, int index, int length, boolean fin, long now) {
        check(offset + length, fin);
        if (early().size() > MAX_GAPS) {
            throw new WireException(
                    WireException.Reason.UNEXPECTED,
                    "DATA leaves more than " + MAX_GAPS + " gaps; it is sent in crumbs");
        }
        boolean inOrder = offset == arrived();
        int fresh = buffer().write(offset, bytes, index, length);
        if (fin) {
            ends(offset + length);
        }
        took(from, fresh, length, fin || !inOrder, now);
    }

    @Override
    void packet(Link from, long offset, ByteBuf bytes, int index, int length, long now) {
        throw new WireException(WireException.Reason.UNEXPECTED, "PACKET on a stream flow");
    }

    @Override
    void forward(long floor) {
        throw new WireException(WireException.Reason.UNEXPECTED, "FORWARD on a stream flow");
    }

    @Override
    long arrived() {
        return buffer().available();
    }

    @Override
    RangeSet early() {
        return buffer().early();
    }

    @Override
    long skipped() {
        return 0;
    }
}
