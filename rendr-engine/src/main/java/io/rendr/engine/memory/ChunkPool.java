// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The hard memory budget of a runtime. All payload that its flows buffer lives in this pool's chunks.
 *
 * <p>The budget is cut into a half for sending and a half for receiving, so that neither direction can starve the
 * other. A quarter of each half guarantees every admitted flow one {@link #SMALL} chunk; the rest is elastic and comes
 * in {@link #LARGE} chunks, which may run out. Memory is taken from the JVM when it is first needed and reused after.
 *
 * <p>Thread-safe.
 */
public final class ChunkPool {
    /** Bytes of the chunk that every admitted flow is guaranteed in each direction. */
    public static final int SMALL = 4 * 1024;

    /** Bytes of an elastic chunk. */
    public static final int LARGE = 64 * 1024;

    private static final int GUARANTEED_SHARE = 4;

    private final Half sending;
    private final Half receiving;
    private final int maxFlows;
    private final AtomicInteger flows = new AtomicInteger();

    /**
     * @param budget the most bytes this pool ever holds, at least 1 MiB
     */
    public ChunkPool(long budget) {
        this(budget, Integer.MAX_VALUE);
    }

    /**
     * @param budget the most bytes this pool ever holds, at least 1 MiB
     * @param mostFlows the most flows to admit, if the budget has room for more
     */
    public ChunkPool(long budget, int mostFlows) {
        if (budget < 1 << 20) {
            throw new IllegalArgumentException("a memory budget of " + budget + " bytes is below the minimum of 1 MiB");
        }
        long half = budget / 2;
        long guaranteed = half / GUARANTEED_SHARE;
        maxFlows = (int) Math.min(mostFlows, guaranteed / SMALL);
        sending = new Half(half - guaranteed);
        receiving = new Half(half - guaranteed);
    }

    /** How many flows are admitted at most: those that the budget can guarantee their share, or fewer. */
    public int maxFlows() {
        return maxFlows;
    }

    public Half sending() {
        return sending;
    }

    public Half receiving() {
        return receiving;
    }

    /** Reserves the guaranteed share of one more flow; false when the budget has none left. */
    public boolean admit() {
        while (true) {
            int now = flows.get();
            if (now >= maxFlows) {
                return false;
            }
            if (flows.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    /** Whether {@link #admit} would say yes now. */
    public boolean hasRoom() {
        return flows.get() < maxFlows;
    }

    /** Gives the share of an admitted flow back, after its buffers were released. */
    public void leave() {
        flows.decrementAndGet();
    }

    /** Flows that hold a guaranteed share. */
    public int flows() {
        return flows.get();
    }

    /** Bytes in chunks that a buffer holds right now, of both halves. */
    public long used() {
        return sending.used() + receiving.used();
    }

    /** One direction's half of the budget. */
    public static final class Half {
        private final long elastic;
        private final AtomicLong reserved = new AtomicLong();
        private final AtomicLong used = new AtomicLong();
        private final Stack small = new Stack(SMALL);
        private final Stack large = new Stack(LARGE);

        private Half(long elastic) {
            this.elastic = elastic;
        }

        /** Elastic bytes that nobody has reserved. */
        public long free() {
            return elastic - reserved.get();
        }

        /** Bytes in chunks that a buffer holds right now. */
        public long used() {
            return used.get();
        }

        /** Elastic bytes reserved, held in a chunk or not. */
        public long reserved() {
            return reserved.get();
        }

        /** Sets one large chunk's room aside; false when the elastic part has none left. */
        boolean reserveLarge() {
            while (true) {
                long now = reserved.get();
                if (now + LARGE > elastic) {
                    return false;
                }
                if (reserved.compareAndSet(now, now + LARGE)) {
                    return true;
                }
            }
        }

        /** Ends one use of a large chunk; with the last one its memory and its room are free again. Any thread. */
        void letGoLarge(Chunk chunk) {
            if (chunk.letGo()) {
                give(chunk);
                unreserveLarge();
            }
        }

        void unreserveLarge() {
            reserved.addAndGet(-LARGE);
        }

        /** A large chunk; its room must have been reserved. */
        Chunk takeLarge() {
            used.addAndGet(LARGE);
            return large.pop();
        }

        /** The small chunk of an admitted flow; a buffer holds at most one at a time. */
        Chunk takeSmall() {
            used.addAndGet(SMALL);
            return small.pop();
        }

        /** Takes a chunk's memory back; the reservation of a large one stays. */
        void give(Chunk chunk) {
            used.addAndGet(-chunk.capacity());
            chunk.next = null;
            (chunk.capacity() == LARGE ? large : small).push(chunk);
        }
    }

    private static final class Stack {
        private final int size;
        private final ReentrantLock lock = new ReentrantLock();
        private final ArrayDeque<Chunk> free = new ArrayDeque<>();

        Stack(int size) {
            this.size = size;
        }

        Chunk pop() {
            lock.lock();
            try {
                @Nullable Chunk chunk = free.pollFirst();
                if (chunk != null) {
                    return chunk;
                }
            } finally {
                lock.unlock();
            }
            return new Chunk(ByteBuffer.allocateDirect(size));
        }

        void push(Chunk chunk) {
            lock.lock();
            try {
                free.addFirst(chunk);
            } finally {
                lock.unlock();
            }
        }
    }
}
