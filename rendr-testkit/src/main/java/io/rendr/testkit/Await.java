// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions with a deadline that is long enough for a slow machine; a test never sleeps for a fixed time. */
public final class Await {

    /** Far beyond what any condition needs, so that only what never happens runs into it. */
    public static final Duration LONG = Duration.ofSeconds(30);

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private Await() {}

    /**
     * Waits up to {@link #LONG} for a condition.
     *
     * @throws AssertionError naming {@code what} if the condition did not come true
     */
    public static void until(String what, BooleanSupplier condition) {
        until(() -> what, condition);
    }

    /** As {@link #until(String, BooleanSupplier)}, with a text that is made when it is needed, so that it can show the state at the end. */
    public static void until(Supplier<String> what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + LONG.toSeconds() + " s: " + what.get());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /**
     * The result of a stage, waiting up to {@link #LONG}.
     *
     * @throws AssertionError if it does not complete
     * @throws CompletionException with the cause if it fails
     */
    public static <T> T result(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(LONG.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (CancellationException e) {
            throw new CompletionException(e);
        } catch (TimeoutException e) {
            throw new AssertionError("not within " + LONG.toSeconds() + " s: completion of " + stage, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + stage, e);
        }
    }

    /**
     * The failure of a stage, waiting up to {@link #LONG}.
     *
     * @throws AssertionError if it does not complete, or does not fail
     */
    public static Throwable failure(CompletionStage<?> stage) {
        Object value;
        try {
            value = result(stage);
        } catch (CompletionException e) {
            return e.getCause();
        }
        throw new AssertionError("expected a failure, and it completed with " + value);
    }
}
