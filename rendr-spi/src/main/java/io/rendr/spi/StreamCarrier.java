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
}
