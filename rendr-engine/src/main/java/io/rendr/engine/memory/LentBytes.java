// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.nio.ByteBuffer;

/** A part of a chunk in the hands of somebody else, who may release it on any thread. */
final class LentBytes extends UnpooledDirectByteBuf {
    private final Runnable returned;

    LentBytes(ByteBuffer part, Runnable returned) {
        super(UnpooledByteBufAllocator.DEFAULT, part, part.remaining());
        this.returned = returned;
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        returned.run();
    }
}
