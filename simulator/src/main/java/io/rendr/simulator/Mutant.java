// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A rule taken out of the engine: a patch beside the simulator, the scenario that misses the rule, and what that says
 * then. A patch is a unified diff whose first lines are
 *
 * <pre>
 * # rule: ID
 * # killer: SCENARIO
 * # because: part of what the scenario says without the rule
 * </pre>
 *
 * <p>Hunks are found by their text, not by their line numbers, so that a patch lives as long as the lines it is about.
 *
 * @param because empty when it is the scenario's figure that moves
 */
record Mutant(String name, Rule rule, String killer, String because, List<Hunk> hunks) {
    /**
     * @param file below the engine's source root
     * @param before whole lines, found once in the file
     * @param after what stands there instead
     */
    record Hunk(String file, String before, String after) {}

    /** All mutants of a directory, by name. */
    static List<Mutant> all(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".patch"))
                    .sorted()
                    .map(Mutant::read)
                    .toList();
        }
    }

    private static Mutant read(Path patch) {
        String name = patch.getFileName().toString().replace(".patch", "");
        try {
            return parse(name, Files.readAllLines(patch));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Mutant parse(String name, List<String> lines) {
        Map<String, String> head = new HashMap<>();
        List<Hunk> hunks = new ArrayList<>();
        String file = "";
        StringBuilder before = new StringBuilder();
        StringBuilder after = new StringBuilder();
        for (String line : lines) {
            if (line.startsWith("# ")) {
                int colon = line.indexOf(": ");
                head.put(line.substring(2, colon), line.substring(colon + 2).trim());
            } else if (line.startsWith("@@") || line.startsWith("--- ")) {
                keep(hunks, file, before, after);
            } else if (line.startsWith("+++ b/")) {
                file = line.substring("+++ b/".length()).replaceAll("\t.*", "");
            } else {
                String text = line.isEmpty() ? "" : line.substring(1);
                if (!line.startsWith("+")) {
                    before.append(text).append('\n');
                }
                if (!line.startsWith("-")) {
                    after.append(text).append('\n');
                }
            }
        }
        keep(hunks, file, before, after);
        String rule = head.getOrDefault("rule", "");
        String killer = head.getOrDefault("killer", "");
        if (rule.isEmpty() || killer.isEmpty() || hunks.isEmpty()) {
            throw new IllegalArgumentException(name + ".patch misses its rule, its killer or its hunks");
        }
        return new Mutant(name, Rule.valueOf(rule), killer, head.getOrDefault("because", ""), hunks);
    }

    private static void keep(List<Hunk> hunks, String file, StringBuilder before, StringBuilder after) {
        if (before.length() > 0) {
            hunks.add(new Hunk(file, before.toString(), after.toString()));
        }
        before.setLength(0);
        after.setLength(0);
    }

    /**
     * The changed sources, by file.
     *
     * @throws IllegalStateException if a hunk is not found, or more than once
     */
    Map<String, String> apply(Path sources) throws IOException {
        Map<String, String> changed = new LinkedHashMap<>();
        for (Hunk hunk : hunks) {
            String source = changed.get(hunk.file());
            if (source == null) {
                source = Files.readString(sources.resolve(hunk.file()));
            }
            int at = source.indexOf(hunk.before());
            if (at < 0 || source.indexOf(hunk.before(), at + 1) >= 0) {
                String how = at < 0 ? "is not there any more" : "is there more than once";
                throw new IllegalStateException(
                        hunk.file() + ": what the patch replaces " + how + ":\n" + hunk.before());
            }
            String mutated = source.substring(0, at)
                    + hunk.after()
                    + source.substring(at + hunk.before().length());
            changed.put(hunk.file(), mutated);
        }
        return changed;
    }
}
