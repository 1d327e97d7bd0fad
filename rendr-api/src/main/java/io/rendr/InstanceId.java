// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.io.Serializable;

/**
 * Names one running runtime ({@link Rendr}): 16 random bytes, new at every start. Every path of a flow ends at the same
 * instance; a peer that answers with another one has been restarted or replaced. Written as 32 lower-case hexadecimal
 * digits.
 *
 * @param msb the first 8 bytes, big endian
 * @param lsb the last 8 bytes, big endian
 */
public record InstanceId(long msb, long lsb) implements Comparable<InstanceId>, Serializable {

    /**
     * Reads the form that {@link #toString()} writes.
     *
     * @param text 32 hexadecimal digits
     * @return the id
     * @throws IllegalArgumentException if {@code text} is not 32 hexadecimal digits
     */
    public static InstanceId parse(String text) {
        long[] halves = Hex.parse128("InstanceId", text);
        return new InstanceId(halves[0], halves[1]);
    }

    /** Orders ids as unsigned 128-bit numbers. */
    @Override
    public int compareTo(InstanceId other) {
        int high = Long.compareUnsigned(msb, other.msb);
        return high != 0 ? high : Long.compareUnsigned(lsb, other.lsb);
    }

    /** {@return 32 lower-case hexadecimal digits} */
    @Override
    public String toString() {
        return Hex.format128(msb, lsb);
    }
}
