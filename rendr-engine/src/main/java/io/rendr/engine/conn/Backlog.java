// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Connections that wait to be accepted, and callers that wait for connections. Thread-safe. */
final class Backlog {
    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<StreamConnection> waiting = new ArrayDeque<>();
    private final ArrayDeque<CompletableFuture<StreamConnection>> takers = new ArrayDeque<>();
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
    boolean offer(StreamConnection conn) {
        release();
        while (true) {
            CompletableFuture<StreamConnection> taker;
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
    boolean remove(StreamConnection conn) {
        lock.lock();
        try {
            return waiting.remove(conn);
        } finally {
            lock.unlock();
        }
    }

    /** The next connection. Cancelled, it takes none; after {@link #close} it fails. */
    CompletableFuture<StreamConnection> take() {
        CompletableFuture<StreamConnection> taker = new CompletableFuture<>();
        lock.lock();
        try {
            StreamConnection first = waiting.poll();
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
    boolean giveUp(CompletableFuture<StreamConnection> taker) {
        lock.lock();
        try {
            takers.remove(taker);
        } finally {
            lock.unlock();
        }
        return taker.cancel(false);
    }

    /** Takes no more and fails who waits; returns the connections that nobody accepted. */
    List<StreamConnection> close(Supplier<IOException> why) {
        List<CompletableFuture<StreamConnection>> failed;
        List<StreamConnection> left;
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
