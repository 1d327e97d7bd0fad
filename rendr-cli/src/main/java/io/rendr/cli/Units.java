// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Amounts, as people read and write them. */
final class Units {
    private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB"};
    private static final Pattern AMOUNT = Pattern.compile("(\\d+)\\s*([a-zA-Z/]*)");

    private Units() {}

    /** {@code 256.0 MiB}. */
    static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < BINARY.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, BINARY[unit]);
    }

    /** {@code 24.9 MB/s}, in millions of bytes. */
    static String rate(long bytes, long nanos) {
        return nanos <= 0 ? "-" : String.format(Locale.ROOT, "%.1f MB/s", bytes * 1e3 / nanos);
    }

    /** {@code 12.3 ms}; more digits the shorter it is. */
    static String millis(Duration duration) {
        double millis = duration.toNanos() / 1e6;
        String form = millis < 1 ? "%.2f ms" : millis < 100 ? "%.1f ms" : "%.0f ms";
        return String.format(Locale.ROOT, form, millis);
    }

    private static long amount(String text, String what, String... unitsAndFactors) {
        Matcher matcher = AMOUNT.matcher(text.strip());
        if (matcher.matches()) {
            for (int i = 0; i < unitsAndFactors.length; i += 2) {
                if (unitsAndFactors[i].equalsIgnoreCase(matcher.group(2))) {
                    try {
                        return Math.multiplyExact(
                                Long.parseLong(matcher.group(1)), Long.parseLong(unitsAndFactors[i + 1]));
                    } catch (ArithmeticException | NumberFormatException e) {
                        throw new TypeConversionException("'" + text + "' is too much");
                    }
                }
            }
        }
        throw new TypeConversionException("'" + text + "' is not " + what);
    }

    /** Reads {@code 256MiB}. */
    static final class Bytes implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return amount(
                    text,
                    "an amount such as 1000, 64KiB, 256MiB or 1GiB",
                    "",
                    "1",
                    "B",
                    "1",
                    "KiB",
                    "1024",
                    "MiB",
                    "1048576",
                    "GiB",
                    "1073741824",
                    "k",
                    "1024",
                    "m",
                    "1048576",
                    "g",
                    "1073741824");
        }
    }

    /** Reads {@code 200mbit}, into bytes per second. */
    static final class Rate implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return amount(
                    text,
                    "a rate such as 200mbit, 1gbit or 0 for no limit",
                    "",
                    "1",
                    "kbit",
                    "125",
                    "mbit",
                    "125000",
                    "gbit",
                    "125000000");
        }
    }

    /** Reads {@code 250ms}. */
    static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return Duration.ofMillis(
                    amount(text, "a time such as 250ms, 30s or 5m", "ms", "1", "s", "1000", "m", "60000"));
        }
    }
}
