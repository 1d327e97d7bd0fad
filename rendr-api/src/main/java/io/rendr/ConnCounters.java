// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * What went wrong on a connection and was repaired, counted since it was opened. On a network without faults
 * everything here is zero, but for the longest gap.
 *
 * @param bytesResent payload bytes sent again, by cause; every cause is present
 * @param migrations moves to another path, by cause; every cause is present
 * @param longestGap the longest time without an acknowledgement of new payload while some was outstanding
 * @param longestHold the longest time in which no path answered
 * @param carriersLost carriers that ended without being asked to
 * @param protocolErrors carriers closed because the peer broke the protocol on them
 * @param spuriousSuspicions times that a suspected path turned out to be alive
 * @param peerStalls times that every path fell silent at once and the peer answered again on the same ones
 */
public record ConnCounters(
        Map<ResendCause, Long> bytesResent,
        Map<MigrationCause, Long> migrations,
        Duration longestGap,
        Duration longestHold,
        long carriersLost,
        long protocolErrors,
        long spuriousSuspicions,
        long peerStalls) {
    /** Nothing has happened. */
    public static final ConnCounters ZERO =
            new ConnCounters(Map.of(), Map.of(), Duration.ZERO, Duration.ZERO, 0, 0, 0, 0);

    /** Copies the maps and puts zero for each cause that is missing. */
    public ConnCounters {
        bytesResent = complete(ResendCause.class, bytesResent);
        migrations = complete(MigrationCause.class, migrations);
        Objects.requireNonNull(longestGap, "longestGap");
        Objects.requireNonNull(longestHold, "longestHold");
    }

    private static <E extends Enum<E>> Map<E, Long> complete(Class<E> type, Map<E, Long> given) {
        EnumMap<E, Long> all = new EnumMap<>(type);
        for (E cause : type.getEnumConstants()) {
            all.put(cause, given.getOrDefault(cause, 0L));
        }
        return Collections.unmodifiableMap(all);
    }

    /** {@return payload bytes sent again, all causes together} */
    public long totalBytesResent() {
        return sum(bytesResent);
    }

    /** {@return moves to another path, all causes together} */
    public long totalMigrations() {
        return sum(migrations);
    }

    private static long sum(Map<?, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
