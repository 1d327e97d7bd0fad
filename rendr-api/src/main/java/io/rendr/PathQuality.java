// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * What the probes of a path measured. Taken only while little was in flight, so that a path's own load does not make it
 * look bad.
 *
 * @param rtt smoothed round-trip time (RFC 6298, section 2)
 * @param jitter smoothed deviation of the round-trip time (RFC 6298, section 2)
 * @param lossPercent share of the last 64 probes that were lost or late, 0 to 100
 * @param at time of the newest sample
 */
public record PathQuality(Duration rtt, Duration jitter, double lossPercent, Instant at) {
    private static final long NANOS_PER_LOSS_PERCENT = 10_000_000;

    /** Checks the ranges. */
    public PathQuality {
        Objects.requireNonNull(rtt, "rtt");
        Objects.requireNonNull(jitter, "jitter");
        Objects.requireNonNull(at, "at");
        if (rtt.isNegative() || jitter.isNegative() || !(lossPercent >= 0 && lossPercent <= 100)) {
            throw new IllegalArgumentException("rtt and jitter must not be negative, loss must be 0 to 100 %: rtt="
                    + rtt + " jitter=" + jitter + " lossPercent=" + lossPercent);
        }
    }

    /** {@return the figure that paths are compared by, lower is better: RTT + jitter + 10 ms for each percent of loss} */
    public Duration score() {
        return rtt.plus(jitter).plusNanos(Math.round(lossPercent * NANOS_PER_LOSS_PERCENT));
    }
}
