// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.buffer.ByteBuf;
import io.rendr.Provisional;

/**
 * A carrier of datagrams: each arrives whole or not at all. What the network tells of single datagrams, such as that nobody
 * listens at the other end, does not end it: the address may come back, or the carrier may move to another one of its own
 * ({@link Rebindable}). Whether the peer answers is the engine's question.
 */
@Provisional
public non-sealed interface PacketCarrier extends Carrier {
    /** {@return the largest datagram it sends now, in bytes; see {@link CarrierListener#maxDatagramSizeChanged}} */
    int maxDatagramSize();

    /**
     * {@return how many datagrams of equal size it hands to the system as one: more than 1 with segmentation offload} A write
     * may hold more; it is cut. May change, when a system that seemed to have the offload turns out not to.
     */
    default int maxSegments() {
        return 1;
    }

    /**
     * {@return datagrams that may be under way, written and neither known to have arrived nor taken for lost, before it drops
     * some} Asked only of one that {@linkplain CarrierTraits#congestionControlled controls congestion}, once.
     */
    default int maxUnderWay() {
        return Integer.MAX_VALUE;
    }

    /**
     * Queues datagrams of equal size, one behind the other; the last one may be shorter. This is the layout of UDP
     * generic segmentation offload, so that a carrier that has it makes one system call of them. What cannot be sent, as it
     * is too large for the interface or as there is no route now, is dropped and reported later:
     * {@link CarrierListener#dropped}.
     *
     * @param datagrams the datagrams; owned by the carrier from now on. If empty, nothing is sent
     * @param segmentSize size of each in bytes, at least 1
     */
    void write(ByteBuf datagrams, int segmentSize);
}
