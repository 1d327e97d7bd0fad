// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** One direction of a sealed carrier: the record number, and the key and nonce that follow from it. */
final class TrafficKeys {
    static final int TAG = 16;
    /** A key serves 2^20 records, which is at most 64 GiB. */
    static final int EPOCH_SHIFT = 20;

    private final Cipher cipher;
    private final byte[] secret;
    private final byte[] nonce = new byte[12];
    private byte[] iv;
    private SecretKeySpec key;
    private long number;

    /** Takes {@code secret} over. */
    TrafficKeys(byte[] secret) {
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no AES-GCM", e);
        }
        this.secret = secret;
        this.iv = KeySchedule.trafficIv(secret);
        this.key = key(secret);
    }

    private static SecretKeySpec key(byte[] secret) {
        byte[] raw = KeySchedule.trafficKey(secret);
        SecretKeySpec key = new SecretKeySpec(raw, "AES");
        KeySchedule.wipe(raw);
        return key;
    }

    /** Uses up a record number, and gives it. Every 2^20 of them the secret, and with it key and IV, moves on. */
    long advance() {
        long n = number++;
        if (n != 0 && (n & (1L << EPOCH_SHIFT) - 1) == 0) {
            byte[] next = KeySchedule.nextSecret(secret);
            System.arraycopy(next, 0, secret, 0, secret.length);
            KeySchedule.wipe(next);
            KeySchedule.wipe(iv);
            iv = KeySchedule.trafficIv(secret);
            key = key(secret);
        }
        return n;
    }

    /** The cipher, ready for the next record, whose number it uses up. */
    Cipher next(int mode) {
        long n = advance();
        System.arraycopy(iv, 0, nonce, 0, nonce.length);
        for (int i = 0; i < 8; i++) {
            nonce[nonce.length - 1 - i] ^= (byte) (n >>> 8 * i);
        }
        try {
            cipher.init(mode, key, new GCMParameterSpec(8 * TAG, nonce));
        } catch (InvalidKeyException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("AES-GCM refuses its key or nonce", e);
        }
        return cipher;
    }

    /** Overwrites what can be reached; the copies inside the cipher and its key object are the JDK's. */
    void destroy() {
        KeySchedule.wipe(secret);
        KeySchedule.wipe(iv);
    }
}
