// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.rendr.engine.wire.Message;
import io.rendr.engine.wire.RefuseCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Every derivation of version 1, one method each. {@code H} is SHA-256, {@code Extract} and {@code Expand} are HKDF
 * (RFC 5869); a result has 32 bytes unless said otherwise. Messages are whole frames; "less" means without the last 32
 * bytes, which are the proof that is being computed.
 */
final class KeySchedule {
    private static final byte[] SALT = ascii("rendr v1");
    private static final byte[] NO_PSK = new byte[Hkdf.LENGTH];

    private KeySchedule() {}

    /** Extract("rendr v1", PSK or 32 zeros). */
    static byte[] early(@Nullable Psk psk) {
        return Hkdf.extract(SALT, psk == null ? NO_PSK : psk.secret());
    }

    /** HMAC(Expand(early, "binder"), H(HELLO less binder)). */
    static byte[] binder(byte[] early, byte[] hello) {
        return keyed(expand(early, "binder"), hashLessMac(hello));
    }

    /** Expand(early, "refuse"): proves refusals of an acceptor that has the PSK and no flow. */
    static byte[] refuseKey(byte[] early) {
        return expand(early, "refuse");
    }

    /** H(HELLO || HELLO_ACK less its proof). */
    static byte[] th2(byte[] hello, byte[] helloAck) {
        return transcript(hello, helloAck);
    }

    /**
     * Expand(Extract(Expand(early, "derived"), shared), "flow" || th2).
     *
     * @throws HandshakeFailure if {@code shared} is all zeros (RFC 7748 section 6.1): the peer chose a key that gives
     *     this result with every other
     */
    static byte[] flow(byte[] early, byte[] shared, byte[] th2) throws HandshakeFailure {
        if (same(shared, new byte[shared.length])) {
            throw new HandshakeFailure(RefuseCode.PROTOCOL, "the peer's key leads to an all-zero secret");
        }
        byte[] derived = expand(early, "derived");
        byte[] handshake = Hkdf.extract(derived, shared);
        byte[] flow = expand(handshake, "flow", th2);
        wipe(derived);
        wipe(handshake);
        return flow;
    }

    /** HMAC(Expand(flow, "conf a"), th2). */
    static byte[] confirmA(byte[] flow, byte[] th2) {
        return keyed(expand(flow, "conf a"), th2);
    }

    /** HMAC(Expand(flow, "conf d"), th2 || confirmA). */
    static byte[] confirmD(byte[] flow, byte[] th2, byte[] confirmA) {
        return keyed(expand(flow, "conf d"), th2, confirmA);
    }

    /** Expand(flow, "attach d"): the dialer's proofs on later carriers. */
    static byte[] attachKeyD(byte[] flow) {
        return expand(flow, "attach d");
    }

    /** Expand(flow, "attach a"): the acceptor's proofs on later carriers, and its refusals. */
    static byte[] attachKeyA(byte[] flow) {
        return expand(flow, "attach a");
    }

    /** HMAC(attach d, H(ATTACH less mac1)). */
    static byte[] mac1(byte[] attachKeyD, byte[] attach) {
        return Hkdf.hmac(attachKeyD, hashLessMac(attach));
    }

    /** H(ATTACH || ATTACH_ACK less mac2). */
    static byte[] tha(byte[] attach, byte[] attachAck) {
        return transcript(attach, attachAck);
    }

    /** HMAC(attach a, tha). */
    static byte[] mac2(byte[] attachKeyA, byte[] tha) {
        return Hkdf.hmac(attachKeyA, tha);
    }

    /** HMAC(attach d, tha || mac2). */
    static byte[] confirmAttach(byte[] attachKeyD, byte[] tha, byte[] mac2) {
        return Hkdf.hmac(attachKeyD, tha, mac2);
    }

    /** HMAC(key, H(refused message || REFUSE less its proof)). */
    static byte[] refuse(byte[] key, byte[] refused, byte[] refuse) {
        return Hkdf.hmac(key, transcript(refused, refuse));
    }

    /** Expand(flow, "carrier d" || transcript of the carrier): seals what the dialer sends. */
    static byte[] carrierD(byte[] flow, byte[] transcript) {
        return expand(flow, "carrier d", transcript);
    }

    /** Expand(flow, "carrier a" || transcript of the carrier): seals what the acceptor sends. */
    static byte[] carrierA(byte[] flow, byte[] transcript) {
        return expand(flow, "carrier a", transcript);
    }

    /** Expand(epoch secret, "key"), 16 bytes; the carrier secret is the secret of epoch 0. */
    static byte[] trafficKey(byte[] secret) {
        return Hkdf.expand(secret, ascii("key"), 16);
    }

    /** Expand(epoch secret, "iv"), 12 bytes. */
    static byte[] trafficIv(byte[] secret) {
        return Hkdf.expand(secret, ascii("iv"), 12);
    }

    /** Expand(epoch secret, "next"): the secret of the next epoch. */
    static byte[] nextSecret(byte[] secret) {
        return expand(secret, "next");
    }

    /** Compares in a time that does not depend on where the difference is. */
    static boolean same(byte[] a, byte[] b) {
        return MessageDigest.isEqual(a, b);
    }

    static void wipe(byte @Nullable [] secret) {
        if (secret != null) {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /** Puts a proof at the end of a whole frame. */
    static byte[] withMac(byte[] frame, byte[] mac) {
        System.arraycopy(mac, 0, frame, frame.length - Message.MAC, Message.MAC);
        return frame;
    }

    private static byte[] keyed(byte[] key, byte[]... data) {
        byte[] mac = Hkdf.hmac(key, data);
        wipe(key);
        return mac;
    }

    private static byte[] expand(byte[] secret, String label) {
        return Hkdf.expand(secret, ascii(label), Hkdf.LENGTH);
    }

    private static byte[] expand(byte[] secret, String label, byte[] context) {
        byte[] l = ascii(label);
        byte[] info = ByteBuffer.allocate(l.length + context.length)
                .put(l)
                .put(context)
                .array();
        return Hkdf.expand(secret, info, Hkdf.LENGTH);
    }

    private static byte[] hashLessMac(byte[] frame) {
        return Hkdf.sha256(frame, frame.length - Message.MAC);
    }

    private static byte[] transcript(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return Hkdf.sha256(both, both.length - Message.MAC);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
