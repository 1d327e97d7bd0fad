// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.rendr.engine.keys.RecordSealer;
import org.jspecify.annotations.Nullable;

/**
 * Composes one batch of frames for a carrier: straight into one buffer when the carrier is not sealed, else into records
 * that frames never span.
 */
final class FrameOutput {
    private final ByteBufAllocator allocator;
    private final @Nullable RecordSealer sealer;
    /** Frames of the record that is being composed; taken from the allocator for the length of one batch. */
    private @Nullable ByteBuf plain;

    private @Nullable ByteBuf batch;
    private int capacity;
    private int recordBytes;
    private int sealedFrames;

    FrameOutput(ByteBufAllocator allocator, @Nullable RecordSealer sealer) {
        this.allocator = allocator;
        this.sealer = sealer;
    }

    /**
     * Begins a batch whose frames take at most {@code most} bytes; more are possible, and cost a copy of all. A record is
     * cut once it has {@code recordSize} bytes: the peer can use, and confirm, only whole ones.
     */
    void begin(int most, int recordSize) {
        capacity = sealer == null ? most : most + (most / recordSize + 2) * RecordSealer.OVERHEAD;
        recordBytes = recordSize;
        sealedFrames = 0;
    }

    /** Where to write the next frame, which takes at most {@code size} bytes. */
    ByteBuf frame(int size) {
        if (sealer == null) {
            return target(size);
        }
        ByteBuf record = plain;
        if (record == null) {
            record = allocator.heapBuffer(RecordSealer.MAX_PLAIN, RecordSealer.MAX_PLAIN);
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
        return batch == null ? 0 : batch.readableBytes();
    }

    /** The finished batch, which the caller owns; null if no frame was written. */
    @Nullable
    ByteBuf finish() {
        ByteBuf record = plain;
        if (record != null && sealer != null) {
            seal(record, sealer);
            record.release();
            plain = null;
        }
        ByteBuf done = batch;
        batch = null;
        return done;
    }

    void close() {
        if (batch != null) {
            batch.release();
            batch = null;
        }
        if (plain != null) {
            plain.release();
            plain = null;
        }
        if (sealer != null) {
            sealer.destroy();
        }
    }
}
