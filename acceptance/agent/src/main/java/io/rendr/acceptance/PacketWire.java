// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A connection that carries packets: what is written at a time is one, and so is what is read. */
interface PacketWire extends Wire {
    /** Sends packets, and waits for room. */
    void send(List<ByteBuffer> packets) throws IOException;

    @Override
    default void write(ByteBuffer from) throws IOException {
        send(List.of(from));
    }

    /** Directions of packets do not end; the connection does. */
    @Override
    default void shutdownOutput() {}
}
