// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Content that follows from its position. A byte at the wrong offset, of the wrong direction or of another flow is
 * found by comparing; nothing has to be kept. The table's length is a prime, so that no chunk, frame or window size
 * divides it.
 */
final class Pattern {
    private static final int LENGTH = 1_048_573;
    private static final int WINDOW = 64 * 1024;
    private static final byte[] TABLE = table();

    private final int shift;

    /**
     * @param stream tells one direction of one flow from another
     */
    Pattern(int stream) {
        shift = Math.floorMod(stream * 104_729 + 7, LENGTH);
    }

    private static byte[] table() {
        byte[] bytes = new byte[LENGTH + WINDOW];
        new SplittableRandom(20_260_101).nextBytes(bytes);
        System.arraycopy(bytes, 0, bytes, LENGTH, WINDOW);
        return bytes;
    }

    /** A view of the content at [offset, offset + length), at most 64 KiB. */
    ByteBuffer at(long offset, int length) {
        int from = (int) ((offset + shift) % LENGTH);
        return ByteBuffer.wrap(TABLE, from, Math.min(length, WINDOW)).slice();
    }

    /** The first offset at which {@code bytes}, starting at {@code offset}, differ; -1 if they do not. */
    long mismatch(long offset, ByteBuffer bytes) {
        int done = 0;
        int total = bytes.remaining();
        while (done < total) {
            int length = Math.min(WINDOW, total - done);
            int wrong = bytes.slice(bytes.position() + done, length).mismatch(at(offset + done, length));
            if (wrong >= 0) {
                return offset + done + wrong;
            }
            done += length;
        }
        return -1;
    }
}
