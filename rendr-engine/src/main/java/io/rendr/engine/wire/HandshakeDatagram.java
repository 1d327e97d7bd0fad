// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A message of the handshake in a datagram: form u8, the connection id of the receiver u64, the message. */
public final class HandshakeDatagram {
    /** The first byte. */
    public static final int FORM = 0x41;

    /** Bytes before the message. */
    public static final int HEADER = 9;

    private static final int ID_AT = 1;

    private HandshakeDatagram() {}

    /**
     * Appends a datagram.
     *
     * @param connectionId what the receiver knows the carrier by; 0 for HELLO and ATTACH, which have none yet
     */
    public static void write(ByteBuf out, long connectionId, byte[] message) {
        out.ensureWritable(HEADER + message.length)
                .writeByte(FORM)
                .writeLong(connectionId)
                .writeBytes(message);
    }

    /** Whether a datagram can hold a message: by its length and first byte. */
    public static boolean is(ByteBuf datagram) {
        return datagram.readableBytes() >= HEADER + Frames.HEADER && datagram.getByte(datagram.readerIndex()) == FORM;
    }

    /** The connection id of a datagram of either form, which has at least {@link #HEADER} bytes. */
    public static long connectionId(ByteBuf datagram) {
        return datagram.getLong(datagram.readerIndex() + ID_AT);
    }

    /** The message; null unless the datagram holds exactly one. */
    public static byte @Nullable [] message(ByteBuf datagram) {
        int at = datagram.readerIndex() + HEADER;
        int length = Frames.HEADER + datagram.getUnsignedShort(at + 2);
        boolean whole = length == datagram.readableBytes() - HEADER && length <= Frames.HEADER + Message.MAX_BODY;
        if (!whole || !FrameType.isHandshake(datagram.getUnsignedByte(at))) {
            return null;
        }
        byte[] message = new byte[length];
        datagram.getBytes(at, message);
        return message;
    }
}
