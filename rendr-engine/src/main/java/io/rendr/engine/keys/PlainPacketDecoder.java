// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.netty.buffer.ByteBuf;

/** Reads what {@link PlainPacketEncoder} made: the carrier vouches for it. Not thread-safe. */
public final class PlainPacketDecoder implements PacketDecoder {
    private static final int NUMBER_AT = 1;

    private final RecordScratch scratch;
    private long largest = -1;

    PlainPacketDecoder(RecordScratch scratch) {
        this.scratch = scratch;
    }

    @Override
    public boolean isPacket(ByteBuf datagram) {
        int length = datagram.readableBytes();
        return length > PlainPacketEncoder.HEADER
                && length <= scratch.openPlain.length
                && datagram.getByte(datagram.readerIndex()) == PlainPacketEncoder.FORM;
    }

    @Override
    public long number(ByteBuf packet) {
        return PacketNumbers.nearest(largest + 1, packet.getUnsignedInt(packet.readerIndex() + NUMBER_AT));
    }

    @Override
    public ByteBuf decode(ByteBuf packet, long number) {
        largest = Math.max(largest, number);
        int length = packet.readableBytes() - PlainPacketEncoder.HEADER;
        packet.skipBytes(PlainPacketEncoder.HEADER).readBytes(scratch.openPlain, 0, length);
        return scratch.opened.setIndex(0, length);
    }

    @Override
    public void destroy() {
        // There are no keys.
    }
}
