// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

/** Packet numbers, of which a datagram carries the low half. */
final class PacketNumbers {
    private static final long HALF = 1L << 31;

    private PacketNumbers() {}

    /** Of the numbers of which {@code low} is the low half, the one nearest to {@code expected} (RFC 9000, appendix A.3). */
    static long nearest(long expected, long low) {
        long candidate = expected & ~(2 * HALF - 1) | low;
        if (candidate + HALF <= expected) {
            return candidate + 2 * HALF;
        }
        return candidate > expected + HALF && candidate >= 2 * HALF ? candidate - 2 * HALF : candidate;
    }
}
