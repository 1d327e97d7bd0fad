// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.netty.buffer.ByteBuf;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * Opens what comes in on one datagram carrier, in whatever order. Anybody can send a datagram, so one that is not genuine
 * is only dropped. Not thread-safe.
 */
public final class PacketOpener {
    private static final int NUMBER_AT = 9;
    private static final long HALF = 1L << 31;

    private final Cipher cipher = EpochKeys.cipher();
    private final RecordScratch scratch;
    private EpochKeys current;
    private @Nullable EpochKeys previous;
    private @Nullable EpochKeys next;
    private long epoch;
    private long largest = -1;

    PacketOpener(byte[] secret, RecordScratch scratch) {
        this.current = new EpochKeys(secret);
        this.scratch = scratch;
    }

    /** Whether a datagram can be a sealed packet: by its length and first byte. */
    public static boolean isPacket(ByteBuf datagram) {
        return datagram.readableBytes() > PacketSealer.OVERHEAD
                && datagram.getByte(datagram.readerIndex()) == PacketSealer.FORM;
    }

    /** The number that a packet claims to have: of those that end in what it says, the one next to the newest. */
    public long number(ByteBuf packet) {
        long low = packet.getUnsignedInt(packet.readerIndex() + NUMBER_AT);
        return nearest(largest + 1, low);
    }

    /** Of the numbers of which {@code low} is the low half, the one nearest to {@code expected} (RFC 9000, appendix A.3). */
    static long nearest(long expected, long low) {
        long candidate = expected & ~(2 * HALF - 1) | low;
        if (candidate + HALF <= expected) {
            return candidate + 2 * HALF;
        }
        return candidate > expected + HALF && candidate >= 2 * HALF ? candidate - 2 * HALF : candidate;
    }

    /**
     * Opens a packet, and consumes it.
     *
     * @param number as {@link #number} gave it
     * @return its plain frames, valid until the next call on any opener of the same {@link RecordScratch}, never to be
     *     released; null if it is not genuine, or older than the keys that are kept
     */
    public @Nullable ByteBuf open(ByteBuf packet, long number) {
        long ahead = (number >>> EpochKeys.SHIFT) - epoch;
        EpochKeys keys = ahead == 0 ? current : ahead == -1 ? previous : ahead == 1 ? next() : null;
        ByteBuf plain = keys == null ? null : open(packet, number, keys);
        if (ahead == 1 && plain != null) {
            advance();
        }
        if (plain != null) {
            largest = Math.max(largest, number);
        }
        packet.skipBytes(packet.readableBytes());
        return plain;
    }

    private @Nullable ByteBuf open(ByteBuf packet, long number, EpochKeys keys) {
        int length = packet.readableBytes() - PacketSealer.HEADER;
        packet.getBytes(packet.readerIndex(), scratch.packetHeader);
        packet.getBytes(packet.readerIndex() + PacketSealer.HEADER, scratch.openCipher, 0, length);
        try {
            keys.init(cipher, Cipher.DECRYPT_MODE, number);
            cipher.updateAAD(scratch.packetHeader);
            int opened = cipher.doFinal(scratch.openCipher, 0, length, scratch.openPlain, 0);
            return scratch.opened.setIndex(0, opened);
        } catch (GeneralSecurityException e) {
            return null; // whoever sent it does not have the keys, or it was damaged on its way
        }
    }

    /** Kept, or everybody who knows the connection id could have them made again and again. */
    private EpochKeys next() {
        EpochKeys keys = next;
        if (keys == null) {
            keys = current.next();
            next = keys;
        }
        return keys;
    }

    /** Packets of the epoch before may still be on their way. */
    private void advance() {
        if (previous != null) {
            previous.destroy();
        }
        previous = current;
        current = next();
        next = null;
        epoch++;
    }

    /** Overwrites the keys. */
    public void destroy() {
        current.destroy();
        if (previous != null) {
            previous.destroy();
        }
        if (next != null) {
            next.destroy();
        }
    }
}
