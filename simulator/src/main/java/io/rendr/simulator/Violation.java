// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import java.util.Locale;

/**
 * What a run showed that must not be.
 *
 * @param kind which promise was broken
 * @param atNanos when, since the start of the run
 * @param text the particulars
 */
record Violation(Kind kind, long atNanos, String text) {
    enum Kind {
        /** A byte was delivered that is not the one written there. */
        CONTENT,
        /** More was delivered or acknowledged than was written or has arrived. */
        UNSENT_ACKNOWLEDGED,
        /** A packet was given up before its time. */
        LOST,
        /** Credit was taken back, or exceeded. */
        CREDIT,
        POOL_OVER_BUDGET,
        /** An end found that its honest peer breaks the protocol. */
        PROTOCOL,
        /** A byte went out again, and no counter says why. */
        RESENT_WITHOUT_CAUSE,
        /** More was copied to other carriers than the engine allows itself. */
        TOO_MANY_COPIES,
        QUEUE_ABOVE_CARRIER,
        /** A route was given more datagrams than it carries, and for longer than it takes to find that out. */
        ABOVE_RATE,
        /** Too many timers, frames or attempts while nothing happens. */
        BUSY_WHILE_IDLE,
        /** Something moved though nothing was wrong. */
        MIGRATED_WITHOUT_CAUSE,
        /** An end failed that had no reason to. */
        FAILED_WITHOUT_CAUSE,
        /** A flow, a carrier or an answer appeared that nobody entitled asked for. */
        INTRUSION,
        /** What should have arrived did not, although a path was clean long enough. */
        STUCK,
        /** The budget's error came too early, too late or not at all. */
        BUDGET_MISSED,
        COUNTERS_DISAGREE,
        /** Memory, carriers or attempts were left behind. */
        LEAK,
        EXCEPTION,
        /** A promise that a named scenario holds the engine to. */
        SCENARIO
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s at %.6f s: %s", kind, atNanos / 1e9, text);
    }
}
