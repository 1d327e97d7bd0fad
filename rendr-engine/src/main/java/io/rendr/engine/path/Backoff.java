// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import java.util.random.RandomGenerator;

/** Delays between attempts: doubling from a first value to a last one, each drawn from the upper half of its step. */
public final class Backoff {
    private final long first;
    private final long last;
    private final RandomGenerator random;
    private int failures;

    /**
     * @param first the first step in nanoseconds
     * @param last the largest step in nanoseconds
     */
    public Backoff(long first, long last, RandomGenerator random) {
        this.first = first;
        this.last = Math.max(first, last);
        this.random = random;
    }

    /** The delay before the next attempt, in nanoseconds. */
    public long next() {
        long step = failures >= 30 ? last : Math.min(last, first << failures);
        failures++;
        return step / 2 + random.nextLong(step / 2 + 1);
    }

    /** Attempts that failed since the last success. */
    public int failures() {
        return failures;
    }

    public void reset() {
        failures = 0;
    }
}
