// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** A bounds-checked cursor over the body of one frame. Reused by {@link FrameDecoder}, so that reading allocates nothing. */
final class Body {
    private ByteBuf buf = Unpooled.EMPTY_BUFFER;
    private int type;
    private int pos;
    private int end;

    Body over(ByteBuf buf, int type, int index, int length) {
        this.buf = buf;
        this.type = type;
        this.pos = index;
        this.end = index + length;
        return this;
    }

    int remaining() {
        return end - pos;
    }

    private int take(int n) {
        if (end - pos < n) {
            throw tooShort();
        }
        int at = pos;
        pos += n;
        return at;
    }

    int u8() {
        return buf.getUnsignedByte(take(1));
    }

    int u16() {
        return buf.getUnsignedShort(take(2));
    }

    int i32() {
        return buf.getInt(take(4));
    }

    long i64() {
        return buf.getLong(take(8));
    }

    /** 32 bits of which the top one must be zero. */
    int u31() {
        int v = i32();
        if (v < 0) {
            throw bad("has a number with the top bit set");
        }
        return v;
    }

    /** An offset, limit or count: 0 to {@link Frames#MAX_OFFSET}. */
    long offset() {
        long v = i64();
        if (v < 0 || v > Frames.MAX_OFFSET) {
            throw bad("has an offset beyond 2^62");
        }
        return v;
    }

    boolean bool() {
        return flags(1) != 0;
    }

    int flags(int known) {
        int v = u8();
        if ((v & ~known) != 0) {
            throw bad("has unknown flags " + v);
        }
        return v;
    }

    byte[] bytes(int n) {
        byte[] bytes = new byte[n];
        buf.getBytes(take(n), bytes);
        return bytes;
    }

    /** A byte string under a length byte. */
    byte[] shortBytes(int max) {
        int n = u8();
        if (n > max) {
            throw bad("has " + n + " bytes where " + max + " are allowed");
        }
        take(n);
        pos -= n;
        return bytes(n);
    }

    String shortText(int max) {
        String text = Text.decode(shortBytes(max));
        if (Text.hasControl(text)) {
            throw bad("has a name with control characters");
        }
        return text;
    }

    String longText(int max) {
        int n = u16();
        if (n > max || n > remaining()) {
            throw tooShort();
        }
        return Text.decode(bytes(n));
    }

    void end() {
        if (pos != end) {
            throw new WireException(
                    WireException.Reason.BAD_LENGTH,
                    "frame 0x" + Integer.toHexString(type) + " has " + (end - pos) + " bytes too many");
        }
    }

    WireException bad(String what) {
        return new WireException(WireException.Reason.BAD_VALUE, "frame 0x" + Integer.toHexString(type) + " " + what);
    }

    private WireException tooShort() {
        return new WireException(
                WireException.Reason.BAD_LENGTH, "frame 0x" + Integer.toHexString(type) + " is too short");
    }
}
