// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.HexFormat;

/** Hexadecimal text of the 128-bit ids. */
final class Hex {
    private static final HexFormat LOWER = HexFormat.of();

    private Hex() {}

    static String format128(long msb, long lsb) {
        return LOWER.toHexDigits(msb) + LOWER.toHexDigits(lsb);
    }

    static long[] parse128(String type, String text) {
        if (text.length() != 32) {
            throw new IllegalArgumentException(
                    type + " wants 32 hexadecimal digits, not " + text.length() + " characters: '" + text + "'");
        }
        try {
            return new long[] {HexFormat.fromHexDigitsToLong(text, 0, 16), HexFormat.fromHexDigitsToLong(text, 16, 32)};
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(type + " wants 32 hexadecimal digits: '" + text + "'", e);
        }
    }
}
