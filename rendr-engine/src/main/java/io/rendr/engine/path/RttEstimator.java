// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

/**
 * Smoothed round-trip time and retransmission time-out after RFC 6298, section 2, in nanoseconds.
 *
 * <p>The variance term has a floor of 10 ms, and {@link #REPORT_DELAY} is added because a receipt may wait that long at
 * the peer: RTO = SRTT + max(4 RTTVAR, 10 ms) + 25 ms.
 */
public final class RttEstimator {
    /** The longest a peer holds a receipt or an acknowledgement back while something moves. */
    public static final long REPORT_DELAY = MILLISECONDS.toNanos(25);

    private static final long VARIANCE_FLOOR = MILLISECONDS.toNanos(10);
    private static final long UNKNOWN_RTO = MILLISECONDS.toNanos(1000);

    private long srtt;
    private long rttvar;
    private long min = Long.MAX_VALUE;
    private long last;
    private boolean seeded;

    /**
     * Takes the round trip of a handshake, which holds the peer's cryptography and a cold start too: good until the
     * first sample, and ignored when there was one.
     */
    public void seed(long rtt) {
        if (srtt == 0) {
            sample(rtt);
            seeded = true;
        }
    }

    /**
     * Takes over what others have measured on the same route, with the round trip of a handshake as one more sample;
     * ignored when there was a sample.
     */
    public void seed(RttEstimator others, long handshake) {
        if (srtt == 0) {
            srtt = others.srtt;
            rttvar = others.rttvar;
            min = others.min;
            last = others.last;
            sample(handshake);
        }
    }

    /** Takes a sample; anything below 1 ns counts as 1 ns. */
    public void sample(long rtt) {
        long r = Math.max(1, rtt);
        if (srtt == 0 || seeded) {
            seeded = false;
            min = r;
            srtt = r;
            rttvar = r / 2;
        } else {
            rttvar = (3 * rttvar + Math.abs(srtt - r)) / 4;
            srtt = (7 * srtt + r) / 8;
        }
        min = Math.min(min, r);
        last = r;
    }

    /** Whether there was a sample. */
    public boolean known() {
        return srtt != 0;
    }

    /** Smoothed round-trip time, 0 while unknown. */
    public long srtt() {
        return srtt;
    }

    /** Mean deviation, 0 while unknown. */
    public long rttvar() {
        return rttvar;
    }

    /** The smallest sample, 0 while unknown. */
    public long min() {
        return srtt == 0 ? 0 : min;
    }

    /** The newest sample, 0 while unknown. */
    public long last() {
        return last;
    }

    /** Retransmission time-out; 1 s while unknown. */
    public long rto() {
        return srtt == 0 ? UNKNOWN_RTO : srtt + Math.max(4 * rttvar, VARIANCE_FLOOR) + REPORT_DELAY;
    }
}
