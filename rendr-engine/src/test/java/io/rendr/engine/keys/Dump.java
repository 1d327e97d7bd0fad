// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Takes messages and frames apart for people, field by field, by tables of its own: it shares no code with what it shows.
 */
final class Dump {
    private static final HexFormat HEX = HexFormat.of();
    private final StringBuilder out = new StringBuilder();
    private byte[] bytes = {};
    private int at;

    @Override
    public String toString() {
        return out.toString();
    }

    void heading(String text) {
        out.append('\n').append("--- ").append(text).append('\n');
    }

    void record(byte[] record) {
        out.append("record ").append(HEX.formatHex(record)).append('\n');
    }

    private long number(int length) {
        long v = 0;
        for (int i = 0; i < length; i++) {
            v = v << 8 | bytes[at + i] & 0xff;
        }
        return v;
    }

    private long field(String name, int length, String meaning) {
        long v = length <= 8 ? number(length) : 0;
        out.append(String.format("%04x  %-18s ", at, name));
        String hex = HEX.formatHex(bytes, at, at + length);
        out.append(meaning.isEmpty() ? hex : String.format("%-18s  %s", hex, meaning))
                .append('\n');
        at += length;
        return v;
    }

    private long decimal(String name, int length) {
        return field(name, length, Long.toString(number(length)));
    }

    private long flag(String name, String no, String yes) {
        return field(name, 1, number(1) == 0 ? no : yes);
    }

    private void raw(String name, int length) {
        field(name, length, "");
    }

    private void text(String name, int lengthBytes) {
        int length = (int) number(lengthBytes);
        String text = new String(bytes, at + lengthBytes, length, UTF_8);
        field(name, lengthBytes + length, "length " + length + (length == 0 ? "" : ", \"" + text + "\""));
    }

    private int head(String type) {
        field("type", 1, type);
        field("flags", 1, bytes[at] == 1 ? "FIN" : "");
        return (int) decimal("length", 2);
    }

    private void begin(byte[] message, String type) {
        bytes = message;
        at = 0;
        head(type);
    }

    private void end() {
        if (at != bytes.length) {
            throw new AssertionError("took " + at + " of " + bytes.length + " bytes apart");
        }
    }

    void hello(byte[] message) {
        begin(message, "HELLO");
        field("magic", 4, "\"RNDR\"");
        decimal("version min", 1);
        decimal("version max", 1);
        flag("kind", "stream", "packets");
        flag("protection", "none", "sealed");
        flag("sealed", "no", "yes");
        raw("flow", 16);
        raw("instance", 16);
        raw("ephemeral", 32);
        decimal("path", 4);
        decimal("credit", 8);
        field("budget", 4, number(4) + " ms");
        field("repair time", 2, number(2) + " ms");
        decimal("packet size", 2);
        decimal("connection id", 8);
        text("cookie", 1);
        text("psk id", 1);
        text("padding", 2);
        raw("binder", 32);
        end();
    }

    void helloAck(byte[] message) {
        begin(message, "HELLO_ACK");
        decimal("version", 1);
        flag("protection", "none", "sealed");
        raw("instance", 16);
        raw("ephemeral", 32);
        decimal("credit", 8);
        field("budget", 4, number(4) + " ms");
        decimal("packet size", 2);
        decimal("connection id", 8);
        raw("confirm", 32);
        end();
    }

    void confirm(byte[] message) {
        begin(message, "CONFIRM");
        raw("mac", 32);
        end();
    }

    void attach(byte[] message) {
        begin(message, "ATTACH");
        field("magic", 4, "\"RNDR\"");
        decimal("version", 1);
        flag("sealed", "no", "yes");
        raw("flow", 16);
        raw("instance", 16);
        decimal("path", 4);
        decimal("carrier number", 4);
        raw("nonce", 16);
        decimal("connection id", 8);
        text("cookie", 1);
        text("psk id", 1);
        raw("mac1", 32);
        end();
    }

    void attachAck(byte[] message) {
        begin(message, "ATTACH_ACK");
        raw("nonce", 16);
        decimal("connection id", 8);
        raw("mac2", 32);
        end();
    }

    void refuse(byte[] message) {
        begin(message, "REFUSE");
        decimal("code", 2);
        raw("instance", 16);
        decimal("a", 4);
        decimal("b", 4);
        raw("mac", 32);
        end();
    }

    /** Whole frames, one after the other. */
    void frames(byte[] plain) {
        bytes = plain;
        at = 0;
        while (at < bytes.length) {
            frame();
        }
        end();
    }

    private void frame() {
        int type = bytes[at] & 0xff;
        switch (type) {
            case 0x10 -> {
                int length = head("DATA");
                decimal("offset", 8);
                if (length > 8) {
                    field("payload", length - 8, "\"" + new String(bytes, at, length - 8, UTF_8) + "\"");
                }
            }
            case 0x12 -> {
                int length = head("ACK");
                decimal("cum", 8);
                decimal("limit", 8);
                decimal("consumed", 8);
                decimal("returns", 2);
                for (int rest = length - 26; rest > 0; rest -= 16) {
                    decimal("range start", 8);
                    decimal("range end", 8);
                }
            }
            case 0x20 -> {
                head("PING");
                decimal("id", 8);
            }
            case 0x21 -> {
                head("PONG");
                decimal("id", 8);
                field("hold", 4, number(4) + " us");
                decimal("rx", 8);
            }
            case 0x22 -> {
                head("RX");
                decimal("rx", 8);
                field("hold", 4, number(4) + " us");
            }
            case 0x30 -> {
                head("POLICY");
                decimal("epoch", 4);
                field("cause", 1, List.of("explicit", "death", "quality").get((int) number(1)));
                node("");
            }
            case 0x32 -> {
                head("STOP");
                field("code", 4, "CLOSED");
            }
            case 0x35 -> head("BYE");
            case 0x36 -> {
                head("INFO");
                text("kind", 1);
                text("version", 1);
                for (long n = decimal("capabilities", 1); n > 0; n--) {
                    text("  capability", 1);
                }
                for (long n = decimal("metadata", 1); n > 0; n--) {
                    text("  key", 1);
                    text("  value", 2);
                }
            }
            case 0x37 -> head("ACCEPTED");
            default -> throw new AssertionError("no table for frame " + type + " in " + Arrays.toString(bytes));
        }
    }

    private void node(String indent) {
        switch ((int) number(1)) {
            case 0 -> {
                field(indent + "node", 1, "leaf");
                text(indent + "  name", 1);
                decimal(indent + "  path", 4);
                field(
                        indent + "  flags",
                        1,
                        List.of("", "backup", "in use", "backup, in use").get((int) number(1)));
            }
            case 1 -> {
                field(indent + "node", 1, "selector");
                text(indent + "  name", 1);
                boolean quality = number(1) != 0;
                flag(indent + "  flags", "", "quality");
                if (quality) {
                    field(indent + "  hysteresis", 2, number(2) + " thousandths");
                    field(indent + "  floor", 4, number(4) + " us");
                    field(indent + "  dwell", 4, number(4) + " ms");
                    field(indent + "  cooldown", 4, number(4) + " ms");
                }
                decimal(indent + "  duplication", 2);
                for (long n = decimal(indent + "  children", 1); n > 0; n--) {
                    node(indent + "  ");
                }
            }
            default -> throw new AssertionError("no table for node " + number(1));
        }
    }
}
