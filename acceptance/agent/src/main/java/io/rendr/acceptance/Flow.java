// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One end of a flow: reads all that comes, sends what it is told to, and keeps the digest and the moment of both. Commands
 * come from one thread.
 */
final class Flow {
    private static final int READ = 256 << 10;
    private static final Duration LONGEST_END = Duration.ofSeconds(120);

    private final Wire wire;
    private final Half in = new Half();
    private final Half out = new Half();
    private final Payload payload = new Payload();
    private final Thread reader;
    private @Nullable Thread writer;
    private volatile boolean pausing;

    Flow(Wire wire, int number) {
        this.wire = wire;
        reader = thread("reader-" + number, this::readAll);
    }

    Wire wire() {
        return wire;
    }

    private static Thread thread(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void readAll() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ);
        try {
            while (wire.read(buffer) >= 0) {
                in.passed(buffer.flip());
                buffer.clear();
            }
        } catch (IOException e) {
            in.error = e;
        }
    }

    /** Sends in the background: so many bytes, in chunks, as fast as it goes; for ever if 0. */
    void bulk(long bytes, int chunk) {
        write(() -> {
            long end = bytes == 0 ? Long.MAX_VALUE : out.bytes + bytes;
            while (!pausing && out.bytes < end) {
                sendOne((int) Math.min(chunk, end - out.bytes));
            }
        });
    }

    /** Sends in the background: one message each interval. */
    void trickle(int size, Duration interval) {
        write(() -> {
            for (long due = System.nanoTime(); !pausing; due += interval.toNanos()) {
                for (long left = due - System.nanoTime(); left > 0 && !pausing; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                sendOne(size);
            }
        });
    }

    /** Sends one message; returns when the connection has taken it. */
    void once(int size) throws InterruptedException {
        write(() -> sendOne(size));
        awaitWriter();
    }

    private interface Writing {
        void run() throws IOException;
    }

    private void write(Writing what) {
        if (writer != null && writer.isAlive()) {
            throw new IllegalStateException("this flow is sending already; pause it first");
        }
        pausing = false;
        writer = thread("writer-of-" + reader.getName(), () -> {
            try {
                what.run();
            } catch (IOException e) {
                out.error = e;
            }
        });
    }

    private void sendOne(int size) throws IOException {
        ByteBuffer chunk = payload.next(size);
        long began = System.nanoTime();
        wire.write(chunk.duplicate());
        out.passed(chunk, began);
    }

    /** Sends no more for now. */
    void pause() throws InterruptedException {
        pausing = true;
        if (writer != null) {
            LockSupport.unpark(writer);
        }
        awaitWriter();
    }

    private void awaitWriter() throws InterruptedException {
        if (writer != null) {
            writer.join(LONGEST_END.toMillis());
            if (writer.isAlive()) {
                throw new IllegalStateException("a write did not return within " + LONGEST_END);
            }
        }
    }

    /** Sends nothing ever again. */
    Map<String, Object> finish(boolean now) throws InterruptedException {
        if (now) {
            pause();
        } else {
            awaitWriter();
        }
        if (out.error == null) {
            try {
                wire.shutdownOutput();
            } catch (IOException e) {
                out.error = e;
            }
        }
        return out.result();
    }

    /** Waits until the peer has ended its output. */
    Map<String, Object> ended(Duration limit) throws InterruptedException, TimeoutException {
        reader.join(limit.toMillis());
        if (reader.isAlive()) {
            throw new TimeoutException(
                    "the peer has not ended its output after " + limit + "; " + in.bytes + " bytes came");
        }
        return in.result();
    }

    /** How much has passed so far; looks from another thread, so it may be a moment old. */
    Map<String, Object> progress() {
        Map<String, Object> progress = new LinkedHashMap<>();
        progress.put("at", System.nanoTime());
        progress.put("read", in.bytes);
        progress.put("written", out.bytes);
        return progress;
    }

    /** Ends it, and writes down when how much had passed. */
    void close(String prefix) throws IOException, InterruptedException {
        wire.close();
        reader.join();
        awaitWriter();
        in.series.write(Path.of(prefix + "-read.csv"));
        out.series.write(Path.of(prefix + "-written.csv"));
    }

    /** One direction. */
    private static final class Half {
        final Series series = new Series();
        final MessageDigest digest = sha256();
        volatile long bytes;
        volatile @Nullable IOException error;

        void passed(ByteBuffer data) {
            passed(data, System.nanoTime());
        }

        void passed(ByteBuffer data, long at) {
            long total = bytes + data.remaining();
            digest.update(data);
            series.add(at, total);
            bytes = total;
        }

        Map<String, Object> result() {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("bytes", bytes);
            result.put("sha256", HexFormat.of().formatHex(digest.digest()));
            result.put("error", error == null ? null : error.toString());
            return result;
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }
    }

    /** Random bytes; every chunk has its own number, so that none can be taken for another. */
    private static final class Payload {
        private final ByteBuffer block = ByteBuffer.allocateDirect(1 << 20);
        private long number;

        Payload() {
            SplittableRandom random = new SplittableRandom();
            while (block.hasRemaining()) {
                block.putLong(random.nextLong());
            }
            block.clear();
        }

        ByteBuffer next(int size) {
            if (size >= Long.BYTES) {
                block.putLong(0, number++);
            }
            return block.duplicate().limit(size);
        }
    }
}
