// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the application wrote and the peer does not hold yet, by offset.
 *
 * <p>Two sides work at the same time without meeting: the application's side appends at the end, the flow's side copies
 * from anywhere and releases from the front. They share two counters, {@link #written()} and the released offset.
 * Chunks between the two belong to both and are only read.
 *
 * <p>An empty buffer can give up its last, half-filled chunk ({@link #trim}); that is the one step in which both sides
 * touch the same chunk, and the only reason for the lock.
 */
public final class SendBuffer {
    /** A writer that is woken for each acknowledgement writes a little and parks again. */
    private static final int AMPLE_SHARE = 4;

    private final ChunkPool.Half pool;
    private final ReentrantLock appendLock = new ReentrantLock();

    // The application's side, under appendLock.
    private @Nullable Chunk tail;
    private boolean closed;

    private volatile long written;
    private volatile long capacity;

    // The flow's side.
    private volatile long released;
    private volatile long reached;
    private volatile @Nullable Chunk head;
    private volatile boolean smallTaken;
    private @Nullable Chunk cursor;

    /**
     * @param pool the half of the budget that this buffer draws from, as an admitted flow
     * @param capacity the most bytes to hold at first
     */
    public SendBuffer(ChunkPool.Half pool, long capacity) {
        this.pool = pool;
        this.capacity = capacity;
    }

    /** The offset after the last byte the application wrote. */
    public long written() {
        return written;
    }

    /** Bytes held for the peer. */
    public long held() {
        return written - released;
    }

    /** The offset below which everything was released. */
    public long released() {
        return released;
    }

    /** Bytes that {@link #append} would take, unless the pool is empty. */
    public long room() {
        return Math.max(0, capacity - held());
    }

    /** Whether {@link #append} would take a byte, unless the pool is empty. */
    public boolean hasRoom() {
        return held() < capacity;
    }

    /** Notes that the flow has sent everything below {@code offset}, and will look for more; the flow's side. */
    public void reached(long offset) {
        reached = Math.max(reached, offset);
    }

    /**
     * Whether the flow has to be told of what was appended at {@code offset} just now. While it has not come that far it
     * finds the rest by itself: it notes how far it came before it looks for more, and bytes are there before this is asked.
     */
    public boolean isAwaited(long offset) {
        return reached >= offset;
    }

    /** Whether so much is free that a writer that waits for room should go on. */
    public boolean hasAmpleRoom() {
        return room() >= capacity / AMPLE_SHARE;
    }

    /** Sets the most bytes to hold; the flow's side. What is held beyond it stays. */
    public void capacity(long bytes) {
        capacity = bytes;
    }

    public long capacity() {
        return capacity;
    }

    /**
     * Takes what fits of {@code source}; the application's side. Never waits.
     *
     * @return the bytes taken, 0 when there is no room now
     */
    public int append(ByteBuffer source) {
        appendLock.lock();
        try {
            int taken = 0;
            while (source.hasRemaining() && !closed) {
                long room = capacity - held();
                Chunk chunk = room > 0 ? writable() : null;
                if (chunk == null) {
                    break;
                }
                int at = (int) (written - chunk.offset);
                int count = (int) Math.min(Math.min(room, source.remaining()), chunk.capacity() - at);
                chunk.memory.put(at, source, source.position(), count);
                source.position(source.position() + count);
                taken += count;
                written += count;
            }
            return taken;
        } finally {
            appendLock.unlock();
        }
    }

    /**
     * Takes a packet, behind its size; the application's side. Never waits.
     *
     * @return whether there was room for all of it
     */
    public boolean appendPacket(ByteBuffer packet) {
        int size = packet.remaining();
        appendLock.lock();
        try {
            long from = written;
            long to = from + PacketSpace.size(size);
            if (closed || to - released > capacity) {
                return false;
            }
            Chunk first = writable();
            if (first == null || to > first.end() && !follow(first)) {
                return false;
            }
            Chunk chunk = put(first, from, (byte) (size >>> 8));
            chunk = put(chunk, from + 1, (byte) size);
            long at = from + PacketSpace.HEADER;
            while (packet.hasRemaining()) {
                chunk = holding(chunk, at);
                int position = (int) (at - chunk.offset);
                int count = Math.min(packet.remaining(), chunk.capacity() - position);
                chunk.memory.put(position, packet, packet.position(), count);
                packet.position(packet.position() + count);
                at += count;
            }
            written = to;
            return true;
        } finally {
            appendLock.unlock();
        }
    }

    /** Has a large chunk behind {@code last}, which is the last one that anything lies in. */
    private boolean follow(Chunk last) {
        if (last.next != null) {
            return true;
        }
        if (!pool.reserveLarge()) {
            return false;
        }
        Chunk fresh = pool.takeLarge();
        fresh.offset = last.end();
        last.next = fresh;
        tail = fresh;
        return true;
    }

    private static Chunk holding(Chunk chunk, long offset) {
        Chunk next = chunk.next;
        return offset < chunk.end() || next == null ? chunk : next;
    }

    private static Chunk put(Chunk chunk, long offset, byte value) {
        Chunk at = holding(chunk, offset);
        at.memory.put((int) (offset - at.offset), value);
        return at;
    }

    /** The size of the packet that begins at {@code offset}; the flow's side. It must be held. */
    public int packetAt(long offset) {
        Chunk chunk = find(offset);
        cursor = chunk;
        int high = chunk.memory.get((int) (offset - chunk.offset)) & 0xFF;
        Chunk second = offset + 1 < chunk.end() ? chunk : after(chunk);
        return high << 8 | second.memory.get((int) (offset + 1 - second.offset)) & 0xFF;
    }

    private @Nullable Chunk writable() {
        Chunk last = tail;
        if (last != null && written < last.end()) {
            return last;
        }
        Chunk fresh;
        if (pool.reserveLarge()) {
            fresh = pool.takeLarge();
        } else if (!smallTaken) {
            smallTaken = true;
            fresh = pool.takeSmall();
        } else {
            return null;
        }
        fresh.offset = written;
        if (last == null || head == null) {
            head = fresh;
        } else {
            last.next = fresh;
        }
        tail = fresh;
        return fresh;
    }

    /** Copies [offset, offset + length) to the end of {@code out}; the flow's side. All of it must be held. */
    public void copy(long offset, int length, ByteBuf out) {
        Chunk chunk = find(offset);
        long at = offset;
        int left = length;
        while (left > 0) {
            int from = (int) (at - chunk.offset);
            int count = Math.min(left, chunk.capacity() - from);
            out.writeBytes(chunk.bytes, from, count);
            at += count;
            left -= count;
            if (left > 0) {
                chunk = after(chunk);
            }
        }
        cursor = chunk;
    }

    /**
     * Hands out bytes from {@code offset} on where they lie, as far as one chunk goes; the flow's side. The chunk stays
     * whole until they are released, on any thread, even after {@link #release} and {@link #close}.
     *
     * @param max how many at most, all of which must be held
     * @return the bytes; null if they lie in a flow's guaranteed chunk, which nobody else may keep
     */
    public @Nullable ByteBuf lend(long offset, int max) {
        Chunk chunk = find(offset);
        cursor = chunk;
        if (chunk.capacity() != ChunkPool.LARGE) {
            return null;
        }
        int from = (int) (offset - chunk.offset);
        return chunk.view(pool).over(from, Math.min(chunk.capacity(), from + max));
    }

    private Chunk find(long offset) {
        Chunk chunk = cursor;
        if (chunk == null || offset < chunk.offset) {
            chunk = head;
        }
        if (chunk == null || offset < chunk.offset) {
            throw new IllegalStateException("offset " + offset + " was released, the first held is " + released);
        }
        while (offset >= chunk.end()) {
            chunk = after(chunk);
        }
        return chunk;
    }

    private Chunk after(Chunk chunk) {
        Chunk next = chunk.next;
        if (next == null) {
            throw new IllegalStateException("offset " + chunk.end() + " was not written yet, the end is " + written);
        }
        return next;
    }

    /** Lets go of everything below {@code offset}; the flow's side. */
    public void release(long offset) {
        if (offset <= released) {
            return;
        }
        released = offset;
        Chunk chunk = head;
        while (chunk != null && chunk.end() <= offset) {
            Chunk next = chunk.next;
            if (next == null) {
                break;
            }
            head = next;
            recycle(chunk);
            chunk = next;
        }
        if (chunk != null && chunk.end() <= offset) {
            trim();
        }
    }

    /**
     * Gives up the last chunk when nothing is held; the flow's side. Skipped while the application appends.
     *
     * @return whether a chunk was given up
     */
    public boolean trim() {
        if (head == null || held() > 0 || !appendLock.tryLock()) {
            return false;
        }
        try {
            Chunk chunk = head;
            if (chunk != null && held() == 0 && chunk == tail) {
                head = null;
                tail = null;
                recycle(chunk);
                return true;
            }
            return false;
        } finally {
            appendLock.unlock();
        }
    }

    /** Gives all memory back; what is appended later is refused. */
    public void close() {
        appendLock.lock();
        try {
            closed = true;
            Chunk chunk = head;
            head = null;
            tail = null;
            released = written;
            while (chunk != null) {
                Chunk next = chunk.next;
                recycle(chunk);
                chunk = next;
            }
        } finally {
            appendLock.unlock();
        }
    }

    private void recycle(Chunk chunk) {
        if (chunk == cursor) {
            cursor = null;
        }
        if (chunk.capacity() == ChunkPool.SMALL) {
            pool.give(chunk);
            smallTaken = false;
        } else {
            pool.letGoLarge(chunk);
        }
    }
}
