// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Names of paths, groups, options and transports: what is allowed, and which one was probably meant. */
final class Names {
    private static final int MAX_BYTES = 64;

    private Names() {}

    /** What is wrong with the name of a path or group; null if nothing. */
    static @Nullable String problem(String name) {
        if (name.isBlank() || name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            return "a name has 1 to " + MAX_BYTES + " bytes of UTF-8: '" + name + "'; give a path a name with ?name=..";
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            return "a name must not hold control characters: '" + name.replaceAll("\\p{Cntrl}", "?") + "'";
        }
        return null;
    }

    /** The nearest of the known names, if it is near enough to be a slip: at most a third of the letters differ. */
    static Optional<String> nearest(String wrong, Collection<String> known) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        String lowerWrong = wrong.toLowerCase(Locale.ROOT);
        for (String candidate : known) {
            int distance = distance(lowerWrong, candidate.toLowerCase(Locale.ROOT));
            if (distance < bestDistance) {
                bestDistance = distance;
                best = candidate;
            }
        }
        int longest = best == null ? 0 : Math.max(wrong.length(), best.length());
        return bestDistance <= Math.max(1, longest / 3) ? Optional.ofNullable(best) : Optional.empty();
    }

    static String didYouMean(String wrong, Collection<String> known) {
        return nearest(wrong, known).map(n -> " Did you mean '" + n + "'?").orElse("");
    }

    /** Optimal string alignment distance: insert, delete, replace, or swap two neighbours, each costs one. */
    private static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] now = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            now[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                now[j] = Math.min(replace, 1 + Math.min(last[j], now[j - 1]));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    now[j] = Math.min(now[j], beforeLast[j - 2] + 1);
                }
            }
            int[] spare = beforeLast;
            beforeLast = last;
            last = now;
            now = spare;
        }
        return last[b.length()];
    }
}
