// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A part of a chunk on its way out, in the hands of a carrier, which may release it on any thread. The object belongs to
 * its chunk and is used again.
 */
final class SentBytes extends UnpooledDirectByteBuf {
    private final ChunkPool.Half pool;
    private final Chunk chunk;

    @Nullable
    SentBytes next;

    SentBytes(ChunkPool.Half pool, Chunk chunk) {
        super(UnpooledByteBufAllocator.DEFAULT, chunk.memory.duplicate().clear(), chunk.capacity());
        this.pool = pool;
        this.chunk = chunk;
    }

    /** Begins a use: [from, to) of the chunk. */
    SentBytes over(int from, int to) {
        chunk.use();
        setIndex(from, to);
        return this;
    }

    @Override
    protected void deallocate() {
        resetRefCnt();
        chunk.giveView(this);
        pool.letGoLarge(chunk);
    }
}
