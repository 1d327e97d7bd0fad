// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What arrived and the application has not read yet, by offset, in any order.
 *
 * <p>Room is granted in <em>slots</em>, each as large as one chunk: the pool's reservation is made when the slot is
 * granted, its chunk is taken when the first byte lands in it. So a grant costs no memory, and can always be honoured.
 *
 * <p>Two sides work at the same time without meeting: the flow's side grants and fills slots at and after
 * {@link #available()}, the application's side reads and drops slots before it. {@link #shrink} is the one step that
 * touches what both know, and the only reason for the lock.
 */
public final class ReceiveBuffer {
    /** {@link #readPacket} found no packet. */
    public static final int NONE = Integer.MIN_VALUE;

    /** The largest room a flow is ever granted, in bytes. */
    public static final long MAX_WINDOW = 16L << 20;

    private static final class Slot {
        long start;
        int size;
        /** Written by the flow's side; the application's side reads it only below {@link #available()}. */
        @Nullable
        Chunk chunk;

        volatile @Nullable Slot next;

        Slot(long start, int size) {
            this.start = start;
            this.size = size;
        }

        long end() {
            return start + size;
        }
    }

    private final ChunkPool.Half pool;
    private final ReentrantLock readLock = new ReentrantLock();

    // The application's side, under readLock.
    private Slot readSlot;
    private boolean closed;

    private volatile long available;
    private volatile long consumed;
    private volatile long awaited;
    private volatile boolean smallReserved;

    // The flow's side.
    private Slot fillSlot;
    private Slot lastSlot;
    /** The oldest slot of the chain; what the application has left behind is used again. */
    private Slot firstSlot;

    private long limit;
    private long highWater;
    private final RangeSet early = new RangeSet();

    /** A buffer that has granted the guaranteed {@link ChunkPool#SMALL} bytes, as those of an admitted flow. */
    public ReceiveBuffer(ChunkPool.Half pool) {
        this.pool = pool;
        Slot first = new Slot(0, ChunkPool.SMALL);
        smallReserved = true;
        readSlot = first;
        fillSlot = first;
        lastSlot = first;
        firstSlot = first;
        limit = first.size;
    }

    /** The offset below which everything arrived. */
    public long available() {
        return available;
    }

    /** The offset below which the application read everything. */
    public long consumed() {
        return consumed;
    }

    /** Bytes the application could read now. */
    public long readable() {
        return available - consumed;
    }

    /**
     * Says up to where reading changes nothing for the flow; the flow's side. It looks at {@link #consumed()} afterwards:
     * what was read meanwhile nobody may have told it.
     */
    public void awaitConsumption(long offset) {
        awaited = offset;
    }

    /** Whether the flow has to be told of what was read; asked after reading. */
    public boolean isConsumptionAwaited() {
        return consumed >= awaited;
    }

    /** The offset below which room is granted. */
    public long limit() {
        return limit;
    }

    /** What arrived beyond {@link #available()}; the flow's side, not to be changed. */
    public RangeSet early() {
        return early;
    }

    /** The most bytes ever held beyond {@link #available()}. */
    public long earlyHighWater() {
        return highWater;
    }

    /** Grants room until {@code limit() - consumed() >= window} or the pool has no more; the flow's side. */
    public void grant(long window) {
        while (limit - consumed < window) {
            int size;
            if (pool.reserveLarge()) {
                size = ChunkPool.LARGE;
            } else if (!smallReserved) {
                smallReserved = true;
                size = ChunkPool.SMALL;
            } else {
                renewGuaranteed();
                return;
            }
            Slot slot = slot(limit, size);
            lastSlot.next = slot;
            lastSlot = slot;
            limit += size;
        }
    }

    private Slot slot(long start, int size) {
        Slot old = firstSlot;
        // Beyond its end, and not just at it: the application has gone on to the next one for good.
        if (old.end() >= consumed) {
            return new Slot(start, size);
        }
        firstSlot = following(old);
        old.start = start;
        old.size = size;
        old.next = null;
        return old;
    }

    /**
     * Puts bytes into place; the flow's side. All of [offset, offset + length) must be below {@link #limit()}.
     *
     * @return how many of the bytes were new
     */
    public int write(long offset, ByteBuf source, int index, int length) {
        long end = offset + length;
        if (end > limit) {
            throw new IllegalStateException("bytes up to " + end + " are beyond the granted limit " + limit);
        }
        long from = Math.max(offset, available);
        if (from >= end) {
            return 0;
        }
        int fresh = 0;
        long at = from;
        while (at < end) {
            long gapStart = early.firstAbsent(at);
            long gapEnd = Math.min(end, early.firstPresent(gapStart));
            if (gapStart >= end) {
                break;
            }
            fill(gapStart, source, index + (int) (gapStart - offset), (int) (gapEnd - gapStart));
            fresh += (int) (gapEnd - gapStart);
            at = gapEnd;
        }
        if (from > available) {
            early.add(from, end);
            highWater = Math.max(highWater, early.bytes());
        } else {
            long reached = early.firstAbsent(end);
            early.removeBelow(reached);
            advance(reached);
        }
        return fresh;
    }

    private void fill(long offset, ByteBuf source, int index, int length) {
        Slot slot = slotOf(offset);
        long at = offset;
        int from = index;
        int left = length;
        while (left > 0) {
            Chunk chunk = slot.chunk;
            if (chunk == null) {
                chunk = slot.size == ChunkPool.LARGE ? pool.takeLarge() : pool.takeSmall();
                slot.chunk = chunk;
            }
            int position = (int) (at - slot.start);
            int count = Math.min(left, slot.size - position);
            source.getBytes(from, chunk.bytes, position, count);
            at += count;
            from += count;
            left -= count;
            if (left > 0) {
                slot = following(slot);
            }
        }
    }

    private Slot slotOf(long offset) {
        Slot slot = fillSlot;
        while (offset >= slot.end()) {
            slot = following(slot);
        }
        return slot;
    }

    private static Slot following(Slot slot) {
        Slot next = slot.next;
        if (next == null) {
            throw new IllegalStateException("no slot was granted at offset " + slot.end());
        }
        return next;
    }

    private void advance(long reached) {
        Slot slot = fillSlot;
        while (reached >= slot.end()) {
            Slot next = slot.next;
            if (next == null) {
                break;
            }
            slot = next;
        }
        fillSlot = slot;
        available = reached;
    }

    /**
     * Copies what fits of the readable bytes to {@code target}; the application's side. Never waits.
     *
     * @return the bytes copied, 0 when there are none
     */
    public int read(ByteBuffer target) {
        readLock.lock();
        try {
            int taken = 0;
            while (target.hasRemaining() && !closed) {
                long at = consumed;
                long ready = available - at;
                if (ready == 0) {
                    break;
                }
                Slot slot = readable(at);
                Chunk chunk = chunkOf(slot, at);
                int position = (int) (at - slot.start);
                int count = (int) Math.min(Math.min(ready, target.remaining()), slot.size - position);
                target.put(target.position(), chunk.memory, position, count);
                target.position(target.position() + count);
                taken += count;
                consume(slot, at + count);
            }
            return taken;
        } finally {
            readLock.unlock();
        }
    }

    /** The size of the packet that can be taken next, as it lies behind its size; -1 if there is none. */
    public int nextPacket() {
        readLock.lock();
        try {
            return packetAt();
        } finally {
            readLock.unlock();
        }
    }

    private int packetAt() {
        long at = consumed;
        long ready = available - at;
        if (closed || ready < PacketSpace.HEADER) {
            return -1;
        }
        int size = byteAt(at) << 8 | byteAt(at + 1);
        return ready < PacketSpace.size(size) ? -1 : size;
    }

    private int byteAt(long at) {
        Slot slot = readable(consumed);
        while (at >= slot.end()) {
            slot = following(slot);
        }
        return chunkOf(slot, at).memory.get((int) (at - slot.start)) & 0xFF;
    }

    /**
     * Takes the next packet, if there is one and it fits; the application's side. Never waits.
     *
     * @return its size; {@link #NONE} if there is none; what is missing in {@code target}, negative, if it does not fit
     */
    public int readPacket(ByteBuffer target) {
        readLock.lock();
        try {
            int size = packetAt();
            if (size < 0) {
                return NONE;
            }
            if (size > target.remaining()) {
                return target.remaining() - size;
            }
            skip(PacketSpace.HEADER);
            int limit = target.limit();
            target.limit(target.position() + size);
            read(target);
            target.limit(limit);
            return size;
        } finally {
            readLock.unlock();
        }
    }

    private void skip(int count) {
        for (int i = 0; i < count; i++) {
            consume(readable(consumed), consumed + 1);
        }
    }

    /**
     * Hands out readable bytes where they lie, as far as one chunk goes; the application's side. They count as read, and
     * their memory stays reserved until the one who has them releases them, on any thread, even after {@link #close}.
     *
     * @return at most {@code max} bytes; null when there are none
     */
    public @Nullable ByteBuf lend(int max) {
        readLock.lock();
        try {
            long at = consumed;
            long ready = available - at;
            if (closed || ready == 0 || max <= 0) {
                return null;
            }
            Slot slot = readable(at);
            Chunk chunk = chunkOf(slot, at);
            int position = (int) (at - slot.start);
            int count = (int) Math.min(Math.min(ready, max), slot.size - position);
            chunk.use();
            ByteBuf lent = new LentBytes(chunk.memory.slice(position, count), () -> letGo(chunk));
            consume(slot, at + count);
            return lent;
        } finally {
            readLock.unlock();
        }
    }

    private static Chunk chunkOf(Slot slot, long offset) {
        Chunk chunk = slot.chunk;
        if (chunk == null) {
            throw new IllegalStateException("no chunk holds offset " + offset);
        }
        return chunk;
    }

    /** Drops all readable bytes as if the application had read them. */
    public long discard() {
        readLock.lock();
        try {
            long dropped = 0;
            while (!closed && available > consumed) {
                Slot slot = readable(consumed);
                long to = Math.min(available, slot.end());
                dropped += to - consumed;
                consume(slot, to);
            }
            return dropped;
        } finally {
            readLock.unlock();
        }
    }

    private Slot readable(long at) {
        while (at >= readSlot.end()) {
            readSlot = following(readSlot);
        }
        return readSlot;
    }

    private void consume(Slot slot, long to) {
        if (to == slot.end()) {
            vacate(slot);
        }
        consumed = to;
    }

    private void vacate(Slot slot) {
        Chunk chunk = slot.chunk;
        if (chunk == null) {
            unreserve(slot.size);
        } else {
            slot.chunk = null;
            letGo(chunk);
        }
    }

    /** The room of a chunk is free again when nobody uses its memory any more. */
    private void letGo(Chunk chunk) {
        if (chunk.letGo()) {
            pool.give(chunk);
            unreserve(chunk.capacity());
        }
    }

    private void unreserve(int size) {
        if (size == ChunkPool.LARGE) {
            pool.unreserveLarge();
        } else {
            smallReserved = false;
        }
    }

    /** Gives the chunk of a half-used slot back while nothing is readable; the flow's side. The room stays granted. */
    public void trim() {
        if (readable() > 0 || !early.isEmpty() || fillSlot.chunk == null || !readLock.tryLock()) {
            return;
        }
        try {
            Chunk chunk = fillSlot.chunk;
            if (chunk != null && !chunk.isLent() && !closed && readable() == 0 && consumed < fillSlot.end()) {
                fillSlot.chunk = null;
                pool.give(chunk);
            }
        } finally {
            readLock.unlock();
        }
    }

    /**
     * Takes back room that the peer returned: nothing at or after {@code newLimit} will be sent under the old grant; the
     * flow's side. What is granted afterwards never lies below the room that the peer kept.
     *
     * @return the limit that now holds, at least {@code newLimit}
     */
    public long shrink(long newLimit) {
        readLock.lock();
        try {
            if (closed || newLimit >= limit || !early.isEmpty()) {
                return limit;
            }
            long keep = Math.max(newLimit, available);
            Slot last = fillSlot;
            while (last.end() < keep) {
                last = following(last);
            }
            Slot dropped = last.next;
            last.next = null;
            lastSlot = last;
            firstSlot = readSlot;
            limit = last.end();
            while (dropped != null) {
                vacate(dropped);
                dropped = dropped.next;
            }
            replaceByGuaranteed(keep);
            return limit;
        } finally {
            readLock.unlock();
        }
    }

    /** Exchanges an empty large slot for the guaranteed small one, when that covers what the peer kept. */
    private void replaceByGuaranteed(long keep) {
        Slot slot = fillSlot;
        boolean large = slot.size == ChunkPool.LARGE && !smallReserved;
        if (large && isLastAndEmpty(slot) && keep <= available + ChunkPool.SMALL) {
            vacate(slot);
            beginGuaranteed();
        }
    }

    /** Begins the guaranteed slot anew when all of it that was filled has been read: a packet may need it whole. */
    private void renewGuaranteed() {
        readLock.lock();
        try {
            Slot slot = fillSlot;
            boolean used = slot.size == ChunkPool.SMALL && available > slot.start;
            if (!closed && used && isLastAndEmpty(slot) && (slot.chunk == null || !slot.chunk.isLent())) {
                vacate(slot);
                beginGuaranteed();
            }
        } finally {
            readLock.unlock();
        }
    }

    private boolean isLastAndEmpty(Slot slot) {
        return slot == lastSlot && readable() == 0 && early.isEmpty() && consumed < slot.end();
    }

    private void beginGuaranteed() {
        smallReserved = true;
        Slot small = new Slot(available, ChunkPool.SMALL);
        readSlot = small;
        fillSlot = small;
        lastSlot = small;
        firstSlot = small;
        limit = small.end();
    }

    /** Gives all memory and room back; later reads find nothing. */
    public void close() {
        readLock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            Slot slot = readSlot;
            while (slot != null) {
                if (slot.end() > consumed) {
                    vacate(slot);
                }
                slot = slot.next;
            }
            early.clear();
        } finally {
            readLock.unlock();
        }
    }

    /** Whether {@link #close()} ran. */
    public boolean isClosed() {
        return closed;
    }
}
