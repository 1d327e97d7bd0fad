// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The tokens of Retry packets (RFC 9000 section 8.1.2): the time and the connection ID that the dialer chose first, with a MAC
 * over both and over its address and port. By a key of each port's own, so that a token is good for this port, this dialer and
 * {@value #SECONDS} s. On one event loop.
 */
final class RetryTokens implements QuicTokenHandler {
    /** The longest round trip for which a dial makes sense. */
    static final int SECONDS = 10;

    private static final String ALGORITHM = "HmacSHA256";
    private static final int TIME = Long.BYTES;
    private static final int MAC = 16;
    private static final int MAX_CONNECTION_ID = 20;

    /** Decides who has to show a token, and whom it helps. */
    interface Door {
        /** Whether somebody who shows none has to get one first. */
        boolean wantsToken();

        /** Somebody without a token, or with a good one, is about to come in; whether he may. */
        boolean mayEnter(InetSocketAddress address, boolean shown);
    }

    private final Door door;
    private final LongSupplier clock;
    private final Mac mac;

    /**
     * With a new key.
     *
     * @param clock nanoseconds
     */
    RetryTokens(Door door, LongSupplier clock, SecureRandom random) {
        this.door = door;
        this.clock = clock;
        byte[] key = new byte[32];
        random.nextBytes(key);
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has " + ALGORITHM, e);
        }
    }

    @Override
    public boolean writeToken(ByteBuf out, ByteBuf firstId, InetSocketAddress address) {
        if (!door.wantsToken() && door.mayEnter(address, false)) {
            return false;
        }
        byte[] id = bytes(firstId);
        long now = clock.getAsLong();
        out.writeLong(now).writeBytes(sign(now, address, id)).writeBytes(id);
        return true;
    }

    /** {@return where the first connection ID is in the token; -1 if it is not good, or does not help} */
    @Override
    public int validateToken(ByteBuf token, InetSocketAddress address) {
        int length = token.readableBytes();
        if (length < TIME + MAC || length > maxTokenLength()) {
            return -1;
        }
        int start = token.readerIndex();
        long made = token.getLong(start);
        long age = clock.getAsLong() - made;
        if (age < 0 || age > TimeUnit.SECONDS.toNanos(SECONDS)) {
            return -1;
        }
        byte[] shown = new byte[MAC];
        token.getBytes(start + TIME, shown);
        byte[] id = bytes(token.slice(start + TIME + MAC, length - TIME - MAC));
        boolean good = MessageDigest.isEqual(shown, sign(made, address, id));
        return good && door.mayEnter(address, true) ? TIME + MAC : -1;
    }

    private byte[] sign(long time, InetSocketAddress address, byte[] id) {
        mac.update(ByteBuffer.allocate(TIME + Integer.BYTES)
                .putLong(time)
                .putInt(address.getPort())
                .flip());
        mac.update(address.getAddress().getAddress());
        return Arrays.copyOf(mac.doFinal(id), MAC);
    }

    private static byte[] bytes(ByteBuf from) {
        byte[] bytes = new byte[from.readableBytes()];
        from.getBytes(from.readerIndex(), bytes);
        return bytes;
    }

    @Override
    public int maxTokenLength() {
        return TIME + MAC + MAX_CONNECTION_ID;
    }
}
