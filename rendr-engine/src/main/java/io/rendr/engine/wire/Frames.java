// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/**
 * Writes frames. Every method appends one whole frame to {@code out}, except the two {@code ...Header} methods, after
 * which the caller appends the payload. None of them allocates, but for {@link #policy} and {@link #info}.
 *
 * <p>An argument that the wire cannot carry is an {@link IllegalArgumentException}: it is a mistake of the caller.
 */
public final class Frames {
    /** Type, flags and length: what every frame begins with, in bytes. */
    public static final int HEADER = 4;
    /** {@link #HEADER} and the offset. */
    public static final int DATA_HEADER = 12;
    /** {@link #HEADER} and the sequence number. */
    public static final int PACKET_HEADER = 12;
    /** Largest payload of one DATA frame, in bytes. */
    public static final int MAX_DATA_PAYLOAD = 64_512;
    /** Largest packet of a packet flow, in bytes. */
    public static final int MAX_PACKET_PAYLOAD = 64_512;
    /** Largest body of any other frame below 0x80, in bytes. */
    public static final int MAX_CONTROL = 8_192;
    /** Largest offset, limit, sequence number or count. */
    public static final long MAX_OFFSET = 1L << 62;

    /** Sizes of whole frames in bytes, for a writer that counts the room it has. */
    public static final int MAX_ACK = HEADER + 26 + 16 * AckView.MAX_RANGES;

    public static final int BLOCKED = HEADER + 16;
    public static final int PING = HEADER + 8;
    public static final int PONG = HEADER + 20;
    public static final int RX = HEADER + 12;
    public static final int MAX_PACK = HEADER + 12 + 8 * PackView.MAX_RANGES;
    public static final int CHALLENGE = HEADER + 8;
    public static final int RESPONSE = CHALLENGE;
    public static final int PATH_STATE = HEADER + 9;
    public static final int CREDIT_RETURN = HEADER + 10;
    public static final int FORWARD = HEADER + 8;
    /** STOP, ABORT and DETACH. */
    public static final int CODE = HEADER + 4;
    /** BYE, ACCEPTED and CLOSE. */
    public static final int BARE = HEADER;

    public static final int MAX_INFO = HEADER + Info.MAX_BODY;

    public static final int FIN = 1;

    public static final int PATH_USABLE = 0;
    public static final int PATH_SUSPECT = 1;
    public static final int PATH_DEAD = 2;

    private Frames() {}

    private static ByteBuf header(ByteBuf out, int type, int length) {
        return out.writeInt(type << 24 | length);
    }

    /** @param payloadLength 0 to {@link #MAX_DATA_PAYLOAD}; 0 only with {@code fin} */
    public static void dataHeader(ByteBuf out, long offset, boolean fin, int payloadLength) {
        if (payloadLength < 0 || payloadLength > MAX_DATA_PAYLOAD || (payloadLength == 0 && !fin)) {
            throw new IllegalArgumentException("a DATA frame cannot carry " + payloadLength + " bytes");
        }
        checkOffset(offset);
        checkOffset(offset + payloadLength);
        out.writeInt(FrameType.DATA << 24 | (fin ? FIN << 16 : 0) | 8 + payloadLength)
                .writeLong(offset);
    }

    /** @param length 0 to {@link #MAX_PACKET_PAYLOAD} */
    public static void packetHeader(ByteBuf out, long seq, int length) {
        if (length < 0 || length > MAX_PACKET_PAYLOAD) {
            throw new IllegalArgumentException("a PACKET frame cannot carry " + length + " bytes");
        }
        checkOffset(seq);
        header(out, FrameType.PACKET, 8 + length).writeLong(seq);
    }

    public static void ack(ByteBuf out, AckView a) {
        int n = a.rangeCount();
        if (n < 0 || n > AckView.MAX_RANGES) {
            throw new IllegalArgumentException("an ACK cannot carry " + n + " ranges");
        }
        checkOffset(a.cum());
        checkOffset(a.limit());
        checkOffset(a.consumed());
        header(out, FrameType.ACK, 26 + 16 * n)
                .writeLong(a.cum())
                .writeLong(a.limit())
                .writeLong(a.consumed())
                .writeShort(a.returns());
        long floor = a.cum();
        for (int i = 0; i < n; i++) {
            long start = a.rangeStart(i);
            long end = a.rangeEnd(i);
            if (start <= floor || end <= start || end > MAX_OFFSET) {
                throw new IllegalArgumentException("ACK range [" + start + ", " + end + ") after " + floor);
            }
            out.writeLong(start).writeLong(end);
            floor = end;
        }
    }

    public static void blocked(ByteBuf out, long limitSeen, long highestSent) {
        checkOffset(limitSeen);
        checkOffset(highestSent);
        header(out, FrameType.BLOCKED, 16).writeLong(limitSeen).writeLong(highestSent);
    }

    public static void ping(ByteBuf out, long id) {
        header(out, FrameType.PING, 8).writeLong(id);
    }

    /**
     * Zeros that every receiver skips, to make a packet as large as it shall be.
     *
     * @param size of the whole frame, at least {@link #HEADER}
     */
    public static void padding(ByteBuf out, int size) {
        if (size < HEADER || size > HEADER + 0xffff) {
            throw new IllegalArgumentException("a frame of padding cannot have " + size + " bytes");
        }
        header(out, FrameType.PADDING, size - HEADER).writeZero(size - HEADER);
    }

    public static void pong(ByteBuf out, long id, int holdMicros, long rx) {
        checkU31(holdMicros);
        checkOffset(rx);
        header(out, FrameType.PONG, 20).writeLong(id).writeInt(holdMicros).writeLong(rx);
    }

    public static void rx(ByteBuf out, long rx, int holdMicros) {
        checkOffset(rx);
        checkU31(holdMicros);
        header(out, FrameType.RX, 12).writeLong(rx).writeInt(holdMicros);
    }

    public static void pack(ByteBuf out, PackView p) {
        int n = p.rangeCount();
        if (n < 1 || n > PackView.MAX_RANGES || p.rangeEnd(0) != p.largest() + 1) {
            throw new IllegalArgumentException("a PACK needs 1 to 32 ranges, the first up to its largest number");
        }
        checkOffset(p.largest());
        checkU31(p.delayMicros());
        header(out, FrameType.PACK, 12 + 8 * n).writeLong(p.largest()).writeInt(p.delayMicros());
        long cursor = p.largest() + 1;
        for (int i = 0; i < n; i++) {
            long gap = cursor - p.rangeEnd(i);
            long length = p.rangeEnd(i) - p.rangeStart(i);
            if (gap < 0 || (gap == 0 && i > 0) || gap > Integer.MAX_VALUE || length < 1 || length > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "PACK range [" + p.rangeStart(i) + ", " + p.rangeEnd(i) + ") below " + cursor);
            }
            out.writeInt((int) gap).writeInt((int) length);
            cursor = p.rangeStart(i);
        }
        checkOffset(cursor);
    }

    public static void challenge(ByteBuf out, long data) {
        header(out, FrameType.CHALLENGE, 8).writeLong(data);
    }

    public static void close(ByteBuf out) {
        header(out, FrameType.CLOSE, 0);
    }

    public static void response(ByteBuf out, long data) {
        header(out, FrameType.RESPONSE, 8).writeLong(data);
    }

    /** Allocates; a policy changes rarely. */
    public static void policy(ByteBuf out, Policy policy) {
        counted(out, FrameType.POLICY, policy::write);
    }

    /** @param state {@link #PATH_USABLE}, {@link #PATH_SUSPECT} or {@link #PATH_DEAD} */
    public static void pathState(ByteBuf out, int pathId, int carrierNo, int state) {
        checkU31(pathId);
        checkU31(carrierNo);
        if (state < PATH_USABLE || state > PATH_DEAD) {
            throw new IllegalArgumentException("no path state has the number " + state);
        }
        header(out, FrameType.PATH_STATE, 9)
                .writeInt(pathId)
                .writeInt(carrierNo)
                .writeByte(state);
    }

    public static void stop(ByteBuf out, int code) {
        header(out, FrameType.STOP, 4).writeInt(code);
    }

    public static void abort(ByteBuf out, int code) {
        header(out, FrameType.ABORT, 4).writeInt(code);
    }

    public static void detach(ByteBuf out, int pathId) {
        checkU31(pathId);
        header(out, FrameType.DETACH, 4).writeInt(pathId);
    }

    public static void bye(ByteBuf out) {
        header(out, FrameType.BYE, 0);
    }

    public static void accepted(ByteBuf out) {
        header(out, FrameType.ACCEPTED, 0);
    }

    /** @param returns only the low 16 bits are sent */
    public static void creditReturn(ByteBuf out, int returns, long limitNow) {
        checkOffset(limitNow);
        header(out, FrameType.CREDIT_RETURN, 10).writeShort(returns).writeLong(limitNow);
    }

    public static void forward(ByteBuf out, long floor) {
        checkOffset(floor);
        header(out, FrameType.FORWARD, 8).writeLong(floor);
    }

    /** Allocates; it is sent once per flow and direction. */
    public static void info(ByteBuf out, Info info) {
        counted(out, FrameType.INFO, info::write);
    }

    /** Writes a frame whose length is known only afterwards, or nothing at all. */
    private static void counted(ByteBuf out, int type, Consumer<ByteBuf> body) {
        int start = out.writerIndex();
        try {
            body.accept(header(out, type, 0));
        } catch (IllegalArgumentException e) {
            out.writerIndex(start);
            throw e;
        }
        out.setShort(start + 2, out.writerIndex() - start - HEADER);
    }

    private static void checkOffset(long v) {
        if (v < 0 || v > MAX_OFFSET) {
            throw new IllegalArgumentException(v + " is not between 0 and 2^62");
        }
    }

    private static void checkU31(int v) {
        if (v < 0) {
            throw new IllegalArgumentException(v + " is negative");
        }
    }
}
