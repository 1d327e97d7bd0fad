// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import io.rendr.StreamConn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Payload that no two runs of a flow have in common, and its SHA-256. */
final class Traffic {
    private static final int PIECE = 64 << 10;

    private Traffic() {}

    /** Writes that many bytes and ends the output; their SHA-256. */
    static byte[] send(StreamConn conn, long size, long seed) throws IOException {
        MessageDigest digest = sha256();
        Random random = new Random(seed);
        byte[] piece = new byte[PIECE];
        for (long left = size; left > 0; left -= piece.length) {
            random.nextBytes(piece);
            int length = (int) Math.min(left, piece.length);
            digest.update(piece, 0, length);
            conn.write(ByteBuffer.wrap(piece, 0, length));
        }
        conn.shutdownOutput();
        return digest.digest();
    }

    /** Writes until that fails. */
    static Void sendForEver(StreamConn conn) throws IOException {
        while (true) {
            conn.write(ByteBuffer.allocate(PIECE));
        }
    }

    /** Reads to the end; the SHA-256 of what came. */
    static byte[] receive(StreamConn conn, AtomicLong progress) throws IOException {
        MessageDigest digest = sha256();
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        for (int n = conn.read(piece); n >= 0; n = conn.read(piece)) {
            digest.update(piece.flip());
            piece.clear();
            progress.addAndGet(n);
        }
        return digest.digest();
    }

    static byte[] receive(StreamConn conn) throws IOException {
        return receive(conn, new AtomicLong());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
