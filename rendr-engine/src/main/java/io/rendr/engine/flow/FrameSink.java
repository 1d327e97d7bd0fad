// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;

/** Where the frames of one batch or one packet are written. */
interface FrameSink {
    /** Where to write the next frame, which takes at most {@code size} bytes. */
    ByteBuf frame(int size);

    /** Whether a frame of {@code size} bytes may follow. */
    boolean fits(int size);

    /** Whether payload of so many bytes is to be given by {@link #lend} instead of written behind its header. */
    default boolean lends(int length) {
        return false;
    }

    /** Takes a piece of the frame whose header was just written, to be written where it lies. */
    default void lend(ByteBuf piece) {
        throw new UnsupportedOperationException("nothing can be lent to " + this);
    }
}
