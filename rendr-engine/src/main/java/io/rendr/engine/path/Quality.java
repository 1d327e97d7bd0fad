// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

/**
 * How good a path is when it carries no load: score = RTT + jitter + 10 ms per percent of loss, in nanoseconds; less is
 * better.
 *
 * <p>RTT here is the smallest unloaded sample of the last 10 s, jitter the mean deviation between unloaded samples
 * (RFC 3550, section 6.4.1, with a gain of 1/4), loss the share of the last 64 probes that were answered late or never.
 * Samples taken under load are not offered to this class, so that a transfer does not evict its own path.
 */
public final class Quality {
    private static final int PROBES = 64;
    private static final long LOSS_COST = MILLISECONDS.toNanos(10);
    private static final long WINDOW = SECONDS.toNanos(10);

    private long previous;
    private long jitter;
    private long best;
    private long bestAt;
    private long challenger;
    private long challengerAt;
    private boolean known;
    private long outcomes;
    private int probes;
    private long at;

    /** Takes over what others have measured on the same route, if that is newer. */
    public void takeFrom(Quality others) {
        if (others.known && (!known || others.at - at > 0)) {
            previous = others.previous;
            jitter = others.jitter;
            best = others.best;
            bestAt = others.bestAt;
            challenger = others.challenger;
            challengerAt = others.challengerAt;
            outcomes = others.outcomes;
            probes = others.probes;
            at = others.at;
            known = true;
        }
    }

    /** Takes the round-trip time of a probe that was answered in time. */
    public void answered(long rtt, long now) {
        if (known) {
            jitter = (3 * jitter + Math.abs(previous - rtt)) / 4;
        }
        if (!known || rtt <= best) {
            best = rtt;
            bestAt = now;
            challenger = rtt;
            challengerAt = now;
        } else if (rtt <= challenger || now - challengerAt > WINDOW) {
            challenger = rtt;
            challengerAt = now;
        }
        if (now - bestAt > WINDOW) {
            best = challenger;
            bestAt = challengerAt;
            challenger = rtt;
            challengerAt = now;
        }
        previous = rtt;
        known = true;
        at = now;
        outcome(false);
    }

    /** Notes a probe whose answer came too late or not at all. */
    public void missed() {
        outcome(true);
    }

    private void outcome(boolean lost) {
        outcomes = outcomes << 1 | (lost ? 1 : 0);
        probes = Math.min(PROBES, probes + 1);
    }

    /** Whether the path was ever measured; an unmeasured path never beats a measured one. */
    public boolean known() {
        return known;
    }

    /** The smallest recent unloaded round-trip time in nanoseconds. */
    public long rtt() {
        return best;
    }

    /** Mean deviation between unloaded samples in nanoseconds. */
    public long jitter() {
        return jitter;
    }

    /** Percent of the last 64 probes that were lost or late. */
    public double lossPercent() {
        return probes == 0 ? 0 : 100.0 * Long.bitCount(outcomes) / probes;
    }

    /** When the newest sample was taken. */
    public long at() {
        return at;
    }

    /** RTT + jitter + 10 ms per percent of loss, in nanoseconds; {@link Long#MAX_VALUE} while unmeasured. */
    public long score() {
        return known ? best + jitter + (long) (lossPercent() * LOSS_COST) : Long.MAX_VALUE;
    }
}
