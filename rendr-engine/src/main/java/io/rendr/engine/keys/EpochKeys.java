// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Key and IV for 2^20 records or packets of one direction, and the secret from which the next follow. */
final class EpochKeys {
    static final int TAG = 16;
    /** A key serves 2^20 records, which is at most 64 GiB. */
    static final int SHIFT = 20;

    private final byte[] secret;
    private final byte[] iv;
    private final byte[] nonce;
    private final SecretKeySpec key;

    /** Takes {@code secret} over. */
    EpochKeys(byte[] secret) {
        this.secret = secret;
        this.iv = KeySchedule.trafficIv(secret);
        this.nonce = new byte[iv.length];
        byte[] raw = KeySchedule.trafficKey(secret);
        key = new SecretKeySpec(raw, "AES");
        KeySchedule.wipe(raw);
    }

    static Cipher cipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no AES-GCM", e);
        }
    }

    /** Those of the next 2^20. */
    EpochKeys next() {
        return new EpochKeys(KeySchedule.nextSecret(secret));
    }

    /** Makes {@code cipher} ready for the record or packet of a number in this epoch. */
    void init(Cipher cipher, int mode, long number) {
        System.arraycopy(iv, 0, nonce, 0, nonce.length);
        for (int i = 0; i < 8; i++) {
            nonce[nonce.length - 1 - i] ^= (byte) (number >>> 8 * i);
        }
        try {
            cipher.init(mode, key, new GCMParameterSpec(8 * TAG, nonce));
        } catch (InvalidKeyException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("AES-GCM refuses its key or nonce", e);
        }
    }

    /** Overwrites what can be reached; the copies inside the cipher and its key object are the JDK's. */
    void destroy() {
        KeySchedule.wipe(secret);
        KeySchedule.wipe(iv);
    }
}
