// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts of option values. What cannot be read is an IllegalArgumentException whose message completes "takes ...". */
final class OptionText {
    private static final Pattern WITH_UNIT = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([A-Za-zµ]+)");
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000_000_000;

    private OptionText() {}

    static Boolean parseFlag(String text) {
        switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on":
                return true;
            case "false", "no", "off":
                return false;
            default:
                throw new IllegalArgumentException("true or false.");
        }
    }

    static Integer parseInteger(String text) {
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a whole number.", e);
        }
    }

    static Double parseDecimal(String text) {
        try {
            double value = Double.parseDouble(text);
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a number.", e);
        }
        throw new IllegalArgumentException("a finite number.");
    }

    static Long parseBytes(String text) {
        String wanted = "a number of bytes such as 65536, 64KiB or 4MiB.";
        try {
            if (text.matches("\\d+")) {
                return Long.valueOf(text);
            }
            Matcher m = WITH_UNIT.matcher(text);
            if (m.matches()) {
                long unit = byteUnit(m.group(2), wanted);
                return new BigDecimal(m.group(1))
                        .multiply(BigDecimal.valueOf(unit))
                        .longValueExact();
            }
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException(wanted, e);
        }
        throw new IllegalArgumentException(wanted);
    }

    private static long byteUnit(String unit, String wanted) {
        switch (unit) {
            case "B":
                return 1;
            case "kB":
                return 1_000;
            case "MB":
                return 1_000_000;
            case "GB":
                return 1_000_000_000;
            case "KiB", "K":
                return 1L << 10;
            case "MiB", "M":
                return 1L << 20;
            case "GiB", "G":
                return 1L << 30;
            default:
                throw new IllegalArgumentException(wanted);
        }
    }

    static String formatBytes(Long bytes) {
        if (bytes != 0 && bytes % (1L << 30) == 0) {
            return (bytes >> 30) + "GiB";
        }
        if (bytes != 0 && bytes % (1L << 20) == 0) {
            return (bytes >> 20) + "MiB";
        }
        if (bytes != 0 && bytes % (1L << 10) == 0) {
            return (bytes >> 10) + "KiB";
        }
        return bytes.toString();
    }

    static Duration parseDuration(String text) {
        String wanted = "a time span with its unit such as 250ms, 10s or 5m.";
        try {
            if (text.startsWith("P")) {
                return Duration.parse(text);
            }
            if (text.equals("0")) {
                return Duration.ZERO;
            }
            Matcher m = WITH_UNIT.matcher(text);
            if (m.matches()) {
                long unit = timeUnit(m.group(2), wanted);
                return Duration.ofNanos(new BigDecimal(m.group(1))
                        .multiply(BigDecimal.valueOf(unit))
                        .longValueExact());
            }
        } catch (ArithmeticException | DateTimeParseException e) {
            throw new IllegalArgumentException(wanted, e);
        }
        throw new IllegalArgumentException(wanted);
    }

    private static long timeUnit(String unit, String wanted) {
        switch (unit) {
            case "ns":
                return 1;
            case "us", "µs":
                return MICRO;
            case "ms":
                return MILLI;
            case "s":
                return SECOND;
            case "m", "min":
                return 60 * SECOND;
            case "h":
                return 3600 * SECOND;
            default:
                throw new IllegalArgumentException(wanted);
        }
    }

    static String formatDuration(Duration d) {
        if (d.isNegative() || d.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0) {
            return d.toString();
        }
        long nanos = d.toNanos();
        if (nanos % SECOND == 0) {
            return nanos / SECOND + "s";
        }
        if (nanos % MILLI == 0) {
            return nanos / MILLI + "ms";
        }
        return nanos % MICRO == 0 ? nanos / MICRO + "us" : nanos + "ns";
    }

    static InstanceId parseInstanceId(String text) {
        try {
            return InstanceId.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("32 hexadecimal digits.", e);
        }
    }

    static L3Identity parseL3Identity(String text) {
        String wanted = "protocol, source and destination, such as '6 10.0.0.1:4711 [2001:db8::1]:443'.";
        String[] parts = text.trim().split("\\s+");
        try {
            if (parts.length == 3) {
                return new L3Identity(Integer.parseInt(parts[0]), numeric(parts[1]), numeric(parts[2]));
            }
        } catch (IllegalArgumentException | UnknownHostException e) {
            throw new IllegalArgumentException(wanted, e);
        }
        throw new IllegalArgumentException(wanted);
    }

    static String formatL3Identity(L3Identity identity) {
        return identity.ipProtocol() + " " + format(identity.source()) + " " + format(identity.destination());
    }

    private static InetSocketAddress numeric(String text) throws UnknownHostException {
        InetSocketAddress address = PathSpec.of("ip", text).socketAddress();
        String host = address.getHostString();
        if (!host.contains(":") && !host.matches("[0-9.]+")) {
            throw new IllegalArgumentException("not a numeric address: " + host);
        }
        return new InetSocketAddress(InetAddress.getByName(host), address.getPort());
    }

    private static String format(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
