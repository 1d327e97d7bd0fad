// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A typed, named, documented option: what a transport understands in a {@link PathSpec}, and what the configuration
 * classes read from a map of texts. A key reads and writes its text form, knows its default and whether its value is a
 * secret. Immutable; keys are made once as constants.
 *
 * <pre>{@code
 * static final OptionKey<Long> SEND_BUFFER = OptionKey.bytes("sendBuffer", 0L, "SO_SNDBUF; 0 = the system's choice");
 * long size = spec.option(SEND_BUFFER);
 * }</pre>
 *
 * @param <T> the type of the value
 */
public final class OptionKey<T> {
    private final String name;
    private final String type;
    private final @Nullable T defaultValue;
    private final String help;
    private final Function<String, T> parser;
    private final Function<T, String> formatter;
    private final Predicate<T> allowed;
    private final String must;

    private OptionKey(
            String name,
            String type,
            @Nullable T defaultValue,
            String help,
            Function<String, T> parser,
            Function<T, String> formatter,
            Predicate<T> allowed,
            String must) {
        this.name = checkName(name);
        this.type = type;
        this.defaultValue = defaultValue;
        this.help = Objects.requireNonNull(help, "help");
        this.parser = parser;
        this.formatter = formatter;
        this.allowed = allowed;
        this.must = must;
        if (defaultValue != null) {
            check(defaultValue);
        }
    }

    /** A key of a type that only this package has a text form for. */
    static <T> OptionKey<T> key(
            String name,
            String type,
            @Nullable T defaultValue,
            String help,
            Function<String, T> parser,
            Function<T, String> formatter) {
        return new OptionKey<>(name, type, defaultValue, help, parser, formatter, v -> true, "");
    }

    /**
     * Any text.
     *
     * @param name letters, digits, {@code . _ -}, starting with a letter
     * @param defaultValue the value when absent; {@code null} = there is none
     * @param help one sentence for people
     * @return the key
     */
    public static OptionKey<String> text(String name, @Nullable String defaultValue, String help) {
        return key(name, "text", defaultValue, help, Function.identity(), Function.identity());
    }

    /**
     * Text that is hidden wherever a configuration is printed.
     *
     * @param name see {@link #text}
     * @param defaultValue the value when absent; {@code null} = there is none
     * @param help one sentence for people
     * @return the key
     */
    public static OptionKey<String> secret(String name, @Nullable String defaultValue, String help) {
        return key(name, "secret", defaultValue, help, Function.identity(), Function.identity());
    }

    /**
     * {@code true} or {@code false}; {@code yes}, {@code on}, {@code no}, {@code off} are read too.
     *
     * @param name see {@link #text}
     * @param defaultValue the value when absent; {@code null} = there is none
     * @param help one sentence for people
     * @return the key
     */
    public static OptionKey<Boolean> flag(String name, @Nullable Boolean defaultValue, String help) {
        return key(name, "flag", defaultValue, help, OptionText::parseFlag, String::valueOf);
    }

    /**
     * A whole number.
     *
     * @param name see {@link #text}
     * @param defaultValue the value when absent; {@code null} = there is none
     * @param help one sentence for people
     * @return the key
     */
    public static OptionKey<Integer> integer(String name, @Nullable Integer defaultValue, String help) {
        return key(name, "integer", defaultValue, help, OptionText::parseInteger, String::valueOf);
    }

    /**
     * A number with a fraction.
     *
     * @param name see {@link #text}
     * @param defaultValue the value when absent; {@code null} = there is none
     * @param help one sentence for people
     * @return the key
     */
    public static OptionKey<Double> decimal(String name, @Nullable Double defaultValue, String help) {
        return key(name, "decimal", defaultValue, help, OptionText::parseDecimal, String::valueOf);
    }

    /**
     * A number of bytes: {@code 65536}, {@code 64KiB}, {@code 4MiB}, {@code 1GiB}, and {@code kB}, {@code MB},
     * {@code GB} for powers of 1,000.
     *
     * @param name see {@link #text}
     * @param defaultValue the value when absent; {@code null} = there is none
     * @param help one sentence for people
     * @return the key
     */
    public static OptionKey<Long> bytes(String name, @Nullable Long defaultValue, String help) {
        return key(name, "bytes", defaultValue, help, OptionText::parseBytes, OptionText::formatBytes);
    }

    /**
     * A time span with its unit: {@code 250ms}, {@code 10s}, {@code 1.5s}, {@code 5m}, {@code 1h}, or ISO 8601 such as
     * {@code PT10S}. A number without a unit is refused.
     *
     * @param name see {@link #text}
     * @param defaultValue the value when absent; {@code null} = there is none
     * @param help one sentence for people
     * @return the key
     */
    public static OptionKey<Duration> duration(String name, @Nullable Duration defaultValue, String help) {
        return key(name, "duration", defaultValue, help, OptionText::parseDuration, OptionText::formatDuration);
    }

    /**
     * One of the constants of an enum, written in lower case with {@code -} for {@code _}.
     *
     * @param <E> the enum
     * @param name see {@link #text}
     * @param type the enum's class
     * @param defaultValue the value when absent; {@code null} = there is none
     * @param help one sentence for people
     * @return the key
     */
    public static <E extends Enum<E>> OptionKey<E> choice(
            String name, Class<E> type, @Nullable E defaultValue, String help) {
        E[] constants = type.getEnumConstants();
        List<String> names = Arrays.stream(constants).map(OptionKey::choiceName).toList();
        return key(
                name,
                String.join("|", names),
                defaultValue,
                help,
                text -> constants[indexOf(names, text)],
                OptionKey::choiceName);
    }

    /**
     * One of the given words.
     *
     * @param name see {@link #text}
     * @param defaultValue the value when absent; {@code null} = there is none
     * @param help one sentence for people
     * @param words the words that are allowed, at least one
     * @return the key
     */
    public static OptionKey<String> choice(String name, @Nullable String defaultValue, String help, String... words) {
        List<String> names = List.of(words);
        OptionKey<String> key =
                key(name, String.join("|", names), defaultValue, help, t -> names.get(indexOf(names, t)), w -> w);
        return key.where(names::contains, "be one of " + String.join(", ", names));
    }

    private static String choiceName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static int indexOf(List<String> names, String text) {
        int index = names.indexOf(text.toLowerCase(Locale.ROOT).replace('_', '-'));
        if (index < 0) {
            throw new IllegalArgumentException(
                    "one of " + String.join(", ", names) + "." + Names.didYouMean(text, names));
        }
        return index;
    }

    /**
     * The same key with bounds.
     *
     * @param min the smallest value allowed
     * @param max the largest value allowed
     * @return a new key
     * @throws IllegalArgumentException if the default is outside
     */
    @SuppressWarnings("unchecked") // every ordered value type of a key is comparable to itself
    public OptionKey<T> between(T min, T max) {
        Comparable<T> low = (Comparable<T>) min;
        Comparable<T> high = (Comparable<T>) max;
        return where(
                v -> low.compareTo(v) <= 0 && high.compareTo(v) >= 0,
                "be " + formatter.apply(min) + " to " + formatter.apply(max));
    }

    /**
     * The same key with one more condition.
     *
     * @param condition what holds for every allowed value
     * @param must the condition in words, continuing "must ..."
     * @return a new key
     * @throws IllegalArgumentException if the default does not fulfil it
     */
    public OptionKey<T> where(Predicate<T> condition, String must) {
        String both = this.must.isEmpty() ? must : this.must + " and " + must;
        return new OptionKey<>(
                name, type, defaultValue, help, parser, formatter, v -> allowed.test(v) && condition.test(v), both);
    }

    /**
     * The same key with another default, for a transport that needs one.
     *
     * @param value the new default
     * @return a new key
     */
    public OptionKey<T> withDefault(T value) {
        return new OptionKey<>(name, type, value, help, parser, formatter, allowed, must);
    }

    /** {@return the name, as in {@code ?name=value}} */
    public String name() {
        return name;
    }

    /** {@return the type in a word, or the words that can be chosen separated by a bar} */
    public String type() {
        return type;
    }

    /** {@return the value when the option is absent; empty if there is none} */
    public Optional<T> defaultValue() {
        return Optional.ofNullable(defaultValue);
    }

    /** {@return what the option does, one sentence} */
    public String help() {
        return help;
    }

    /** {@return whether the value must not be printed} */
    public boolean isSecret() {
        return type.equals("secret");
    }

    /**
     * Reads a value.
     *
     * @param text as written in a URI or a map, without percent encoding
     * @return the value
     * @throws IllegalArgumentException if it does not fit; the message names the option and what it takes, and shows the
     *     text unless it is a secret
     */
    public T parse(String text) {
        T value;
        try {
            value = parser.apply(text);
        } catch (IllegalArgumentException e) {
            String shown = isSecret() ? "that value" : "'" + text + "'";
            throw new IllegalArgumentException(
                    "option '" + name + "' takes " + e.getMessage() + " Not " + shown + ".", e);
        }
        check(value);
        return value;
    }

    /**
     * Writes a value in the form that {@link #parse} reads. Secrets are not hidden.
     *
     * @param value the value
     * @return its text
     */
    public String format(T value) {
        return formatter.apply(value);
    }

    /**
     * Checks a value against the bounds of this key.
     *
     * @param value the value
     * @throws IllegalArgumentException if it is not allowed
     */
    public void check(T value) {
        if (!allowed.test(Objects.requireNonNull(value, name))) {
            String shown = isSecret() ? "" : ", not " + formatter.apply(value);
            throw new IllegalArgumentException("option '" + name + "' must " + must + shown + ".");
        }
    }

    /**
     * Finds what is wrong with a set of options: unknown names, and values that cannot be read.
     *
     * @param options names and texts
     * @param known the keys that are understood
     * @return the problems, each a sentence; empty if there are none
     */
    static List<String> problems(Map<String, String> options, Collection<OptionKey<?>> known) {
        List<String> names = known.stream().map(OptionKey::name).distinct().toList();
        List<String> problems = new ArrayList<>();
        options.forEach((name, text) -> {
            Optional<OptionKey<?>> key =
                    known.stream().filter(k -> k.name().equals(name)).findFirst();
            if (key.isEmpty()) {
                problems.add("unknown option '" + name + "'." + Names.didYouMean(name, names) + " Known: "
                        + names.stream().sorted().collect(Collectors.joining(", ")) + ".");
                return;
            }
            try {
                key.get().parse(text);
            } catch (IllegalArgumentException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        });
        return problems;
    }

    private static String checkName(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "an option's name is letters, digits, '.', '_' and '-', starting with a letter: '" + name + "'");
        }
        return name;
    }

    static boolean isName(String name) {
        return name.matches("[A-Za-z][A-Za-z0-9._-]*");
    }

    /** {@return name and type, such as {@code connectTimeout (duration)}} */
    @Override
    public String toString() {
        return name + " (" + type + ")";
    }
}
