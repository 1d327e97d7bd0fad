// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.netty.buffer.ByteBuf;

/** Makes packets for a carrier that protects them itself and leads to one peer: a number before the frames. Not thread-safe. */
public final class PlainPacketEncoder implements PacketEncoder {
    /** The first byte of a plain packet. */
    public static final int FORM = 0x42;

    /** Bytes before the frames: form u8, the low half of the packet number u32. */
    public static final int HEADER = 5;

    private final RecordScratch scratch;
    private long next;

    PlainPacketEncoder(RecordScratch scratch) {
        this.scratch = scratch;
    }

    @Override
    public int overhead() {
        return HEADER;
    }

    @Override
    public ByteBuf composing() {
        return scratch.composed.clear();
    }

    @Override
    public void encode(ByteBuf frames, long connectionId, ByteBuf out) {
        out.ensureWritable(HEADER + frames.readableBytes())
                .writeByte(FORM)
                .writeInt((int) next++)
                .writeBytes(frames);
    }

    @Override
    public void destroy() {
        // There are no keys.
    }
}
