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
public final class PacketOpener implements PacketDecoder {
    private static final int NUMBER_AT = 9;

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

    @Override
    public boolean isPacket(ByteBuf datagram) {
        return datagram.readableBytes() > PacketSealer.OVERHEAD
                && datagram.getByte(datagram.readerIndex()) == PacketSealer.FORM;
    }

    @Override
    public long number(ByteBuf packet) {
        return PacketNumbers.nearest(largest + 1, packet.getUnsignedInt(packet.readerIndex() + NUMBER_AT));
    }

    @Override
    public @Nullable ByteBuf decode(ByteBuf packet, long number) {
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

    @Override
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
