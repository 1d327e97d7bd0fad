// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * When a {@link Target.Selector} leaves a path that works for one that measures better. Scores are those of
 * {@link PathQuality#score()}.
 *
 * @param hysteresis how much better the other score has to be, as a share of the current one; 0.25 = a quarter
 * @param floor how much better it has to be at least, in time, so that tiny scores do not flap
 * @param dwell how long it has to stay better without a break
 * @param cooldown the time after a move in which quality moves nothing
 */
public record QualityPolicy(double hysteresis, Duration floor, Duration dwell, Duration cooldown) {
    private static final Duration LONGEST = Duration.ofDays(1);

    /** Hysteresis 0.25, floor 2 ms, dwell 5 s, cooldown 30 s. */
    public static final QualityPolicy DEFAULT =
            new QualityPolicy(0.25, Duration.ofMillis(2), Duration.ofSeconds(5), Duration.ofSeconds(30));

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if hysteresis is not in [0, 1) or a duration not from 0 to a day
     */
    public QualityPolicy {
        Objects.requireNonNull(floor, "floor");
        Objects.requireNonNull(dwell, "dwell");
        Objects.requireNonNull(cooldown, "cooldown");
        List<String> problems = new ArrayList<>();
        if (!(hysteresis >= 0 && hysteresis < 1)) {
            problems.add("hysteresis must be at least 0 and below 1, not " + hysteresis);
        }
        for (Duration each : List.of(floor, dwell, cooldown)) {
            if (each.isNegative() || each.compareTo(LONGEST) > 0) {
                problems.add(
                        "floor, dwell and cooldown must be from 0 to a day: " + floor + ", " + dwell + ", " + cooldown);
                break;
            }
        }
        InvalidConfigException.throwIfAny("QualityPolicy", problems);
    }
}
