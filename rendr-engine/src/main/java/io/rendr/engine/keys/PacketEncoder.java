// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.netty.buffer.ByteBuf;

/** Makes the packets that go out on one datagram carrier, each of which is one datagram with a number. Not thread-safe. */
public interface PacketEncoder {
    /** Bytes of a datagram beside the frames of its packet. */
    int overhead();

    /**
     * A heap buffer to compose the frames of a packet in; never to be released. All encoders of one {@link RecordScratch} have
     * the same: what is in it must be encoded before another one is asked.
     */
    ByteBuf composing();

    /**
     * Appends one packet with all readable bytes of {@code frames} to {@code out}, and consumes them.
     *
     * @param connectionId what the receiver knows the carrier by
     */
    void encode(ByteBuf frames, long connectionId, ByteBuf out);

    /** Overwrites what keys there are. */
    void destroy();
}
