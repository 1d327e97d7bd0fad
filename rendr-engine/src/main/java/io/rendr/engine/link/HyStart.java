// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

/**
 * Decides when slow start is over before anything is lost: HyStart++ (RFC 9406), for a sender that paces. When round trips
 * grow longer growth is cut to a quarter for five rounds, unless they grow shorter again: then it was noise.
 */
final class HyStart {
    private static final long MIN_THRESHOLD = MILLISECONDS.toNanos(4);
    private static final long MAX_THRESHOLD = MILLISECONDS.toNanos(16);
    private static final int DIVISOR = 8;
    private static final int SAMPLES = 8;
    private static final int CONSERVATIVE = 4;
    private static final int CONSERVATIVE_ROUNDS = 5;
    private static final long NONE = Long.MAX_VALUE;

    private long newestSent = -1;
    private long roundEnd = NONE;
    private long lastRound = NONE;
    private long thisRound = NONE;
    private int samples;
    private long baseline = NONE;
    private int conservativeRounds;
    private boolean conservative;

    void sent(long number) {
        newestSent = number;
    }

    void acknowledged(long number, long rtt) {
        if (roundEnd == NONE) {
            roundEnd = newestSent;
        }
        if (rtt > 0) {
            thisRound = Math.min(thisRound, rtt);
            samples++;
        }
        if (samples >= SAMPLES && thisRound != NONE) {
            judge();
        }
        if (number >= roundEnd) {
            nextRound();
        }
    }

    private void judge() {
        if (conservative) {
            conservative = thisRound >= baseline;
        } else if (lastRound != NONE) {
            long threshold = Math.max(MIN_THRESHOLD, Math.min(lastRound / DIVISOR, MAX_THRESHOLD));
            if (thisRound >= lastRound + threshold) {
                baseline = thisRound;
                conservative = true;
                conservativeRounds = 0;
            }
        }
    }

    private void nextRound() {
        roundEnd = newestSent;
        lastRound = thisRound;
        thisRound = NONE;
        samples = 0;
        if (conservative) {
            conservativeRounds++;
        }
    }

    /** By what growth is divided now. */
    int divisor() {
        return conservative ? CONSERVATIVE : 1;
    }

    boolean isOver() {
        return conservative && conservativeRounds >= CONSERVATIVE_ROUNDS;
    }
}
