// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.rendr.engine.net.Workers;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the threads of one direction of a connection wait. One of them parks, the others queue behind it.
 *
 * <p>No wake-up is lost: a thread first shows itself in {@link #parked} and then looks whether there is something to do;
 * the flow first makes something to do and then looks who is parked. All four steps are volatile accesses, so they have
 * one order that both sides agree on, and at least one of the two sees the other. An unpark that comes before the park
 * makes the park return at once.
 */
final class WaitPoint {
    /** A direction's non-blocking step: how much it did, 0 if it has to wait. */
    interface Step {
        int attempt() throws IOException;
    }

    private static final VarHandle PARKED;

    static {
        try {
            PARKED = MethodHandles.lookup().findVarHandle(WaitPoint.class, "parked", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String what;
    private final Workers workers;
    private final ReentrantLock turn = new ReentrantLock();
    private final AtomicReference<@Nullable CompletableFuture<Void>> promised = new AtomicReference<>();
    private volatile long timeout;

    private volatile @Nullable Thread parked;

    /** @param what the call that waits here, for its errors: {@code read} */
    WaitPoint(String what, Workers workers) {
        this.what = what;
        this.workers = workers;
    }

    void timeout(Duration duration) {
        timeout = nanos(duration);
    }

    /** A time-out in nanoseconds; 0 for ever. */
    static long nanos(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("a time-out must not be negative: " + duration);
        }
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return 0;
        }
    }

    /** Something may be possible now; any thread. Cheap when nobody waits. */
    void wake() {
        Thread thread = parked;
        if (thread != null && PARKED.compareAndSet(this, thread, null)) {
            LockSupport.unpark(thread);
        }
        if (promised.get() != null) {
            keepPromise();
        }
    }

    /** Begins a call that belongs together; false while another thread has its turn. */
    boolean tryTakeTurn() {
        return turn.tryLock();
    }

    /**
     * Begins a call that belongs together, when the calls of other threads are over.
     *
     * @throws SocketTimeoutException when the time-out is over
     * @throws InterruptedIOException when the thread is interrupted, whose interrupt status is cleared
     */
    void takeTurn() throws IOException {
        takeTurn(timeout);
    }

    /** Ends what {@link #takeTurn} began. */
    void giveTurn() {
        turn.unlock();
        // Whoever was promised to be told may have been told to wait because of this turn.
        if (promised.get() != null) {
            keepPromise();
        }
    }

    boolean isTurnTaken() {
        return turn.isLocked();
    }

    /**
     * Repeats a step until it did something, with a turn of its own if the thread has none.
     *
     * @return what it did
     * @throws SocketTimeoutException when the time-out is over
     * @throws InterruptedIOException when the thread is interrupted, whose interrupt status is cleared
     */
    int await(Step step) throws IOException {
        long limit = timeout;
        long deadline = limit == 0 ? 0 : System.nanoTime() + limit;
        takeTurn(limit);
        try {
            while (true) {
                parked = Thread.currentThread();
                int done = step.attempt();
                if (done != 0) {
                    return done;
                }
                park(limit, deadline);
            }
        } finally {
            parked = null;
            turn.unlock();
        }
    }

    private void takeTurn(long limit) throws InterruptedIOException {
        try {
            if (limit == 0) {
                turn.lockInterruptibly();
            } else if (!turn.tryLock(limit, NANOSECONDS)) {
                throw timedOut(limit);
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private void park(long limit, long deadline) throws InterruptedIOException {
        if (limit == 0) {
            LockSupport.park(this);
        } else {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw timedOut(limit);
            }
            LockSupport.parkNanos(this, left);
        }
        if (Thread.interrupted()) {
            throw interrupted();
        }
    }

    private SocketTimeoutException timedOut(long limit) {
        return new SocketTimeoutException(what + " waited for its time-out of " + NANOSECONDS.toMillis(limit)
                + " ms; the connection is still usable");
    }

    private InterruptedIOException interrupted() {
        return new InterruptedIOException(what + " was interrupted; the connection is still open");
    }

    /** Completes on the callback executor as soon as {@code ready} holds, at once if it does now. */
    CompletionStage<Void> when(BooleanSupplier ready) {
        CompletableFuture<Void> mine = promised.updateAndGet(old -> old != null ? old : new CompletableFuture<>());
        // The promise is there before the look, as with a thread that parks.
        if (ready.getAsBoolean()) {
            keepPromise();
        }
        return mine.minimalCompletionStage();
    }

    private void keepPromise() {
        CompletableFuture<Void> promise = promised.getAndSet(null);
        if (promise != null) {
            workers.call(() -> promise.complete(null));
        }
    }
}
