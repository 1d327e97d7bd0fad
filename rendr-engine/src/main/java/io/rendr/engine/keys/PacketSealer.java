// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.netty.buffer.ByteBuf;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;

/**
 * Seals what goes out on one datagram carrier: each packet is one datagram with a number of its own, so that it can be
 * opened whatever became of those before it. Not thread-safe.
 */
public final class PacketSealer implements PacketEncoder {
    /** The first byte of a sealed packet. */
    public static final int FORM = 0x40;

    /** Bytes before the ciphertext: form u8, connection id u64, the low half of the packet number u32. */
    public static final int HEADER = 13;

    /** What sealing adds to the plain frames of a packet. */
    public static final int OVERHEAD = HEADER + EpochKeys.TAG;

    private final TrafficKeys keys;
    private final RecordScratch scratch;

    PacketSealer(TrafficKeys keys, RecordScratch scratch) {
        this.keys = keys;
        this.scratch = scratch;
    }

    /** The number of the packet that is sealed next. */
    public long nextNumber() {
        return keys.number();
    }

    @Override
    public int overhead() {
        return OVERHEAD;
    }

    @Override
    public ByteBuf composing() {
        return scratch.composed.clear();
    }

    @Override
    public void encode(ByteBuf frames, long connectionId, ByteBuf out) {
        int length = frames.readableBytes();
        int header = out.writerIndex();
        out.ensureWritable(OVERHEAD + length)
                .writeByte(FORM)
                .writeLong(connectionId)
                .writeInt((int) keys.number());
        out.getBytes(header, scratch.packetHeader);
        byte[] source = scratch.sealPlain;
        int from = 0;
        if (frames.hasArray()) {
            source = frames.array();
            from = frames.arrayOffset() + frames.readerIndex();
            frames.skipBytes(length);
        } else {
            frames.readBytes(source, 0, length);
        }
        try {
            Cipher cipher = keys.next(Cipher.ENCRYPT_MODE);
            cipher.updateAAD(scratch.packetHeader);
            int sealed = cipher.doFinal(source, from, length, scratch.sealCipher, 0);
            out.writeBytes(scratch.sealCipher, 0, sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM failed to seal", e);
        }
    }

    @Override
    public void destroy() {
        keys.destroy();
    }
}
