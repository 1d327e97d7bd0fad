// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.rendr.engine.memory.ChunkPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The memory that runs on one thread use one after another: buffers that are counted exactly, because no thread keeps
 * any back, and chunk pools, because taking direct memory from the JVM costs more than most runs.
 */
final class Resources {
    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(false, 1, 0, 8192, 8, 0, 0, false);
    private final Map<Long, List<ChunkPool>> idle = new HashMap<>();

    PooledByteBufAllocator allocator() {
        return allocator;
    }

    /** Buffers that were handed out and not released. */
    long buffersInUse() {
        long sum = 0;
        for (PoolArenaMetric arena : allocator.metric().heapArenas()) {
            sum += arena.numActiveAllocations();
        }
        return sum;
    }

    /** A pool that nobody uses. */
    ChunkPool takePool(long budget) {
        List<ChunkPool> free = idle.getOrDefault(budget, List.of());
        return free.isEmpty() ? new ChunkPool(budget) : free.remove(free.size() - 1);
    }

    /** Takes a pool back for the next run, if this one left nothing in it. */
    void givePool(long budget, ChunkPool pool) {
        if (isEmpty(pool)) {
            idle.computeIfAbsent(budget, key -> new ArrayList<>()).add(pool);
        }
    }

    static boolean isEmpty(ChunkPool pool) {
        long reserved = pool.sending().reserved() + pool.receiving().reserved();
        return pool.used() == 0 && reserved == 0 && pool.flows() == 0;
    }
}
