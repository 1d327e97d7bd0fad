// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Connections of one kind that wait to be accepted, and callers that wait for connections. Thread-safe.
 *
 * @param <C> the connections
 */
final class Backlog<C extends Connection> {
    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<C> waiting = new ArrayDeque<>();
    private final ArrayDeque<CompletableFuture<C>> takers = new ArrayDeque<>();
    private int reserved;
    private @Nullable Supplier<IOException> closed;

    Backlog(int capacity) {
        this.capacity = capacity;
    }

    /** Keeps a place for a flow that has to be decided on; false if none is free. */
    boolean reserve() {
        lock.lock();
        try {
            if (closed != null || reserved + waiting.size() >= capacity) {
                return false;
            }
            reserved++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The flow whose place was kept does not come. */
    void release() {
        lock.lock();
        try {
            reserved--;
        } finally {
            lock.unlock();
        }
    }

    /** Puts the connection whose place was kept in line; false after {@link #close}. */
    boolean offer(C conn) {
        release();
        while (true) {
            CompletableFuture<C> taker;
            lock.lock();
            try {
                if (closed != null) {
                    return false;
                }
                taker = takers.poll();
                if (taker == null) {
                    waiting.add(conn);
                    return true;
                }
            } finally {
                lock.unlock();
            }
            if (taker.complete(conn)) {
                return true;
            }
        }
    }

    /** Takes a connection out of the line; false if somebody has accepted it. */
    boolean remove(C conn) {
        lock.lock();
        try {
            return waiting.remove(conn);
        } finally {
            lock.unlock();
        }
    }

    /** The next connection, which the caller waits for, at most {@code limit} nanoseconds if that is not 0. */
    C await(String call, long limit) throws IOException {
        CompletableFuture<C> next = take();
        try {
            return limit == 0 ? Later.join(next, call) : Later.join(next, call, limit);
        } catch (TimeoutException e) {
            if (giveUp(next)) {
                throw new SocketTimeoutException(call + " waited for its time-out of " + NANOSECONDS.toMillis(limit)
                        + " ms; the acceptor is still open");
            }
            return Later.join(next, call);
        } catch (InterruptedIOException e) {
            if (giveUp(next)) {
                throw e;
            }
            Thread.currentThread().interrupt();
            return next.join();
        }
    }

    /** The next connection. Cancelled, it takes none; after {@link #close} it fails. */
    CompletableFuture<C> take() {
        CompletableFuture<C> taker = new CompletableFuture<>();
        lock.lock();
        try {
            C first = waiting.poll();
            if (first != null) {
                taker.complete(first);
            } else if (closed != null) {
                taker.completeExceptionally(closed.get());
            } else {
                takers.add(taker);
            }
        } finally {
            lock.unlock();
        }
        return taker;
    }

    /** Gives up waiting; false if a connection has come. */
    private boolean giveUp(CompletableFuture<C> taker) {
        lock.lock();
        try {
            takers.remove(taker);
        } finally {
            lock.unlock();
        }
        return taker.cancel(false);
    }

    /** Takes no more and fails who waits; returns the connections that nobody accepted. */
    List<C> close(Supplier<IOException> why) {
        List<CompletableFuture<C>> failed;
        List<C> left;
        lock.lock();
        try {
            if (closed == null) {
                closed = why;
            }
            failed = new ArrayList<>(takers);
            left = new ArrayList<>(waiting);
            takers.clear();
            waiting.clear();
        } finally {
            lock.unlock();
        }
        failed.forEach(taker -> taker.completeExceptionally(why.get()));
        return left;
    }
}
