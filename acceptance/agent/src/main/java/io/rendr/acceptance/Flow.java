// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One end of a flow: reads all that comes, and sends what it is told to. Commands come from one thread. */
abstract class Flow {
    private static final Duration LONGEST_END = Duration.ofSeconds(120);

    private final Wire wire;
    private final Thread reader;
    private @Nullable Thread writer;
    private volatile boolean pausing;
    private volatile @Nullable IOException readError;
    private volatile @Nullable IOException writeError;

    Flow(Wire wire, int number) {
        this.wire = wire;
        reader = new Thread(
                () -> {
                    try {
                        readAll();
                    } catch (IOException e) {
                        readError = e;
                    }
                },
                "reader-" + number);
        reader.setDaemon(true);
    }

    /** To be called when the flow has been made. */
    final Flow begin() {
        reader.start();
        return this;
    }

    final Wire wire() {
        return wire;
    }

    /** Reads to the end. */
    abstract void readAll() throws IOException;

    /** What a writer does. */
    interface Writing {
        void run() throws IOException;
    }

    /** Sends in the background. */
    final void write(Writing what) {
        if (writer != null && writer.isAlive()) {
            throw new IllegalStateException("this flow is sending already; pause it first");
        }
        pausing = false;
        writer = new Thread(
                () -> {
                    try {
                        what.run();
                    } catch (IOException e) {
                        writeError = e;
                    }
                },
                "writer-of-" + reader.getName());
        writer.setDaemon(true);
        writer.start();
    }

    final boolean isPausing() {
        return pausing;
    }

    /** Waits until something is due. */
    final void awaitDue(long due) {
        for (long left = due - System.nanoTime(); left > 0 && !pausing; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Sends no more for now. */
    final void pause() throws InterruptedException {
        pausing = true;
        if (writer != null) {
            LockSupport.unpark(writer);
        }
        awaitWriter();
    }

    final void awaitWriter() throws InterruptedException {
        if (writer != null) {
            writer.join(LONGEST_END.toMillis());
            if (writer.isAlive()) {
                throw new IllegalStateException("a write did not return within " + LONGEST_END);
            }
        }
    }

    /** Sends nothing ever again. Returns what was sent. */
    final Map<String, Object> finish(boolean now) throws InterruptedException {
        if (now) {
            pause();
        } else {
            awaitWriter();
        }
        if (writeError == null) {
            try {
                wire.shutdownOutput();
            } catch (IOException e) {
                writeError = e;
            }
        }
        return withError(sent(), writeError);
    }

    /** Waits until the peer has ended its output. Returns what came. */
    final Map<String, Object> ended(Duration limit) throws InterruptedException, TimeoutException {
        reader.join(limit.toMillis());
        if (reader.isAlive()) {
            throw new TimeoutException("the peer has not ended its output after " + limit + "; so far " + progress());
        }
        return withError(received(), readError);
    }

    private static Map<String, Object> withError(Map<String, Object> result, @Nullable IOException error) {
        result.put("error", error == null ? null : error.toString());
        return result;
    }

    abstract Map<String, Object> sent();

    abstract Map<String, Object> received();

    /** How much has passed so far; looks from another thread, so it may be a moment old. */
    abstract Map<String, Object> progress();

    /** Ends it, and writes down what is worth it into files of that prefix. */
    void close(String prefix) throws IOException, InterruptedException {
        wire.close();
        reader.join();
        awaitWriter();
    }
}
