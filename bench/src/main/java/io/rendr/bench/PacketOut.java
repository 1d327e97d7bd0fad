// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes packets of {@link PacketMeter#SIZE} bytes towards the far end's meter. One thread sends. */
interface PacketOut extends AutoCloseable {
    /**
     * Sends packets that lie one behind the other, and waits for room where there is none.
     *
     * @param packets from its position to its limit
     */
    void send(ByteBuffer packets) throws IOException;

    @Override
    void close();
}
