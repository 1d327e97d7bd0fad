// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

/**
 * How packets lie in a space of offsets, and in the buffers: each behind its size, so that the offsets that a packet takes
 * are the bytes of memory that it takes.
 */
public final class PacketSpace {
    /** Offsets that a packet takes beside its bytes: the size, a u16. */
    public static final int HEADER = 2;

    private PacketSpace() {}

    /** How many offsets a packet of {@code length} bytes takes. */
    public static int size(int length) {
        return HEADER + length;
    }
}
