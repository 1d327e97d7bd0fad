// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import javax.crypto.Cipher;

/** What seals or opens one direction in order: the number that is next, and the key and nonce that follow from it. */
final class TrafficKeys {
    private final Cipher cipher = EpochKeys.cipher();
    private EpochKeys epoch;
    private long number;

    /** Takes {@code secret} over. */
    TrafficKeys(byte[] secret) {
        epoch = new EpochKeys(secret);
    }

    /** Uses up a number, and gives it. Every 2^20 of them the keys move on. */
    long advance() {
        long n = number++;
        if (n != 0 && (n & (1L << EpochKeys.SHIFT) - 1) == 0) {
            EpochKeys old = epoch;
            epoch = old.next();
            old.destroy();
        }
        return n;
    }

    /** The number that is used next. */
    long number() {
        return number;
    }

    /** The cipher, ready for the next record, whose number it uses up. */
    Cipher next(int mode) {
        long n = advance();
        epoch.init(cipher, mode, n);
        return cipher;
    }

    /** Overwrites the keys. */
    void destroy() {
        epoch.destroy();
    }
}
