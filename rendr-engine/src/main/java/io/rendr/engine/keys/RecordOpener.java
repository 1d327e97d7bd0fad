// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.wire.WireException;
import io.rendr.engine.wire.WireException.Reason;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * Opens what comes in on one sealed stream carrier, from buffers cut anywhere. It holds at most one record. Not
 * thread-safe.
 */
public final class RecordOpener {
    private static final int MIN_RECORD = 1 + EpochKeys.TAG;

    private final TrafficKeys keys;
    private final RecordScratch scratch;
    private final byte[] aad = new byte[2];
    /** How many of the two length bytes are there. */
    private int header;

    private byte @Nullable [] part;
    private int have;
    private @Nullable WireException failure;

    RecordOpener(byte[] secret, RecordScratch scratch) {
        this.keys = new TrafficKeys(secret);
        this.scratch = scratch;
    }

    /**
     * Consumes bytes of {@code in} up to the end of the next record. Call it until it returns null.
     *
     * @return the plain bytes of one record, valid until the next call on any opener of the same
     *     {@link RecordScratch}, never to be released; or null if {@code in} is used up
     * @throws WireException if a record is forged, cut or out of order. The carrier is then beyond repair: every later
     *     call fails in the same way
     */
    public @Nullable ByteBuf next(ByteBuf in) {
        if (failure != null) {
            throw failure;
        }
        while (header < 2) {
            if (!in.isReadable()) {
                return null;
            }
            aad[header++] = in.readByte();
        }
        int length = (aad[0] & 0xff) << 8 | aad[1] & 0xff;
        if (length < MIN_RECORD) {
            throw fail("a sealed record of " + length + " bytes is too short");
        }
        int readable = in.readableBytes();
        if (part == null && readable >= length) {
            return openFrom(in, length);
        }
        if (part == null) {
            part = scratch.take(length);
        }
        byte[] held = part;
        int n = Math.min(length - have, readable);
        in.readBytes(held, have, n);
        have += n;
        if (have < length) {
            return null;
        }
        part = null;
        have = 0;
        ByteBuf opened = open(held, 0, length);
        scratch.give(held);
        return opened;
    }

    private ByteBuf openFrom(ByteBuf in, int length) {
        if (in.hasArray()) {
            int from = in.arrayOffset() + in.readerIndex();
            in.skipBytes(length);
            return open(in.array(), from, length);
        }
        in.readBytes(scratch.openCipher, 0, length);
        return open(scratch.openCipher, 0, length);
    }

    private ByteBuf open(byte[] sealed, int from, int length) {
        header = 0;
        try {
            Cipher cipher = keys.next(Cipher.DECRYPT_MODE);
            cipher.updateAAD(aad);
            int n = cipher.doFinal(sealed, from, length, scratch.openPlain, 0);
            return scratch.opened.setIndex(0, n);
        } catch (GeneralSecurityException e) {
            throw fail("a sealed record is forged, or records were lost or repeated");
        }
    }

    private WireException fail(String text) {
        failure = new WireException(Reason.BAD_RECORD, text);
        return failure;
    }

    /** Overwrites the keys and drops what is held of a record. */
    public void destroy() {
        keys.destroy();
        part = null;
        have = 0;
        failure = new WireException(Reason.UNEXPECTED, "the carrier is closed");
    }
}
