// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Reads the packets that come in on one datagram carrier, in whatever order. Not thread-safe. */
public interface PacketDecoder {
    /** Whether a datagram can be a packet: by its length and first byte. */
    boolean isPacket(ByteBuf datagram);

    /** The number that a packet claims to have: of those that end in what it says, the one next to the newest. */
    long number(ByteBuf packet);

    /**
     * Takes a packet, and consumes it.
     *
     * @param number as {@link #number} gave it
     * @return its frames, valid until the next call on any decoder of the same {@link RecordScratch}, never to be released;
     *     null if it is not genuine, or older than the keys that are kept
     */
    @Nullable
    ByteBuf decode(ByteBuf packet, long number);

    /** Overwrites what keys there are. */
    void destroy();
}
