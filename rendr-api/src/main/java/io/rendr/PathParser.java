// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Reads the URI form of a path. One use. */
final class PathParser {
    private static final String FORM = "transport://address?option=value, for example tcp://h1:5555?name=lan";

    private final String uri;

    PathParser(String uri) {
        this.uri = uri;
    }

    PathSpec parse() {
        int scheme = uri.indexOf("://");
        int query = uri.indexOf('?');
        if (scheme < 0 || query >= 0 && query < scheme) {
            throw error(0, "no transport; expected " + FORM);
        }
        String transport = uri.substring(0, scheme);
        checkTransport(PathText.hideSecrets(uri), transport);
        int addressStart = scheme + 3;
        int addressEnd = query < 0 ? uri.length() : query;
        int fragment = uri.indexOf('#');
        if (fragment >= 0) {
            throw error(fragment, "'#' has no meaning here; inside a value write %23");
        }
        if (addressStart == addressEnd) {
            throw error(addressStart, "an address is missing after '" + transport + "://'");
        }
        String address = decode(addressStart, addressEnd, true);
        Map<String, String> options = query < 0 ? Map.of() : options(query + 1);
        return new PathSpec(transport, address, options, Set.of());
    }

    static void checkTransport(String shown, String transport) {
        if (transport.isEmpty()) {
            throw new PathSyntaxException(shown, 0, "the transport is missing; expected " + FORM);
        }
        for (int i = 0; i < transport.length(); i++) {
            char c = transport.charAt(i);
            boolean letter = c >= 'a' && c <= 'z';
            boolean other = c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.';
            if (!letter && (i == 0 || !other)) {
                throw new PathSyntaxException(
                        shown,
                        i,
                        "a transport's name is lower-case letters, digits, '+', '-' and '.', not '" + c + "'");
            }
        }
    }

    private Map<String, String> options(int start) {
        Map<String, String> options = new LinkedHashMap<>();
        int at = start;
        while (at <= uri.length()) {
            int next = uri.indexOf('&', at);
            int end = next < 0 ? uri.length() : next;
            int equals = uri.indexOf('=', at);
            int keyEnd = equals < 0 || equals > end ? end : equals;
            String key = uri.substring(at, keyEnd);
            if (key.isEmpty()) {
                throw error(at, "an option's name is missing");
            }
            if (!OptionKey.isName(key)) {
                throw error(at, "'" + key + "' is not an option's name: letters, digits, '.', '_' and '-'");
            }
            String value = keyEnd == end ? "true" : decode(keyEnd + 1, end, false);
            if (options.put(key, value) != null) {
                throw error(at, "option '" + key + "' is given twice");
            }
            at = end + 1;
        }
        return options;
    }

    /** Percent-decodes a part. Inside brackets, where '%' separates the zone of an IPv6 address, only %25 counts. */
    private String decode(int start, int end, boolean brackets) {
        if (uri.substring(start, end).indexOf('%') < 0) {
            return uri.substring(start, end);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(end - start);
        boolean inBrackets = false;
        int i = start;
        while (i < end) {
            char c = uri.charAt(i);
            inBrackets = brackets && (c == '[' || inBrackets && c != ']');
            if (c == '%' && inBrackets) {
                bytes.write('%');
                i += uri.startsWith("%25", i) ? 3 : 1;
            } else if (c == '%') {
                bytes.write(hexByte(i, end));
                i += 3;
            } else {
                int codePoint = uri.codePointAt(i);
                bytes.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
                i += Character.charCount(codePoint);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw error(start, "the %XX here are not valid UTF-8");
        }
    }

    private int hexByte(int percent, int end) {
        int high = percent + 2 < end ? Character.digit(uri.charAt(percent + 1), 16) : -1;
        int low = percent + 2 < end ? Character.digit(uri.charAt(percent + 2), 16) : -1;
        if (high < 0 || low < 0) {
            throw error(percent, "'%' must be followed by two hexadecimal digits; for the character itself write %25");
        }
        return high << 4 | low;
    }

    private PathSyntaxException error(int index, String reason) {
        return new PathSyntaxException(PathText.hideSecrets(uri), index, reason);
    }

    static InetSocketAddress socketAddress(PathSpec spec) {
        String text = spec.address();
        String shown = PathText.transportAndAddress(spec);
        int offset = spec.transport().length() + 3;
        int colon;
        String host;
        if (text.startsWith("[")) {
            int close = text.indexOf(']');
            if (close < 0) {
                throw new PathSyntaxException(shown, offset, "'[' opens an IPv6 address, but no ']' closes it");
            }
            host = text.substring(1, close);
            if (!looksLikeIpv6(host)) {
                throw new PathSyntaxException(shown, offset + 1, "'" + host + "' is not an IPv6 address");
            }
            colon = close + 1;
            if (colon >= text.length() || text.charAt(colon) != ':') {
                throw new PathSyntaxException(shown, offset + colon, "expected ':' and a port after ']'");
            }
        } else {
            colon = text.indexOf(':');
            if (colon < 0) {
                throw new PathSyntaxException(
                        shown, offset + text.length(), "expected ':' and a port after '" + text + "'");
            }
            if (colon != text.lastIndexOf(':')) {
                throw new PathSyntaxException(
                        shown, offset, "write an IPv6 address in brackets, such as [2001:db8::1]:5555");
            }
            host = text.substring(0, colon);
            checkHost(shown, offset, host);
        }
        return InetSocketAddress.createUnresolved(host, port(shown, offset, text, colon + 1));
    }

    private static void checkHost(String shown, int offset, String host) {
        if (host.isEmpty()) {
            throw new PathSyntaxException(
                    shown, offset, "the host is missing; for all interfaces write 0.0.0.0 or [::]");
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (!Character.isLetterOrDigit(c) && c != '-' && c != '.' && c != '_') {
                throw new PathSyntaxException(shown, offset + i, "'" + c + "' cannot be part of a host name");
            }
        }
    }

    private static boolean looksLikeIpv6(String host) {
        int zone = host.indexOf('%');
        String address = zone < 0 ? host : host.substring(0, zone);
        return address.indexOf(':') >= 0 && address.matches("[0-9A-Fa-f:.]+") && zone != host.length() - 1;
    }

    private static int port(String shown, int offset, String text, int start) {
        String digits = text.substring(start);
        if (digits.isEmpty()) {
            throw new PathSyntaxException(shown, offset + start, "a port is missing after ':'");
        }
        if (!digits.matches("[0-9]{1,5}") || Integer.parseInt(digits) > 65535) {
            throw new PathSyntaxException(
                    shown, offset + start, "a port is a number from 0 to 65535, not '" + digits + "'");
        }
        return Integer.parseInt(digits);
    }
}
