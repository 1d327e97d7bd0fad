// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.rendr.engine.keys.RecordSealer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Composes one batch of frames for a carrier: straight into one buffer when the carrier is not sealed, else into records
 * that frames never span. For a carrier that gathers, the buffer holds all but the payload, which is written where it
 * lies.
 */
final class FrameOutput implements FrameSink {
    /** What the buffer of a batch holds that is gathered: headers, and what is too small to be written by itself. */
    private static final int GATHERED = 4 * 1024;

    /** Payload of so many bytes costs more to copy than one more buffer costs to write. */
    private static final int WORTH_LENDING = 4 * 1024;

    private final ByteBufAllocator allocator;
    private final @Nullable RecordSealer sealer;
    /** Frames of the record that is being composed, while there is a batch. */
    private @Nullable ByteBuf plain;

    private @Nullable ByteBuf batch;
    private boolean gathers;
    private int capacity;
    private int recordBytes;
    private int sealedFrames;

    /** What a gathered batch is made of, in order; {@link #batch} is in it up to {@link #cutAt}. */
    private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>(0);

    private int cutAt;
    private int lent;

    FrameOutput(ByteBufAllocator allocator, @Nullable RecordSealer sealer) {
        this.allocator = allocator;
        this.sealer = sealer;
    }

    /**
     * Begins a batch whose frames take at most {@code most} bytes; more are possible, and cost a copy of all. A record is
     * cut once it has {@code recordSize} bytes: the peer can use, and confirm, only whole ones.
     *
     * @param carrierGathers whether payload may be lent to the carrier
     */
    void begin(int most, int recordSize, boolean carrierGathers) {
        gathers = carrierGathers && sealer == null;
        int overhead = sealer == null ? 0 : (most / recordSize + 2) * RecordSealer.OVERHEAD;
        capacity = gathers ? Math.min(most, GATHERED) : most + overhead;
        recordBytes = recordSize;
        plain = null;
        sealedFrames = 0;
        cutAt = 0;
        lent = 0;
    }

    @Override
    public boolean fits(int size) {
        return true;
    }

    @Override
    public boolean lends(int length) {
        return gathers && length >= WORTH_LENDING;
    }

    @Override
    public void lend(ByteBuf piece) {
        cut();
        lent += piece.readableBytes();
        pieces.add(piece);
    }

    private void cut() {
        ByteBuf composed = batch;
        if (composed != null && composed.writerIndex() > cutAt) {
            pieces.add(composed.retainedSlice(cutAt, composed.writerIndex() - cutAt));
            cutAt = composed.writerIndex();
        }
    }

    @Override
    public ByteBuf frame(int size) {
        if (sealer == null) {
            return target(size);
        }
        ByteBuf record = plain;
        if (record == null) {
            record = sealer.composing();
            plain = record;
        } else if (record.writableBytes() < size || record.readableBytes() >= recordBytes) {
            seal(record, sealer);
        }
        return record;
    }

    private ByteBuf target(int size) {
        ByteBuf to = batch;
        if (to == null) {
            to = allocator.directBuffer(Math.max(capacity, size));
            batch = to;
        }
        return to;
    }

    private void seal(ByteBuf record, RecordSealer by) {
        if (record.isReadable()) {
            int length = record.readableBytes();
            by.seal(record, target(length + RecordSealer.OVERHEAD));
            sealedFrames += length;
            record.clear();
        }
    }

    /** Bytes of the frames written since {@link #begin}. */
    int size() {
        if (sealer != null) {
            return sealedFrames + (plain == null ? 0 : plain.readableBytes());
        }
        return lent + (batch == null ? 0 : batch.readableBytes());
    }

    /** Hands the finished batch to the carrier; returns its bytes, 0 if no frame was written. */
    int finish(CarrierPort port) {
        ByteBuf record = plain;
        if (record != null && sealer != null) {
            seal(record, sealer);
            plain = null;
        }
        ByteBuf done = batch;
        if (done == null) {
            return 0;
        }
        int bytes = lent + done.readableBytes();
        if (lent > 0) {
            cut();
            batch = null;
            done.release(); // its pieces keep it
        } else {
            batch = null;
            pieces.add(done);
        }
        for (ByteBuf piece = pieces.poll(); piece != null; piece = pieces.poll()) {
            port.write(piece);
        }
        return bytes;
    }

    void close() {
        if (batch != null) {
            batch.release();
            batch = null;
        }
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        plain = null;
        if (sealer != null) {
            sealer.destroy();
        }
    }
}
