// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

/**
 * Spreads what a congestion window allows over the round trip (RFC 9002, section 7.7): a bucket that fills at some windows
 * per smoothed round-trip time, and holds a burst. While a datagram waits for its time the
 * bucket holds more: what an event loop that comes late has missed, or its delays would be the rate.
 */
final class Pacer {
    /** Datagrams that may leave at once: as many as one call to the kernel takes with segmentation offload. */
    private static final int BURST_DATAGRAMS = 16;

    /** What a late loop may make good. */
    private static final long LATENESS = MILLISECONDS.toNanos(10);

    private double burst;
    private double tokens;
    private long filledAt;
    /** Bytes per nanosecond; 0 while the round trip is unknown, and nothing is held back. */
    private double rate;

    /** A datagram waits for its time. */
    private boolean awaited;

    private long heldUntil = Long.MIN_VALUE;

    Pacer(int datagram, long now) {
        datagram(datagram);
        tokens = burst;
        filledAt = now;
    }

    /** How many bytes a full datagram has from now on. */
    void datagram(int bytes) {
        burst = (double) BURST_DATAGRAMS * bytes;
    }

    /**
     * @param windows that may leave in a round trip; 0 for any number
     */
    void rate(double windows, long window, long srtt, long now) {
        fill(now);
        rate = srtt == 0 ? 0 : windows * window / srtt;
    }

    private void fill(long now) {
        if (rate == 0) {
            tokens = burst;
        } else {
            double most = awaited ? Math.max(burst, LATENESS * rate) : burst;
            tokens = Math.max(tokens, Math.min(most, tokens + (now - filledAt) * rate));
        }
        filledAt = now;
    }

    void sent(int bytes, long now) {
        fill(now);
        tokens -= bytes;
    }

    /** When a datagram that is there may leave; not after {@code now} if it may now. */
    long at(long now) {
        fill(now);
        awaited = tokens < 0;
        if (!awaited) {
            return now;
        }
        heldUntil = now + (long) Math.ceil(-tokens / rate);
        return heldUntil;
    }

    /** Whether a datagram is held back, or was until just now: the loop may be late. */
    boolean isHolding(long now) {
        return awaited && now - heldUntil < LATENESS;
    }
}
