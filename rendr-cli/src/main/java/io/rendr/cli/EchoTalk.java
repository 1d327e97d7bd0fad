// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.StreamConn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The conversation: numbered messages, one at a time, each of which has to come back as it is. */
final class EchoTalk {
    static final String JOB = "echo";

    private static final int MESSAGE = 64;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

    private final StreamConn conn;
    private volatile boolean stopped;
    private volatile long echoes;
    private volatile long errors;
    private volatile long longestNanos;
    private volatile long lastNanos;

    EchoTalk(StreamConn conn) {
        this.conn = conn;
    }

    /** What was said and heard so far. */
    record Figures(long echoes, long errors, long longestNanos, long lastNanos) {}

    Figures figures() {
        return new Figures(echoes, errors, longestNanos, lastNanos);
    }

    StreamConn conn() {
        return conn;
    }

    /** Lets {@link #run} end after the message under way. */
    void stop() {
        stopped = true;
    }

    /** Talks until it is stopped. */
    void run() throws IOException {
        ByteBuffer said = ByteBuffer.allocate(MESSAGE);
        ByteBuffer heard = ByteBuffer.allocate(MESSAGE);
        while (!stopped) {
            fill(said.clear(), echoes);
            long began = System.nanoTime();
            conn.write(said.duplicate());
            heard.clear();
            while (heard.hasRemaining()) {
                if (conn.read(heard) < 0) {
                    throw new IOException("the echo ended after " + echoes + " messages");
                }
            }
            lastNanos = System.nanoTime() - began;
            longestNanos = Math.max(longestNanos, lastNanos);
            if (heard.flip().equals(said)) {
                echoes++;
            } else {
                errors++;
            }
            LockSupport.parkNanos(PAUSE); // the pace of a person's typing, not a wait for anything
        }
        conn.shutdownOutput();
    }

    private static void fill(ByteBuffer message, long number) {
        for (int i = 0; i < MESSAGE / Long.BYTES; i++) {
            message.putLong(number * 31 + i);
        }
        message.flip();
    }

    /** The end that answers. */
    static void serve(StreamConn conn) throws IOException {
        conn.inputStream().transferTo(conn.outputStream());
    }
}
