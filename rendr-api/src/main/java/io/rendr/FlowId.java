// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.io.Serializable;

/**
 * Names one flow for its whole life, whatever paths carry it. 16 bytes, random, chosen by the dialer; knowing one gives
 * no right over the flow. Written as 32 lower-case hexadecimal digits.
 *
 * @param msb the first 8 bytes, big endian
 * @param lsb the last 8 bytes, big endian
 */
public record FlowId(long msb, long lsb) implements Comparable<FlowId>, Serializable {

    /**
     * Reads the form that {@link #toString()} writes.
     *
     * @param text 32 hexadecimal digits
     * @return the id
     * @throws IllegalArgumentException if {@code text} is not 32 hexadecimal digits
     */
    public static FlowId parse(String text) {
        long[] halves = Hex.parse128("FlowId", text);
        return new FlowId(halves[0], halves[1]);
    }

    /** Orders ids as unsigned 128-bit numbers. */
    @Override
    public int compareTo(FlowId other) {
        int high = Long.compareUnsigned(msb, other.msb);
        return high != 0 ? high : Long.compareUnsigned(lsb, other.lsb);
    }

    /** {@return 32 lower-case hexadecimal digits} */
    @Override
    public String toString() {
        return Hex.format128(msb, lsb);
    }
}
