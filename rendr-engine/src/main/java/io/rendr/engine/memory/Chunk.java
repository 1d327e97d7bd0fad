// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A piece of the pool's memory, and the node by which a buffer links its chunks. */
final class Chunk {
    final ByteBuffer memory;
    /** The same for the flow's side of a buffer, which copies from and to Netty's. Never released. */
    final ByteBuf bytes;
    /** The flow offset of the first byte; meaningful while a buffer holds the chunk. */
    long offset;

    volatile @Nullable Chunk next;

    /** Who uses the memory: the buffer that holds the chunk, and everybody to whom it lent a part. */
    private final AtomicInteger users = new AtomicInteger(1);

    /** Views that nobody uses. Any thread gives one back; only the flow that holds the chunk takes one. */
    private final AtomicReference<@Nullable SentBytes> views = new AtomicReference<>();

    Chunk(ByteBuffer memory) {
        this.memory = memory;
        this.bytes = Unpooled.wrappedBuffer(memory);
    }

    /** A view to send from, which is used again after its release; the flow's side. */
    SentBytes view(ChunkPool.Half pool) {
        SentBytes first = views.get();
        // Nobody else takes one, so the first one's next stays what it is for as long as it is the first.
        while (first != null && !views.compareAndSet(first, first.next)) {
            first = views.get();
        }
        return first != null ? first : new SentBytes(pool, this);
    }

    void giveView(SentBytes view) {
        SentBytes first;
        do {
            first = views.get();
            view.next = first;
        } while (!views.compareAndSet(first, view));
    }

    void use() {
        users.incrementAndGet();
    }

    /** Ends one use; true if that was the last one, after which the chunk is as good as new. */
    boolean letGo() {
        if (users.decrementAndGet() > 0) {
            return false;
        }
        users.set(1);
        return true;
    }

    boolean isLent() {
        return users.get() > 1;
    }

    int capacity() {
        return memory.capacity();
    }

    long end() {
        return offset + memory.capacity();
    }
}
