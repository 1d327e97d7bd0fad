// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Writes paths, and hides what must not be printed. */
final class PathText {
    static final String HIDDEN = "***";

    private static final Pattern SECRET_NAME = Pattern.compile(
            "(?:.*[._-])?(?:pass|passwd|password|passphrase|secret|token|psk|key|apikey|credentials?|auth)");
    private static final Pattern SECRET_END =
            Pattern.compile(".*(?:Password|Passphrase|Secret|Token|Psk|Key|Credentials?|Auth)");

    private PathText() {}

    /** Whether an option's name alone says that its value must not be printed. */
    static boolean isSecretName(String name) {
        return SECRET_NAME.matcher(name.toLowerCase(Locale.ROOT)).matches()
                || SECRET_END.matcher(name).matches();
    }

    static String transportAndAddress(PathSpec spec) {
        return spec.transport() + "://" + encode(hidePassword(spec.address()), "?#", true);
    }

    static String uri(PathSpec spec, Set<String> secrets, boolean complete) {
        StringBuilder out = new StringBuilder(spec.transport())
                .append("://")
                .append(encode(complete ? spec.address() : hidePassword(spec.address()), "?#", true));
        char separator = '?';
        for (Map.Entry<String, String> option : spec.options().entrySet()) {
            String name = option.getKey();
            boolean hide = !complete && (secrets.contains(name) || isSecretName(name));
            out.append(separator).append(name).append('=');
            out.append(hide ? HIDDEN : encode(option.getValue(), "&#", false));
            separator = '&';
        }
        return out.toString();
    }

    /** The text of somebody's URI that may not even be well-formed, fit for an error message. */
    static String hideSecrets(String uri) {
        int query = uri.indexOf('?');
        String head = hidePassword(query < 0 ? uri : uri.substring(0, query));
        if (query < 0) {
            return head;
        }
        StringBuilder out = new StringBuilder(head);
        char separator = '?';
        for (String part : uri.substring(query + 1).split("&", -1)) {
            int equals = part.indexOf('=');
            boolean hide = equals >= 0 && isSecretName(part.substring(0, equals));
            out.append(separator).append(hide ? part.substring(0, equals + 1) + HIDDEN : part);
            separator = '&';
        }
        return out.toString();
    }

    private static String hidePassword(String address) {
        int at = address.lastIndexOf('@');
        if (at < 0) {
            return address;
        }
        int scheme = address.indexOf("://");
        int from = scheme < 0 ? 0 : scheme + 3;
        int colon = address.indexOf(':', from);
        return colon < 0 || colon > at ? address : address.substring(0, colon + 1) + HIDDEN + address.substring(at);
    }

    /** Percent-encodes control characters, spaces, '%' and the given ones. Other text, letters of any script, stays. */
    private static String encode(String text, String also, boolean bracketsHold) {
        StringBuilder out = null;
        boolean inBrackets = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            inBrackets = bracketsHold && (c == '[' || inBrackets && c != ']');
            boolean plain = c > ' ' && c != 0x7f && (c != '%' || inBrackets) && also.indexOf(c) < 0;
            if (plain && out == null) {
                continue;
            }
            if (out == null) {
                out = new StringBuilder(text.length() + 16).append(text, 0, i);
            }
            if (plain) {
                out.append(c);
            } else {
                appendEncoded(out, c);
            }
        }
        return out == null ? text : out.toString();
    }

    private static void appendEncoded(StringBuilder out, char c) {
        for (byte b : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
            out.append('%').append(String.format(Locale.ROOT, "%02X", b & 0xff));
        }
    }
}
