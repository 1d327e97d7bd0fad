// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Strings on the wire: a length and strict UTF-8. */
final class Text {
    private Text() {}

    static void writeShort(ByteBuf out, String text, int max) {
        byte[] bytes = bytes(text, max);
        if (hasControl(text)) {
            throw new IllegalArgumentException("control characters are not allowed in a name");
        }
        out.writeByte(bytes.length).writeBytes(bytes);
    }

    static void writeLong(ByteBuf out, String text, int max) {
        byte[] bytes = bytes(text, max);
        out.writeShort(bytes.length).writeBytes(bytes);
    }

    private static byte[] bytes(String text, int max) {
        // String.getBytes would turn a lone surrogate into '?', so that the peer reads something else.
        ByteBuffer encoded;
        try {
            encoded = StandardCharsets.UTF_8.newEncoder().encode(java.nio.CharBuffer.wrap(text));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("'" + text + "' is not valid Unicode", e);
        }
        if (encoded.remaining() > max) {
            throw new IllegalArgumentException(
                    "'" + text + "' takes " + encoded.remaining() + " bytes, the limit is " + max);
        }
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    static String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new WireException(WireException.Reason.BAD_VALUE, "a text is not valid UTF-8");
        }
    }

    /** Names end up in logs and on terminals, where a control character could forge lines or worse. */
    static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
