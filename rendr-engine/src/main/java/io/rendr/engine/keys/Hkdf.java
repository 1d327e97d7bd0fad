// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HKDF with SHA-256 (RFC 5869), and the HMAC and hash it is made of. */
final class Hkdf {
    static final int LENGTH = 32;
    private static final String HMAC = "HmacSHA256";

    private Hkdf() {}

    /** HKDF-Extract, RFC 5869 section 2.2. */
    static byte[] extract(byte[] salt, byte[] ikm) {
        return hmac(salt.length == 0 ? new byte[LENGTH] : salt, ikm);
    }

    /** HKDF-Expand, RFC 5869 section 2.3. */
    static byte[] expand(byte[] prk, byte[] info, int length) {
        if (length > 255 * LENGTH) {
            throw new IllegalArgumentException("HKDF cannot expand to " + length + " bytes");
        }
        Mac mac = mac(prk);
        byte[] okm = new byte[length];
        byte[] block = {};
        for (int done = 0, i = 1; done < length; i++) {
            mac.update(block);
            mac.update(info);
            mac.update((byte) i);
            Arrays.fill(block, (byte) 0);
            block = mac.doFinal();
            int n = Math.min(LENGTH, length - done);
            System.arraycopy(block, 0, okm, done, n);
            done += n;
        }
        Arrays.fill(block, (byte) 0);
        return okm;
    }

    static byte[] hmac(byte[] key, byte[]... data) {
        Mac mac = mac(key);
        for (byte[] d : data) {
            mac.update(d);
        }
        return mac.doFinal();
    }

    static byte[] sha256(byte[] data, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(data, 0, length);
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no " + HMAC, e);
        }
    }
}
