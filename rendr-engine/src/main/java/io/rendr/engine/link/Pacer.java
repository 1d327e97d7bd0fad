// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

/**
 * Spreads what a congestion window allows over the round trip (RFC 9002, section 7.7): a bucket that fills at N windows
 * per smoothed round-trip time, 5/4 of them, 2 in slow start, and holds a burst.
 */
final class Pacer {
    /** Datagrams that may leave at once: as many as one call to the kernel takes with segmentation offload. */
    private static final int BURST_DATAGRAMS = 16;

    private static final double SURPLUS = 1.25;
    private static final double SLOW_START_SURPLUS = 2;

    private final double burst;
    private double tokens;
    private long filledAt;
    /** Bytes per nanosecond; 0 while the round trip is unknown, and nothing is held back. */
    private double rate;

    Pacer(int datagram, long now) {
        burst = (double) BURST_DATAGRAMS * datagram;
        tokens = burst;
        filledAt = now;
    }

    void rate(long window, long srtt, boolean slowStart, long now) {
        fill(now);
        rate = srtt == 0 ? 0 : (slowStart ? SLOW_START_SURPLUS : SURPLUS) * window / srtt;
    }

    private void fill(long now) {
        tokens = rate == 0 ? burst : Math.min(burst, tokens + (now - filledAt) * rate);
        filledAt = now;
    }

    void sent(int bytes, long now) {
        fill(now);
        tokens -= bytes;
    }

    /** When a datagram may leave; not after {@code now} if it may now. */
    long at(long now) {
        fill(now);
        return tokens >= 0 ? now : now + (long) Math.ceil(-tokens / rate);
    }
}
