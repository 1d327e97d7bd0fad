// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import java.time.Duration;

/**
 * What one direction of an emulated link does to bytes that are not lost: they wait in the queue of the bottleneck, leave it at the rate, and arrive
 * after the delay. Order is kept, as on a TCP connection.
 *
 * @param delay one-way propagation delay of every byte; default zero
 * @param jitter upper bound of a further delay, drawn evenly for each burst; default zero
 * @param rate bytes per second and connection; 0 (the default) is unlimited
 * @param queue bytes that may wait for the bottleneck; the link stops reading beyond it, so the sender sees back-pressure and never loss. Default 256
 *     KiB. An unlimited link with a delay carries up to 16 MiB besides.
 */
public record LinkShape(Duration delay, Duration jitter, long rate, int queue) {

    /** No delay, no limit, 256 KiB of queue. */
    public static final LinkShape UNSHAPED = new LinkShape(Duration.ZERO, Duration.ZERO, 0, 256 * 1024);

    private static final long UNLIMITED_IN_FLIGHT = 16L << 20;
    private static final long LEAST_IN_FLIGHT = 256L << 10;

    /** Checks the ranges. */
    public LinkShape {
        if (delay.isNegative() || jitter.isNegative()) {
            throw new IllegalArgumentException("delay and jitter must not be negative: " + delay + ", " + jitter);
        }
        if (delay.plus(jitter).compareTo(Duration.ofMinutes(10)) > 0) {
            throw new IllegalArgumentException(
                    "delay and jitter together must not exceed 10 minutes: " + delay + ", " + jitter);
        }
        if (rate < 0) {
            throw new IllegalArgumentException("rate must be 0 (unlimited) or bytes per second: " + rate);
        }
        if (queue < 1024 || queue > 256 << 20) {
            throw new IllegalArgumentException("queue must be 1 KiB to 256 MiB: " + queue);
        }
    }

    /** This shape with another one-way delay. */
    public LinkShape withDelay(Duration delay) {
        return new LinkShape(delay, jitter, rate, queue);
    }

    /** This shape with another bound of the jitter. */
    public LinkShape withJitter(Duration jitter) {
        return new LinkShape(delay, jitter, rate, queue);
    }

    /** This shape with another rate in bytes per second; 0 is unlimited. */
    public LinkShape withRate(long bytesPerSecond) {
        return new LinkShape(delay, jitter, bytesPerSecond, queue);
    }

    /** This shape with another queue in bytes. */
    public LinkShape withQueue(int bytes) {
        return new LinkShape(delay, jitter, rate, bytes);
    }

    /** Bytes that may be past the bottleneck and not yet delivered: the bandwidth-delay product, within bounds. */
    long inFlightLimit() {
        long nanos = delay.plus(jitter).toNanos();
        if (nanos == 0) {
            return LEAST_IN_FLIGHT;
        }
        double product = rate == 0 ? UNLIMITED_IN_FLIGHT : rate * (nanos / 1e9);
        return Math.max(LEAST_IN_FLIGHT, (long) Math.min(product + queue, 512L << 20));
    }
}
