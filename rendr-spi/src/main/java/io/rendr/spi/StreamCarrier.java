// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.buffer.ByteBuf;

/** A carrier of bytes in order. Where writes are cut is not kept. */
public non-sealed interface StreamCarrier extends Carrier {
    /**
     * Queues bytes. More than {@link #credit()} is taken too. After the end it releases them and does nothing.
     *
     * @param slice the bytes; owned by the carrier from now on
     */
    void write(ByteBuf slice);

    /**
     * Whether a write of many small buffers costs it hardly more than one of a large buffer, it never changes a byte of
     * them, and lets go of them as soon as they have left. Then payload is not copied but written where it lies.
     *
     * @return false, the default, if not
     */
    default boolean gathers() {
        return false;
    }
}
