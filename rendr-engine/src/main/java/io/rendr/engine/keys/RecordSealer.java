// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.netty.buffer.ByteBuf;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;

/**
 * Seals what goes out on one stream carrier, as records of a length and AES-128-GCM ciphertext. Fastest when the plain
 * frames are composed in a heap buffer, which is then sealed without a further copy. Not thread-safe.
 */
public final class RecordSealer {
    /** Most plain bytes in one record. */
    public static final int MAX_PLAIN = 65_519;
    /** What a record adds to its plain bytes: length and tag. */
    public static final int OVERHEAD = 2 + EpochKeys.TAG;

    private final TrafficKeys keys;
    private final RecordScratch scratch;
    private final byte[] aad = new byte[2];

    RecordSealer(byte[] secret, RecordScratch scratch) {
        this.keys = new TrafficKeys(secret);
        this.scratch = scratch;
    }

    /**
     * A heap buffer of {@link #MAX_PLAIN} bytes to compose a record in; never to be released. All sealers of one
     * {@link RecordScratch} have the same: what is in it must be sealed before another one is asked.
     */
    public ByteBuf composing() {
        return scratch.composed.clear();
    }

    /**
     * Appends to {@code out} one record with all readable bytes of {@code plain}, and consumes them.
     *
     * @throws IllegalArgumentException unless there are 1 to {@link #MAX_PLAIN} of them
     */
    public void seal(ByteBuf plain, ByteBuf out) {
        int n = plain.readableBytes();
        if (n < 1 || n > MAX_PLAIN) {
            throw new IllegalArgumentException("a record takes 1 to " + MAX_PLAIN + " bytes, not " + n);
        }
        byte[] source;
        int from;
        if (plain.hasArray()) {
            source = plain.array();
            from = plain.arrayOffset() + plain.readerIndex();
            plain.skipBytes(n);
        } else {
            source = scratch.sealPlain;
            from = 0;
            plain.readBytes(source, 0, n);
        }
        int length = n + EpochKeys.TAG;
        aad[0] = (byte) (length >>> 8);
        aad[1] = (byte) length;
        out.ensureWritable(2 + length).writeBytes(aad);
        try {
            Cipher cipher = keys.next(Cipher.ENCRYPT_MODE);
            cipher.updateAAD(aad);
            if (out.hasArray()) {
                int to = out.writerIndex();
                cipher.doFinal(source, from, n, out.array(), out.arrayOffset() + to);
                out.writerIndex(to + length);
            } else {
                cipher.doFinal(source, from, n, scratch.sealCipher, 0);
                out.writeBytes(scratch.sealCipher, 0, length);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM failed to seal", e);
        }
    }

    /** Overwrites the keys. */
    public void destroy() {
        keys.destroy();
    }
}
