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

/** One end of a flow of bytes, which keeps the digest and the moment of both directions. */
final class StreamFlow extends Flow {
    private static final int READ = 256 << 10;

    private final Wire wire;
    private final Half in = new Half();
    private final Half out = new Half();
    private final Payload payload = new Payload();

    StreamFlow(Wire wire, int number) {
        super(wire, number);
        this.wire = wire;
    }

    @Override
    void readAll() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ);
        while (wire.read(buffer) >= 0) {
            in.passed(buffer.flip());
            buffer.clear();
        }
    }

    /** Sends in the background: so many bytes, in chunks, as fast as it goes; for ever if 0. */
    void bulk(long bytes, int chunk) {
        write(() -> {
            long end = bytes == 0 ? Long.MAX_VALUE : out.bytes + bytes;
            while (!isPausing() && out.bytes < end) {
                sendOne((int) Math.min(chunk, end - out.bytes));
            }
        });
    }

    /** Sends in the background: one message each interval. */
    void trickle(int size, Duration interval) {
        write(() -> {
            for (long due = System.nanoTime(); !isPausing(); due += interval.toNanos()) {
                awaitDue(due);
                sendOne(size);
            }
        });
    }

    /** Sends one message; returns when the connection has taken it. */
    void once(int size) throws InterruptedException {
        write(() -> sendOne(size));
        awaitWriter();
    }

    private void sendOne(int size) throws IOException {
        ByteBuffer chunk = payload.next(size);
        long began = System.nanoTime();
        wire.write(chunk.duplicate());
        out.passed(chunk, began);
    }

    @Override
    Map<String, Object> sent() {
        return out.result();
    }

    @Override
    Map<String, Object> received() {
        return in.result();
    }

    @Override
    Map<String, Object> progress() {
        Map<String, Object> progress = new LinkedHashMap<>();
        progress.put("at", System.nanoTime());
        progress.put("read", in.bytes);
        progress.put("written", out.bytes);
        return progress;
    }

    /** Writes down when how much had passed. */
    @Override
    void close(String prefix) throws IOException, InterruptedException {
        super.close(prefix);
        in.series.write(Path.of(prefix + "-read.csv"));
        out.series.write(Path.of(prefix + "-written.csv"));
    }

    /** One direction. */
    private static final class Half {
        final Series series = new Series();
        final MessageDigest digest = sha256();
        volatile long bytes;

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
