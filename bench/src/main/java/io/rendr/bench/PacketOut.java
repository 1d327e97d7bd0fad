// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Takes packets of {@link PacketMeter#SIZE} bytes towards the far end's meter. One thread sends. */
interface PacketOut extends AutoCloseable {
    /** No sender waits longer. */
    long LONGEST_WAIT_SECONDS = 10;

    /**
     * Sends packets, and waits for room where there is none.
     *
     * @param packets all that remains of each is one; the caller's again afterwards
     */
    void send(List<ByteBuffer> packets) throws IOException;

    @Override
    void close();

    /**
     * Waits where nobody tells when there is room.
     *
     * @throws IOException if there is none for too long
     */
    static void await(BooleanSupplier room) throws IOException {
        long began = System.nanoTime();
        while (!room.getAsBoolean()) {
            if (System.nanoTime() - began > SECONDS.toNanos(LONGEST_WAIT_SECONDS)) {
                throw new IOException("the socket takes nothing any more");
            }
            LockSupport.parkNanos(20_000);
        }
    }
}
