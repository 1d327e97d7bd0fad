// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The Initial packet that refuses a connection: a CONNECTION_CLOSE frame with CONNECTION_REFUSED (RFC 9000 section 5.2.2), under the
 * keys that anybody can derive from the dialer's packet (RFC 9001 section 5.2). The codec can only refuse a connection that it has
 * accepted, when the dialer may already think that it is connected.
 */
final class Refusal {
    /** RFC 9001 section 5.2, for version 1. */
    private static final byte[] SALT = {
        0x38,
        0x76,
        0x2c,
        (byte) 0xf7,
        (byte) 0xf5,
        0x59,
        0x34,
        (byte) 0xb3,
        0x4d,
        0x17,
        (byte) 0x9a,
        (byte) 0xe6,
        (byte) 0xa4,
        (byte) 0xc8,
        0x0c,
        (byte) 0xad,
        (byte) 0xcc,
        (byte) 0xbb,
        0x7f,
        0x0a
    };

    private static final String HMAC = "HmacSHA256";
    private static final byte[] REASON = "nobody listens here any more".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_CONNECTION_ID = 20;
    private static final int FIRST = 0xc0;
    private static final int VERSION = 1;
    private static final int CONNECTION_CLOSE = 0x1c;
    private static final int CONNECTION_REFUSED = 0x02;
    private static final int TAG = 16;
    private static final int SAMPLE = 16;

    private Refusal() {}

    /**
     * Answers an Initial packet, which stays as it is.
     *
     * @return the datagram; null if the packet is none that can be answered
     */
    static @Nullable ByteBuf of(ByteBuf initial) {
        ByteBuf in = initial.duplicate().skipBytes(1 + Integer.BYTES);
        byte[] theirs = id(in);
        byte[] ours = theirs == null ? null : id(in);
        if (theirs == null || ours == null) {
            return null;
        }
        try {
            // The dialer's first choice of an ID for this end makes the keys, and serves as one.
            return packet(ours, theirs);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has AES and SHA-256", e);
        }
    }

    private static byte @Nullable [] id(ByteBuf in) {
        if (!in.isReadable()) {
            return null;
        }
        int length = in.readUnsignedByte();
        if (length > MAX_CONNECTION_ID || length > in.readableBytes()) {
            return null;
        }
        byte[] id = new byte[length];
        in.readBytes(id);
        return id;
    }

    private static ByteBuf packet(byte[] destination, byte[] source) throws GeneralSecurityException {
        byte[] secret = expand(hmac(SALT, source), "server in", 32);
        byte[] frame = Unpooled.buffer()
                .writeByte(CONNECTION_CLOSE)
                .writeByte(CONNECTION_REFUSED)
                .writeByte(0) // no frame is to blame
                .writeByte(REASON.length)
                .writeBytes(REASON)
                .array();
        int length = 4 + REASON.length;
        ByteBuf out = Unpooled.directBuffer()
                .writeByte(FIRST)
                .writeInt(VERSION)
                .writeByte(destination.length)
                .writeBytes(destination)
                .writeByte(source.length)
                .writeBytes(source)
                .writeByte(0) // no token
                .writeShort(0x4000 | 1 + length + TAG);
        int number = out.writerIndex();
        out.writeByte(0); // the first packet
        byte[] header = new byte[out.readableBytes()];
        out.getBytes(0, header);

        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        // The nonce is the IV with the packet number in it, which is 0.
        cipher.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(expand(secret, "quic key", 16), "AES"),
                new GCMParameterSpec(8 * TAG, expand(secret, "quic iv", 12)));
        cipher.updateAAD(header);
        out.writeBytes(cipher.doFinal(frame, 0, length));

        byte[] sample = new byte[SAMPLE];
        out.getBytes(number + 4, sample);
        Cipher block = Cipher.getInstance("AES/ECB/NoPadding");
        block.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(expand(secret, "quic hp", 16), "AES"));
        byte[] mask = block.doFinal(sample);
        out.setByte(0, out.getByte(0) ^ mask[0] & 0x0f);
        out.setByte(number, out.getByte(number) ^ mask[1]);
        return out;
    }

    private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(HMAC);
        mac.init(new SecretKeySpec(key, HMAC));
        return mac.doFinal(data);
    }

    /** HKDF-Expand-Label, RFC 8446 section 7.1, of at most one block. */
    private static byte[] expand(byte[] secret, String label, int length) throws GeneralSecurityException {
        byte[] whole = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        ByteBuf info = Unpooled.buffer()
                .writeShort(length)
                .writeByte(whole.length)
                .writeBytes(whole)
                .writeByte(0)
                .writeByte(1);
        byte[] bytes = new byte[info.readableBytes()];
        info.readBytes(bytes);
        return Arrays.copyOf(hmac(secret, bytes), length);
    }
}
