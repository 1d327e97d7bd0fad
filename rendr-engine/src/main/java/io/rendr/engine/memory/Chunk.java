// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A piece of the pool's memory, and the node by which a buffer links its chunks. */
final class Chunk {
    final ByteBuffer memory;
    /** A second view with a position of its own, for the flow's side of a buffer. */
    final ByteBuffer view;
    /** The flow offset of the first byte; meaningful while a buffer holds the chunk. */
    long offset;

    volatile @Nullable Chunk next;

    Chunk(ByteBuffer memory) {
        this.memory = memory;
        this.view = memory.duplicate();
    }

    int capacity() {
        return memory.capacity();
    }

    long end() {
        return offset + memory.capacity();
    }
}
