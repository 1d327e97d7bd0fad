// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import static io.rendr.engine.wire.WireException.Reason.BAD_FLAGS;
import static io.rendr.engine.wire.WireException.Reason.BAD_LENGTH;
import static io.rendr.engine.wire.WireException.Reason.FRAME_SPANS_RECORDS;
import static io.rendr.engine.wire.WireException.Reason.HANDSHAKE_FRAME;
import static io.rendr.engine.wire.WireException.Reason.UNKNOWN_TYPE;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one confirmed carrier from buffers cut anywhere.
 *
 * <p>The payload of DATA is handed on as it comes, however little of the frame is there; it is never copied. Every other
 * frame is handed on whole: straight from the buffer when it lies in it, else from a small heap buffer of the decoder's
 * own. A length is checked before anything is kept for it, so a decoder holds at most one frame. Nothing is allocated
 * per frame, except for POLICY and INFO.
 *
 * <p>Not thread-safe. After a {@link WireException} the carrier is beyond repair: every later call fails in the same
 * way. A handler may call {@link #close}; the rest of the bytes is then dropped.
 */
public final class FrameDecoder implements AutoCloseable {
    private static final int FIRST_CAPACITY = 64;
    /** A larger buffer is not kept for the next cut frame: ten thousand idle carriers would keep one each. */
    private static final int KEPT_CAPACITY = 1024;

    private final Body body = new Body();
    private final AckFrame ack = new AckFrame();
    private final PackFrame pack = new PackFrame();
    /** The beginning of a frame whose end has not come; empty or absent when there is none. */
    private @Nullable ByteBuf cut;

    private @Nullable WireException failure;
    private boolean closed;

    /** What is left of the payload of the DATA frame that is being handed on. */
    private int dataLeft;

    private long dataOffset;
    private boolean dataFin;
    /** What is left of an extension frame. */
    private int skipLeft;

    /** Consumes all readable bytes of {@code in}, which stays the caller's to release. */
    public void decode(ByteBuf in, FrameHandler h) {
        if (failure != null) {
            throw failure;
        }
        try {
            while (in.isReadable() && !closed) {
                if (dataLeft > 0) {
                    data(in, h);
                } else if (skipLeft > 0) {
                    int n = Math.min(skipLeft, in.readableBytes());
                    in.skipBytes(n);
                    skipLeft -= n;
                } else if (cut != null && cut.isReadable()) {
                    fill(cut, in, h);
                } else {
                    direct(in, h);
                }
            }
        } catch (WireException e) {
            failure = e;
            throw e;
        }
        in.skipBytes(in.readableBytes());
    }

    /** Whether the bytes so far end with the end of a frame. */
    public boolean atFrameBoundary() {
        return dataLeft == 0 && skipLeft == 0 && (cut == null || !cut.isReadable());
    }

    /** Bytes set aside for a frame that is cut. */
    int heldCapacity() {
        return cut == null ? 0 : cut.capacity();
    }

    /** To be called at the end of every sealed record, which no frame may outlast. */
    public void endRecord() {
        if (!atFrameBoundary()) {
            failure = new WireException(FRAME_SPANS_RECORDS, "a frame goes on after the end of its sealed record");
            throw failure;
        }
    }

    /** Drops what is held of a cut frame; bytes that come later are ignored. */
    @Override
    public void close() {
        closed = true;
        cut = null;
    }

    private void direct(ByteBuf in, FrameHandler h) {
        int at = in.readerIndex();
        int readable = in.readableBytes();
        int needed = needed(in, at, readable);
        if (readable < needed) {
            if (cut == null) {
                cut = Unpooled.buffer(FIRST_CAPACITY);
            }
            cut.writeBytes(in);
            return;
        }
        in.skipBytes(needed);
        dispatch(in, at, h);
    }

    private void fill(ByteBuf held, ByteBuf in, FrameHandler h) {
        int needed = needed(held, 0, held.readableBytes());
        held.writeBytes(in, Math.min(needed - held.readableBytes(), in.readableBytes()));
        if (held.readableBytes() < needed || needed(held, 0, needed) > needed) {
            return;
        }
        dispatch(held, 0, h);
        if (held.capacity() > KEPT_CAPACITY) {
            cut = null;
        } else {
            held.clear();
        }
    }

    /** How many bytes must be there before the frame at {@code at} can be handed on, as far as {@code readable} tells. */
    private static int needed(ByteBuf buf, int at, int readable) {
        if (readable < Frames.HEADER) {
            return Frames.HEADER;
        }
        int head = buf.getInt(at);
        int type = head >>> 24;
        int flags = head >>> 16 & 0xff;
        int length = head & 0xffff;
        if (type >= FrameType.FIRST_SKIPPABLE) {
            return Frames.HEADER;
        }
        checkHead(type, flags, length);
        return type == FrameType.DATA ? Frames.DATA_HEADER : Frames.HEADER + length;
    }

    private static void checkHead(int type, int flags, int length) {
        int max = switch (type) {
            case FrameType.DATA -> 8 + Frames.MAX_DATA_PAYLOAD;
            case FrameType.PACKET -> 8 + Frames.MAX_PACKET_PAYLOAD;
            case FrameType.INFO -> Info.MAX_BODY;
            case FrameType.ACK,
                    FrameType.BLOCKED,
                    FrameType.PING,
                    FrameType.PONG,
                    FrameType.RX,
                    FrameType.PACK,
                    FrameType.CHALLENGE,
                    FrameType.RESPONSE,
                    FrameType.CLOSE,
                    FrameType.POLICY,
                    FrameType.PATH_STATE,
                    FrameType.STOP,
                    FrameType.ABORT,
                    FrameType.DETACH,
                    FrameType.BYE,
                    FrameType.ACCEPTED,
                    FrameType.CREDIT_RETURN,
                    FrameType.FORWARD -> Frames.MAX_CONTROL;
            default -> throw unknown(type);
        };
        if (length > max) {
            throw new WireException(BAD_LENGTH, name(type) + " announces " + length + " bytes, the limit is " + max);
        }
        if ((flags & ~(type == FrameType.DATA ? Frames.FIN : 0)) != 0) {
            throw new WireException(BAD_FLAGS, name(type) + " has unknown flags " + flags);
        }
        if (type == FrameType.DATA && (length < 8 || length == 8 && flags == 0)) {
            throw new WireException(BAD_LENGTH, "a DATA frame of " + length + " bytes carries nothing");
        }
    }

    private static WireException unknown(int type) {
        return FrameType.isHandshake(type)
                ? new WireException(HANDSHAKE_FRAME, name(type) + " is a handshake message, and that is over")
                : new WireException(UNKNOWN_TYPE, name(type) + " is unknown");
    }

    private static String name(int type) {
        return "frame 0x" + Integer.toHexString(type);
    }

    private void dispatch(ByteBuf buf, int at, FrameHandler h) {
        int head = buf.getInt(at);
        int type = head >>> 24;
        int length = head & 0xffff;
        if (type >= FrameType.FIRST_SKIPPABLE) {
            skipLeft = length;
            return;
        }
        at += Frames.HEADER;
        if (type == FrameType.DATA) {
            begin(body.over(buf, type, at, 8).offset(), length - 8, head, h, buf, at + 8);
            return;
        }
        Body b = body.over(buf, type, at, length);
        switch (type) {
            case FrameType.PACKET -> h.packet(b.offset(), buf, at + 8, length - 8);
            case FrameType.ACK -> h.ack(ack.read(b));
            case FrameType.BLOCKED -> {
                long limit = b.offset();
                long sent = b.offset();
                b.end();
                h.blocked(limit, sent);
            }
            case FrameType.PING -> h.ping(last(b.i64(), b));
            case FrameType.PONG -> {
                long id = b.i64();
                int hold = b.u31();
                long rx = b.offset();
                b.end();
                h.pong(id, hold, rx);
            }
            case FrameType.RX -> {
                long rx = b.offset();
                int hold = b.u31();
                b.end();
                h.rx(rx, hold);
            }
            case FrameType.PACK -> h.pack(pack.read(b));
            case FrameType.CHALLENGE -> h.challenge(last(b.i64(), b));
            case FrameType.RESPONSE -> h.response(last(b.i64(), b));
            case FrameType.CLOSE -> {
                b.end();
                h.close();
            }
            case FrameType.POLICY -> {
                Policy policy = Policy.read(b);
                b.end();
                h.policy(policy);
            }
            case FrameType.PATH_STATE -> {
                int pathId = b.u31();
                int carrierNo = b.u31();
                int state = b.u8();
                b.end();
                if (state > Frames.PATH_DEAD) {
                    throw b.bad("has the unknown path state " + state);
                }
                h.pathState(pathId, carrierNo, state);
            }
            case FrameType.STOP -> h.stop((int) last(b.i32(), b));
            case FrameType.ABORT -> h.abort((int) last(b.i32(), b));
            case FrameType.DETACH -> h.detach((int) last(b.u31(), b));
            case FrameType.BYE -> {
                b.end();
                h.bye();
            }
            case FrameType.ACCEPTED -> {
                b.end();
                h.accepted();
            }
            case FrameType.CREDIT_RETURN -> {
                int returns = b.u16();
                long limit = b.offset();
                b.end();
                h.creditReturn(returns, limit);
            }
            case FrameType.FORWARD -> h.forward(last(b.offset(), b));
            case FrameType.INFO -> {
                Info info = Info.read(b);
                b.end();
                h.info(info);
            }
            default -> throw unknown(type);
        }
    }

    private static long last(long value, Body b) {
        b.end();
        return value;
    }

    private void begin(long offset, int length, int head, FrameHandler h, ByteBuf buf, int at) {
        if (offset + length > Frames.MAX_OFFSET) {
            throw new WireException(WireException.Reason.BAD_VALUE, "a DATA frame goes beyond offset 2^62");
        }
        dataOffset = offset;
        dataLeft = length;
        dataFin = (head >>> 16 & Frames.FIN) != 0;
        if (length == 0) {
            h.data(offset, buf, at, 0, true);
        }
    }

    private void data(ByteBuf in, FrameHandler h) {
        int n = Math.min(dataLeft, in.readableBytes());
        int at = in.readerIndex();
        long offset = dataOffset;
        in.skipBytes(n);
        dataLeft -= n;
        dataOffset += n;
        h.data(offset, in, at, n, dataFin && dataLeft == 0);
    }

    private static final class AckFrame implements AckView {
        private final long[] starts = new long[MAX_RANGES];
        private final long[] ends = new long[MAX_RANGES];
        private long cum;
        private long limit;
        private long consumed;
        private int returns;
        private int count;

        AckFrame read(Body b) {
            cum = b.offset();
            limit = b.offset();
            consumed = b.offset();
            returns = b.u16();
            count = b.remaining() / 16;
            if (count > MAX_RANGES) {
                throw b.bad("has more than " + MAX_RANGES + " ranges");
            }
            long floor = cum;
            for (int i = 0; i < count; i++) {
                long start = b.offset();
                long end = b.offset();
                if (start <= floor || end <= start) {
                    throw b.bad("has ranges that touch, overlap or descend");
                }
                starts[i] = start;
                ends[i] = end;
                floor = end;
            }
            b.end();
            return this;
        }

        @Override
        public long cum() {
            return cum;
        }

        @Override
        public long limit() {
            return limit;
        }

        @Override
        public long consumed() {
            return consumed;
        }

        @Override
        public int returns() {
            return returns;
        }

        @Override
        public int rangeCount() {
            return count;
        }

        @Override
        public long rangeStart(int i) {
            return starts[i];
        }

        @Override
        public long rangeEnd(int i) {
            return ends[i];
        }
    }

    private static final class PackFrame implements PackView {
        private final long[] starts = new long[MAX_RANGES];
        private final long[] ends = new long[MAX_RANGES];
        private long largest;
        private int delayMicros;
        private int count;

        PackFrame read(Body b) {
            largest = b.offset();
            delayMicros = b.u31();
            count = b.remaining() / 8;
            if (count < 1 || count > MAX_RANGES) {
                throw b.bad("has " + count + " ranges");
            }
            long cursor = largest + 1;
            for (int i = 0; i < count; i++) {
                int gap = b.u31();
                int length = b.u31();
                if ((gap == 0) != (i == 0) || length == 0 || cursor - gap - length < 0) {
                    throw b.bad("has ranges that touch, are empty or go below zero");
                }
                ends[i] = cursor - gap;
                starts[i] = ends[i] - length;
                cursor = starts[i];
            }
            b.end();
            return this;
        }

        @Override
        public long largest() {
            return largest;
        }

        @Override
        public int delayMicros() {
            return delayMicros;
        }

        @Override
        public int rangeCount() {
            return count;
        }

        @Override
        public long rangeStart(int i) {
            return starts[i];
        }

        @Override
        public long rangeEnd(int i) {
            return ends[i];
        }
    }
}
