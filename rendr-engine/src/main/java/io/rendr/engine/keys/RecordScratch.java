// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The arrays that sealing and opening need, shared by all carriers of one event loop: AES on heap arrays is a good deal
 * faster than on direct buffers, and ten thousand carriers must not hold 256 KiB each. Not thread-safe.
 *
 * <p>The two directions share nothing, so a record may be sealed while an opened one is being read.
 */
public final class RecordScratch {
    private static final int SIZE = 65_536;
    private static final int SPARE = 16;

    final byte[] sealPlain = new byte[RecordSealer.MAX_PLAIN];
    final byte[] sealCipher = new byte[SIZE];
    final byte[] openCipher = new byte[SIZE];
    final byte[] openPlain = new byte[SIZE];
    /** What a packet begins with, and is authenticated beside its frames. */
    final byte[] packetHeader = new byte[PacketSealer.HEADER];
    /** Where the plain frames of a record are composed, with room for as many bytes as a record takes. */
    final ByteBuf composed = Unpooled.wrappedBuffer(sealPlain);
    /** A view of {@link #openPlain} that is handed out again and again. */
    final ByteBuf opened = Unpooled.wrappedBuffer(openPlain);

    private final byte @Nullable [][] spare = new byte[SPARE][];
    private int spares;

    /** An array for a record that came in parts. */
    byte[] take(int length) {
        if (length <= SIZE / 16) {
            return new byte[length];
        }
        if (spares > 0) {
            byte[] array = spare[--spares];
            spare[spares] = null;
            if (array != null) {
                return array;
            }
        }
        return new byte[SIZE];
    }

    void give(byte[] array) {
        if (array.length == SIZE && spares < SPARE) {
            spare[spares++] = array;
        }
    }
}
