// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.Arrays;

/**
 * Judges the silence of a carrier.
 *
 * <p>Life is a confirmation of what was sent: a receipt, or the answer to a probe. What merely arrives proves nothing
 * about the direction that matters. A carrier that owes a confirmation for longer than {@link #suspicion} is suspect;
 * one that leaves a probe unanswered for {@link #deadAfter} after at least three is dead.
 *
 * <p>The threshold learns: a suspicion that proved false doubles it (up to 8 times, forgotten after 60 s), and it never
 * lies below 1.5 times the longest silence that the path survived in the last 60 s. Nor does it lie above a quarter of the
 * migration budget: an end that found out later could be too late for its peer, whose budget runs. One instance belongs to a path, not
 * to a carrier, so that a redial does not forget what the link is like.
 */
public final class Liveness {
    private static final long SUSPICION_FLOOR = MILLISECONDS.toNanos(150);
    private static final long MEMORY = SECONDS.toNanos(60);
    /** Links pause for 80 to 400 ms; what is much longer was an outage, and teaches nothing about the next one. */
    private static final long LONGEST_LESSON = SECONDS.toNanos(1);

    private static final long DEAD_FLOOR = SECONDS.toNanos(4);
    private static final int MAX_MULTIPLIER = 8;
    private static final long FIRST_PENALTY = SECONDS.toNanos(5);
    private static final long MAX_PENALTY = SECONDS.toNanos(60);
    private static final int BUCKETS = 6;
    private static final int BUDGET_SHARE = 4;

    private final long most;
    private final long[] longest = new long[BUCKETS];
    private long bucketStart;
    private int bucket;
    private int multiplier = 1;
    private long falseAt;
    private boolean left;
    private long penalty;
    private long penaltyEnd = Long.MIN_VALUE;

    /**
     * @param budget the migration budget in nanoseconds
     */
    public Liveness(long budget, long now) {
        most = Math.max(SUSPICION_FLOOR, budget / BUDGET_SHARE);
        bucketStart = now;
    }

    /** How long a confirmation may be owed before the carrier is suspect, in nanoseconds. */
    public long suspicion(RttEstimator rtt, long now) {
        roll(now);
        if (multiplier > 1 && now - falseAt > MEMORY) {
            multiplier = 1;
        }
        long survived = 0;
        for (long silence : longest) {
            survived = Math.max(survived, silence);
        }
        long threshold = Math.max(multiplier * Math.max(SUSPICION_FLOOR, 3 * rtt.rto()), survived + survived / 2);
        return Math.min(threshold, Math.min(most, deadAfter(rtt) / 2));
    }

    /** How long a probe may stay unanswered before the carrier is dead, in nanoseconds. */
    public static long deadAfter(RttEstimator rtt) {
        return Math.max(DEAD_FLOOR, 8 * rtt.srtt());
    }

    /** Notes that a confirmation came after {@code silence}. */
    public void survived(long silence, long now) {
        roll(now);
        longest[bucket] = Math.max(longest[bucket], Math.min(silence, LONGEST_LESSON));
    }

    /** Notes that a suspect answered after all. */
    public void falselySuspected(long now) {
        multiplier = Math.min(MAX_MULTIPLIER, multiplier * 2);
        falseAt = now;
    }

    /** Notes that traffic left the path because it was silent. */
    public void left() {
        left = true;
    }

    /**
     * Notes that the path answers, on its carrier or on a new one. If it was left before, it is not to be chosen for 5 s,
     * doubling up to 60 s with each time that it is left again within a minute.
     */
    public void returned(long now) {
        if (left) {
            left = false;
            penalize(now);
        }
    }

    private void penalize(long now) {
        boolean again = penalty > 0 && now - penaltyEnd < MEMORY;
        penalty = again ? Math.min(MAX_PENALTY, penalty * 2) : FIRST_PENALTY;
        penaltyEnd = now + penalty;
    }

    /** Whether the path may be chosen again. */
    public boolean eligible(long now) {
        return penalty == 0 || now - penaltyEnd >= 0;
    }

    /** When the path may be chosen again, or {@link Long#MIN_VALUE} if it always could. */
    public long eligibleAt() {
        return penaltyEnd;
    }

    private void roll(long now) {
        long span = MEMORY / BUCKETS;
        if (now - bucketStart > 2 * MEMORY) {
            Arrays.fill(longest, 0);
            bucketStart = now;
        }
        while (now - bucketStart >= span) {
            bucketStart += span;
            bucket = (bucket + 1) % BUCKETS;
            longest[bucket] = 0;
        }
    }
}
