// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import static io.rendr.engine.wire.WireException.Reason.BAD_FLAGS;
import static io.rendr.engine.wire.WireException.Reason.BAD_LENGTH;
import static io.rendr.engine.wire.WireException.Reason.HANDSHAKE_FRAME;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.FlowId;
import io.rendr.InstanceId;

/**
 * What the seven handshake messages have in common. A message is a whole frame in a byte array, header included,
 * because the proofs of a handshake cover whole frames.
 */
public final class Message {
    /** The version this code speaks. */
    public static final int VERSION = 1;
    /** "RNDR": the first four body bytes of HELLO and ATTACH. */
    public static final int MAGIC = 0x524e_4452;
    /** Largest body of a handshake message, in bytes. */
    public static final int MAX_BODY = 1_500;
    /** Length of a MAC, and of the binder; always the last field of its message. */
    public static final int MAC = 32;
    /** Length of an X25519 key. */
    public static final int KEY = 32;
    /** Length of the nonces of ATTACH and ATTACH_ACK. */
    public static final int NONCE = 16;
    /** Longest cookie, in bytes. */
    public static final int MAX_COOKIE = 64;
    /** Longest id of a pre-shared key, in bytes of UTF-8. */
    public static final int MAX_PSK_ID = 64;

    private Message() {}

    /** The type byte of a whole frame, -1 if it is empty. */
    public static int type(byte[] frame) {
        return frame.length == 0 ? -1 : frame[0] & 0xff;
    }

    static ByteBuf begin(int type) {
        return Unpooled.buffer(256).writeInt(type << 24);
    }

    static byte[] finish(ByteBuf out) {
        int body = out.readableBytes() - Frames.HEADER;
        if (body > MAX_BODY) {
            throw new IllegalArgumentException("a handshake message has at most " + MAX_BODY + " bytes, not " + body);
        }
        out.setShort(2, body);
        byte[] frame = new byte[out.readableBytes()];
        out.readBytes(frame);
        return frame;
    }

    static Body open(byte[] frame, int type) {
        if (frame.length < Frames.HEADER) {
            throw new WireException(BAD_LENGTH, "a frame has at least " + Frames.HEADER + " bytes");
        }
        if (type(frame) != type) {
            throw new WireException(
                    HANDSHAKE_FRAME,
                    "expected frame 0x" + Integer.toHexString(type) + " and got 0x" + Integer.toHexString(type(frame)));
        }
        if (frame[1] != 0) {
            throw new WireException(BAD_FLAGS, "handshake messages have no flags");
        }
        int length = (frame[2] & 0xff) << 8 | frame[3] & 0xff;
        if (length != frame.length - Frames.HEADER || length > MAX_BODY) {
            throw new WireException(BAD_LENGTH, "frame 0x" + Integer.toHexString(type) + " has a wrong length");
        }
        return new Body().over(Unpooled.wrappedBuffer(frame), type, Frames.HEADER, length);
    }

    static void magic(Body body) {
        if (body.i32() != MAGIC) {
            throw body.bad("does not begin with the magic number: the peer does not speak this protocol");
        }
    }

    static ByteBuf id(ByteBuf out, FlowId id) {
        return out.writeLong(id.msb()).writeLong(id.lsb());
    }

    static ByteBuf id(ByteBuf out, InstanceId id) {
        return out.writeLong(id.msb()).writeLong(id.lsb());
    }

    static FlowId flowId(Body body) {
        return new FlowId(body.i64(), body.i64());
    }

    static InstanceId instanceId(Body body) {
        return new InstanceId(body.i64(), body.i64());
    }

    static ByteBuf exactly(ByteBuf out, byte[] bytes, int length) {
        if (bytes.length != length) {
            throw new IllegalArgumentException("expected " + length + " bytes and got " + bytes.length);
        }
        return out.writeBytes(bytes);
    }

    static ByteBuf shortBytes(ByteBuf out, byte[] bytes, int max) {
        if (bytes.length > max) {
            throw new IllegalArgumentException("expected at most " + max + " bytes and got " + bytes.length);
        }
        return out.writeByte(bytes.length).writeBytes(bytes);
    }
}
