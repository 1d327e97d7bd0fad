// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.StreamConn;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** The big transfer: random bytes one way; the receiver answers with the SHA-256 of what came. */
final class BulkTransfer {
    static final String JOB = "bulk";

    private static final int BUFFER = 256 * 1024;

    private final StreamConn conn;
    private final long atLeast;
    private final BooleanSupplier goOn;
    private final AtomicLong written = new AtomicLong();

    /**
     * @param atLeast bytes to send
     * @param goOn whether to send more than that
     */
    BulkTransfer(StreamConn conn, long atLeast, BooleanSupplier goOn) {
        this.conn = conn;
        this.atLeast = atLeast;
        this.goOn = goOn;
    }

    StreamConn conn() {
        return conn;
    }

    /** Bytes that the connection has taken so far. */
    long written() {
        return written.get();
    }

    /**
     * Sends everything and compares.
     *
     * @return whether the receiver got exactly what was sent
     */
    boolean run() throws IOException {
        MessageDigest sent = sha256();
        SplittableRandom random = new SplittableRandom();
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        while (written.get() < atLeast || goOn.getAsBoolean()) {
            buffer.clear();
            while (buffer.hasRemaining()) {
                buffer.putLong(random.nextLong());
            }
            buffer.flip();
            sent.update(buffer.duplicate());
            written.addAndGet(conn.write(buffer));
        }
        conn.shutdownOutput();
        byte[] received = conn.inputStream().readNBytes(sent.getDigestLength());
        if (received.length < sent.getDigestLength()) {
            throw new EOFException("the receiver ended after " + received.length + " bytes of its answer");
        }
        return MessageDigest.isEqual(received, sent.digest());
    }

    /** The receiving end. */
    static void serve(StreamConn conn) throws IOException {
        MessageDigest received = sha256();
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        while (conn.read(buffer) >= 0) {
            received.update(buffer.flip());
            buffer.clear();
        }
        conn.write(ByteBuffer.wrap(received.digest()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
