// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

/**
 * A store that fills at a steady rate up to a bound. It may be overdrawn, and then has nothing until that is made up for.
 * Not thread-safe.
 */
final class TokenBucket {
    private final double perNano;
    private final double capacity;
    private double level;
    private long at;

    /** A full one. */
    TokenBucket(double perNano, double capacity, long now) {
        this.perNano = perNano;
        this.capacity = capacity;
        this.level = capacity;
        this.at = now;
    }

    double level(long now) {
        if (now - at > 0) {
            level = Math.min(capacity, level + perNano * (now - at));
            at = now;
        }
        return level;
    }

    void take(double amount, long now) {
        level = level(now) - amount;
    }

    void giveBack(double amount, long now) {
        level = Math.min(capacity, level(now) + amount);
    }
}
