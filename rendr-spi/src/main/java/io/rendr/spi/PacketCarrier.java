// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.buffer.ByteBuf;
import io.rendr.Provisional;

/** A carrier of datagrams: each arrives whole or not at all. */
@Provisional
public non-sealed interface PacketCarrier extends Carrier {
    /** {@return the largest datagram it sends now, in bytes; see {@link CarrierListener#maxDatagramSizeChanged}} */
    int maxDatagramSize();

    /**
     * Queues datagrams of equal size, one behind the other; the last one may be shorter. This is the layout of UDP
     * generic segmentation offload, so that a carrier that has it makes one system call of them.
     *
     * @param datagrams the datagrams; owned by the carrier from now on
     * @param segmentSize size of each in bytes, at least 1
     */
    void write(ByteBuf datagrams, int segmentSize);
}
