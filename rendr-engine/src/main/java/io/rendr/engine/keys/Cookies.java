// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.nio.ByteBuffer;

/**
 * What RETRY gives to an address and wants to see again: that the dialer reads what is sent there, proved without anything
 * being kept for it (as in RFC 9000, section 8.1.2). A cookie is good for one address and one connection id, and for 10 to
 * 20 s. Not thread-safe.
 */
public final class Cookies {
    private static final int SIZE = 16;
    private static final long PERIOD = SECONDS.toNanos(10);

    private final byte[] key;

    /**
     * @param entropy 32 random bytes, used for nothing else
     */
    public Cookies(byte[] entropy) {
        key = entropy.clone();
    }

    /** A cookie of 16 bytes. */
    public byte[] make(byte[] source, long connectionId, long now) {
        return ofPeriod(source, connectionId, Math.floorDiv(now, PERIOD));
    }

    private byte[] ofPeriod(byte[] source, long connectionId, long period) {
        ByteBuffer text = ByteBuffer.allocate(2 * Long.BYTES + source.length);
        text.putLong(period).putLong(connectionId).put(source);
        byte[] mac = Hkdf.hmac(key, text.array());
        byte[] cookie = new byte[SIZE];
        System.arraycopy(mac, 0, cookie, 0, SIZE);
        return cookie;
    }

    /** Whether a cookie was made here, for this address and connection id, not long ago. */
    public boolean proves(byte[] cookie, byte[] source, long connectionId, long now) {
        if (cookie.length != SIZE) {
            return false;
        }
        long period = Math.floorDiv(now, PERIOD);
        return KeySchedule.same(cookie, ofPeriod(source, connectionId, period))
                || KeySchedule.same(cookie, ofPeriod(source, connectionId, period - 1));
    }
}
