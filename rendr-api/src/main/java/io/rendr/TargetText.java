// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads and writes the text form of a policy tree, see {@link Target#parse}. A reader is for one use. */
final class TargetText {
    private static final OptionKey<Double> HYSTERESIS =
            OptionKey.decimal("hysteresis", QualityPolicy.DEFAULT.hysteresis(), "");
    private static final OptionKey<Duration> FLOOR = OptionKey.duration("floor", QualityPolicy.DEFAULT.floor(), "");
    private static final OptionKey<Duration> DWELL = OptionKey.duration("dwell", QualityPolicy.DEFAULT.dwell(), "");
    private static final OptionKey<Duration> COOLDOWN =
            OptionKey.duration("cooldown", QualityPolicy.DEFAULT.cooldown(), "");
    private static final OptionKey<Double> DUPLICATION = OptionKey.decimal("duplication", 0.0, "");
    private static final OptionKey<Double> STUCK =
            OptionKey.decimal("stuck", Target.Bond.DEFAULT_STUCK_RTT_MULTIPLIER, "");

    private static final List<OptionKey<?>> QUALITY_KEYS = List.of(HYSTERESIS, FLOOR, DWELL, COOLDOWN);
    private static final List<OptionKey<?>> SELECTOR_KEYS = List.of(HYSTERESIS, FLOOR, DWELL, COOLDOWN, DUPLICATION);
    private static final List<OptionKey<?>> BOND_KEYS = List.of(STUCK);
    private static final String SELECTOR = "selector";
    /** The same, for the fingers. */
    private static final String SHORT = "select";

    private static final List<String> KINDS = List.of(SELECTOR, "race", "bond");
    private static final String SPECIAL = ",(){}\"=";

    private final String text;
    private final Collection<PathSpec> paths;
    private final Map<String, Integer> unnamed = new HashMap<>();
    private int at;

    TargetText(String text, Collection<PathSpec> paths) {
        this.text = text;
        this.paths = paths;
    }

    Target parse() {
        Target root = node();
        skipSpace();
        if (at < text.length()) {
            throw error(at, "expected the end here, not '" + text.charAt(at) + "'");
        }
        return root;
    }

    private Target node() {
        skipSpace();
        int start = at;
        boolean quoted = peek() == '"';
        String word = word();
        skipSpace();
        if (!quoted && word.equals(SHORT)) {
            word = SELECTOR;
        }
        boolean group = !quoted && KINDS.contains(word) && at < text.length() && ",)}=".indexOf(text.charAt(at)) < 0;
        if (group) {
            return group(word);
        }
        return skip('=') ? named(word) : leaf(word, start);
    }

    /** A path that is named where it stands: {@code name=uri}. */
    private Target named(String name) {
        skipSpace();
        int start = at;
        try {
            return new Target.Path(name, PathSpec.of(word()));
        } catch (PathSyntaxException e) {
            throw error(start, String.valueOf(e.getMessage()));
        }
    }

    private Target group(String kind) {
        int start = at;
        String name = peek() == '(' || peek() == '{' ? unnamed(kind) : word();
        skipSpace();
        Map<String, String> options = peek() == '{' ? options() : Map.of();
        List<Target> children = new ArrayList<>();
        expect('(', "the children of " + kind + " '" + name + "'");
        do {
            children.add(node());
            skipSpace();
        } while (skip(','));
        expect(')', "',' and another child, or the end of " + kind + " '" + name + "'");
        try {
            return build(kind, name, options, children);
        } catch (IllegalArgumentException e) {
            throw error(start, String.valueOf(e.getMessage()));
        }
    }

    /** Groups without a name are called by what they are: bond, bond2, and so on. */
    private String unnamed(String kind) {
        int before = unnamed.merge(kind, 1, Integer::sum);
        return before == 1 ? kind : kind + before;
    }

    private static Target build(String kind, String name, Map<String, String> options, List<Target> children) {
        List<OptionKey<?>> known = switch (kind) {
            case "selector" -> SELECTOR_KEYS;
            case "bond" -> BOND_KEYS;
            default -> List.of();
        };
        InvalidConfigException.throwIfAny(kind + " '" + name + "'", OptionKey.problems(options, known));
        return switch (kind) {
            case "selector" -> new Target.Selector(name, children, quality(options), value(options, DUPLICATION));
            case "bond" -> new Target.Bond(name, children, value(options, STUCK));
            default -> new Target.Race(name, children);
        };
    }

    private static @Nullable QualityPolicy quality(Map<String, String> options) {
        if (QUALITY_KEYS.stream().noneMatch(k -> options.containsKey(k.name()))) {
            return null;
        }
        return new QualityPolicy(
                value(options, HYSTERESIS), value(options, FLOOR), value(options, DWELL), value(options, COOLDOWN));
    }

    private static <T> T value(Map<String, String> options, OptionKey<T> key) {
        String given = options.get(key.name());
        return given == null ? key.defaultValue().orElseThrow() : key.parse(given);
    }

    private Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        expect('{', "options");
        do {
            skipSpace();
            int start = at;
            String key = word();
            skipSpace();
            expect('=', "a value for '" + key + "'");
            skipSpace();
            if (options.put(key, word()) != null) {
                throw error(start, "option '" + key + "' is given twice");
            }
            skipSpace();
        } while (skip(','));
        expect('}', "',' and another option, or the end of the options");
        skipSpace();
        return options;
    }

    private Target leaf(String word, int start) {
        for (PathSpec spec : paths) {
            if (spec.name().equals(word)) {
                return Target.path(spec);
            }
        }
        if (word.contains("://")) {
            return Target.path(word);
        }
        List<String> names = paths.stream().map(PathSpec::name).toList();
        throw error(
                start,
                "no path is named '" + word + "'." + Names.didYouMean(word, names)
                        + " Expected the name of a path, a path URI, or selector, race or bond with its children");
    }

    private String word() {
        if (peek() == '"') {
            return quotedWord();
        }
        int start = at;
        while (at < text.length() && !Character.isWhitespace(text.charAt(at)) && !endsWord(start)) {
            at++;
        }
        if (at == start) {
            throw error(at, at < text.length() ? "unexpected '" + text.charAt(at) + "'" : "more was expected");
        }
        return text.substring(start, at);
    }

    /** A '=' ends the name of an option, but not a URI. */
    private boolean endsWord(int start) {
        char c = text.charAt(at);
        return SPECIAL.indexOf(c) >= 0 && (c != '=' || text.substring(start, at).indexOf("://") < 0);
    }

    private String quotedWord() {
        int start = at++;
        StringBuilder word = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
            }
            word.append(text.charAt(at++));
        }
        if (at == text.length()) {
            throw error(start, "this quote is never closed");
        }
        at++;
        return word.toString();
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private boolean skip(char c) {
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    private void expect(char c, String meaning) {
        skipSpace();
        if (!skip(c)) {
            throw error(at, "expected '" + c + "': " + meaning);
        }
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private IllegalArgumentException error(int index, String reason) {
        return new IllegalArgumentException("policy tree, character " + (index + 1) + ": " + reason);
    }

    static String write(Target node, boolean withSecrets) {
        StringBuilder out = new StringBuilder();
        write(node, withSecrets, out);
        return out.toString();
    }

    private static void write(Target node, boolean withSecrets, StringBuilder out) {
        if (node instanceof Target.Path leaf) {
            PathSpec spec = leaf.spec();
            out.append(quote(withSecrets ? spec.toUriWithSecrets() : spec.toUri()));
            return;
        }
        Map<String, String> options = new LinkedHashMap<>();
        String kind;
        if (node instanceof Target.Selector s) {
            kind = "selector";
            QualityPolicy quality = s.quality();
            if (quality != null) {
                options.put(HYSTERESIS.name(), HYSTERESIS.format(quality.hysteresis()));
                options.put(FLOOR.name(), FLOOR.format(quality.floor()));
                options.put(DWELL.name(), DWELL.format(quality.dwell()));
                options.put(COOLDOWN.name(), COOLDOWN.format(quality.cooldown()));
            }
            if (s.duplication() != 0) {
                options.put(DUPLICATION.name(), DUPLICATION.format(s.duplication()));
            }
        } else if (node instanceof Target.Bond b) {
            kind = "bond";
            if (b.stuckRttMultiplier() != Target.Bond.DEFAULT_STUCK_RTT_MULTIPLIER) {
                options.put(STUCK.name(), STUCK.format(b.stuckRttMultiplier()));
            }
        } else {
            kind = "race";
        }
        out.append(kind).append(' ').append(quote(node.name()));
        if (!options.isEmpty()) {
            String separator = "{";
            for (Map.Entry<String, String> option : options.entrySet()) {
                out.append(separator).append(option.getKey()).append('=').append(option.getValue());
                separator = ", ";
            }
            out.append('}');
        }
        String separator = "(";
        for (Target child : node.children()) {
            out.append(separator);
            write(child, withSecrets, out);
            separator = ", ";
        }
        out.append(')');
    }

    private static String quote(String word) {
        boolean uri = word.contains("://");
        boolean plain =
                word.chars().noneMatch(c -> Character.isWhitespace(c) || SPECIAL.indexOf(c) >= 0 && (c != '=' || !uri))
                        && !KINDS.contains(word)
                        && !SHORT.equals(word);
        return plain ? word : '"' + word.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
