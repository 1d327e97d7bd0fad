// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The values of a configuration class by their keys, immutable. One place for defaults, texts, hidden secrets and
 * equality, so that the three configuration classes hold nothing but their vocabulary.
 */
final class Settings {
    private final List<OptionKey<?>> keys;
    private final Map<OptionKey<?>, Object> values;

    private Settings(List<OptionKey<?>> keys, Map<OptionKey<?>, Object> values) {
        this.keys = keys;
        this.values = new IdentityHashMap<>(values);
    }

    <T> T get(OptionKey<T> key) {
        return find(key).or(key::defaultValue).orElseThrow();
    }

    @SuppressWarnings("unchecked") // Draft.set stores under a key what the key's type allows
    <T> Optional<T> find(OptionKey<T> key) {
        return Optional.ofNullable((T) values.get(key));
    }

    boolean isSet(OptionKey<?> key) {
        return values.containsKey(key);
    }

    /** What was set, in the order of the keys. */
    Map<String, String> toMap() {
        Map<String, String> map = new LinkedHashMap<>();
        keys.forEach(key -> putText(key, map));
        return map;
    }

    private <T> void putText(OptionKey<T> key, Map<String, String> map) {
        find(key).ifPresent(value -> map.put(key.name(), key.format(value)));
    }

    /** What was set, for people: secrets hidden. */
    Map<String, String> shown() {
        Map<String, String> map = toMap();
        for (OptionKey<?> key : keys) {
            Object value = values.get(key);
            if (value instanceof Target tree) {
                map.put(key.name(), tree.toString());
            } else if (value != null && key.isSecret()) {
                map.put(key.name(), PathText.HIDDEN);
            }
        }
        return map;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Settings that && toMap().equals(that.toMap());
    }

    @Override
    public int hashCode() {
        return toMap().hashCode();
    }

    /**
     * The texts of a numbered family, {@code path.1}, {@code path.2}, ..., in the order of their numbers; gaps do not
     * matter.
     */
    static List<String> numbered(Map<String, String> map, String family) {
        TreeMap<Integer, String> found = new TreeMap<>();
        map.forEach((name, text) -> {
            if (isNumbered(name, family)) {
                found.put(Integer.valueOf(name.substring(family.length() + 1)), text);
            }
        });
        return List.copyOf(found.values());
    }

    static boolean isNumbered(String name, String family) {
        return name.startsWith(family + ".")
                && name.substring(family.length() + 1).matches("[0-9]{1,9}");
    }

    static void putNumbered(Map<String, String> map, String family, List<String> texts) {
        for (int i = 0; i < texts.size(); i++) {
            map.put(family + "." + (i + 1), texts.get(i));
        }
    }

    static void checkTransports(List<Transport> transports, Draft check) {
        Set<String> names = new HashSet<>();
        for (Transport transport : transports) {
            if (!names.add(transport.transport())) {
                check.problem("two transports are named '" + transport.transport() + "': give one.");
            }
        }
    }

    /** What a builder collects: values, and what is wrong with them. A later value of a key replaces an earlier problem. */
    static final class Draft {
        private final List<OptionKey<?>> keys;
        private final Map<OptionKey<?>, Object> values = new IdentityHashMap<>();
        private final Map<String, String> problemOf = new LinkedHashMap<>();
        private final List<String> problems = new ArrayList<>();

        Draft(List<OptionKey<?>> keys) {
            this.keys = keys;
        }

        void setAll(Settings settings) {
            values.putAll(settings.values);
        }

        /** The same, so that a check may add problems and be repeated. */
        Draft copy() {
            Draft copy = new Draft(keys);
            copy.values.putAll(values);
            copy.problemOf.putAll(problemOf);
            copy.problems.addAll(problems);
            return copy;
        }

        boolean hasProblems() {
            return !problemOf.isEmpty() || !problems.isEmpty();
        }

        <T> void set(OptionKey<T> key, T value) {
            problemOf.remove(key.name());
            try {
                key.check(value);
                values.put(key, value);
            } catch (IllegalArgumentException e) {
                problemOf.put(key.name(), String.valueOf(e.getMessage()));
            }
        }

        private <T> void parse(OptionKey<T> key, String text) {
            try {
                set(key, key.parse(text));
            } catch (IllegalArgumentException e) {
                problemOf.put(key.name(), String.valueOf(e.getMessage()));
            }
        }

        /** Takes what a user gave as text, or notes why it cannot be taken. */
        void attempt(Runnable use) {
            try {
                use.run();
            } catch (IllegalArgumentException e) {
                problem(String.valueOf(e.getMessage()));
            }
        }

        void problem(String sentence) {
            problems.add(sentence);
        }

        /**
         * Reads all entries of a map that are keys; those that belong to a family, such as {@code path.1}, are left to
         * the caller; anything else is a problem.
         */
        void read(Map<String, String> map, List<String> families, Consumer<String> familyMember) {
            map.forEach((name, text) -> {
                Optional<OptionKey<?>> key =
                        keys.stream().filter(k -> k.name().equals(name)).findFirst();
                if (key.isPresent()) {
                    parse(key.get(), text);
                } else if (families.stream().anyMatch(f -> name.startsWith(f + "."))) {
                    familyMember.accept(name);
                } else {
                    unknown(name, families);
                }
            });
        }

        void unknown(String name, List<String> families) {
            List<String> names =
                    new ArrayList<>(keys.stream().map(OptionKey::name).toList());
            families.forEach(f -> names.add(f + ".1"));
            problem("unknown setting '" + name + "'." + Names.didYouMean(name, names) + " Known: "
                    + String.join(", ", names.stream().sorted().toList()) + ".");
        }

        /** The values, if nothing is wrong. */
        Settings settings() {
            return new Settings(keys, values);
        }

        void throwIfAny(String what) {
            List<String> all = new ArrayList<>(problemOf.values());
            all.addAll(problems);
            InvalidConfigException.throwIfAny(what, all);
        }
    }
}
