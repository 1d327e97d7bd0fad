// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.rendr.engine.net.Workers;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Futures that loops complete, as applications may see them. */
final class Later {
    private Later() {}

    /** The same result, completed on the callback executor. */
    static <T> CompletableFuture<T> onWorkers(CompletableFuture<T> source, Workers workers) {
        CompletableFuture<T> result = new CompletableFuture<>();
        source.whenComplete((value, thrown) -> workers.call(() -> {
            if (thrown != null) {
                result.completeExceptionally(thrown);
            } else {
                result.complete(value);
            }
        }));
        return result;
    }

    /**
     * Waits for a result.
     *
     * @throws InterruptedIOException if the thread is interrupted, whose interrupt status is cleared
     * @throws IOException if that is how it failed
     */
    static <T> T join(CompletableFuture<? extends T> source, String call) throws IOException {
        try {
            return source.get();
        } catch (InterruptedException e) {
            throw new InterruptedIOException(call + " was interrupted");
        } catch (ExecutionException e) {
            throw thrown(e.getCause());
        }
    }

    /** The same for at most that long. */
    static <T> T join(CompletableFuture<? extends T> source, String call, long nanos)
            throws IOException, TimeoutException {
        try {
            return source.get(nanos, NANOSECONDS);
        } catch (InterruptedException e) {
            throw new InterruptedIOException(call + " was interrupted");
        } catch (ExecutionException e) {
            throw thrown(e.getCause());
        }
    }

    private static IOException thrown(Throwable cause) {
        if (cause instanceof IOException io) {
            return io;
        }
        if (cause instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new IOException(cause);
    }
}
