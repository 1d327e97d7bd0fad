// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

/** How often each of very many values came, to within 1/64 of it; adding one neither allocates nor sorts. */
final class Histogram {
    /** Steps between one power of two and the next, as a power of two. */
    private static final int BITS = 6;

    private static final int STEPS = 1 << BITS;
    private static final int EXACT_BITS = BITS + 1;

    private final long[] counts = new long[STEPS * (Long.SIZE - EXACT_BITS + 2)];
    private long size;

    /** Adds a value; what is below zero counts as zero. */
    void add(long value) {
        long from = Math.max(0, value);
        int shift = Math.max(0, Long.SIZE - EXACT_BITS - Long.numberOfLeadingZeros(from));
        counts[shift * STEPS + (int) (from >>> shift)]++;
        size++;
    }

    /** The value below which the share {@code p} of all lies; 0 of none. */
    long percentile(double p) {
        long before = (long) (p * (size - 1));
        long passed = 0;
        for (int i = 0; i < counts.length; i++) {
            passed += counts[i];
            if (passed > before) {
                int shift = Math.max(0, i / STEPS - 1);
                return (long) (i - shift * STEPS) << shift;
            }
        }
        return 0;
    }
}
