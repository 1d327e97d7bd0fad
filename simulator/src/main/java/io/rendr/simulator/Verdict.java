// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param schedule what was run
 * @param violation what was wrong, or null
 * @param rules which rules it exercised
 * @param faults how many faults befell it while a flow was alive
 * @param moves how many moves applications made
 * @param events how many events it took
 * @param elapsed virtual nanoseconds
 */
record Verdict(
        Schedule schedule,
        @Nullable Violation violation,
        Set<Rule> rules,
        int faults,
        int moves,
        long events,
        long elapsed) {
    Verdict {
        rules = rules.isEmpty() ? EnumSet.noneOf(Rule.class) : EnumSet.copyOf(rules);
    }

    boolean ok() {
        return violation == null;
    }
}
