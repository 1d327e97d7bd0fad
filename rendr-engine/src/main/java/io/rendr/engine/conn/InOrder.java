// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.engine.net.Workers;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Calls the application one after the other, in order, on the callback executor. Thread-safe. */
final class InOrder {
    private final Workers workers;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private boolean running;

    InOrder(Workers workers) {
        this.workers = workers;
    }

    void call(Runnable callback) {
        boolean first;
        lock.lock();
        try {
            waiting.add(callback);
            first = !running;
            running = true;
        } finally {
            lock.unlock();
        }
        if (first && !workers.call(this::drain)) {
            lock.lock();
            try {
                // The next call tries again, and takes along what waits.
                running = false;
            } finally {
                lock.unlock();
            }
        }
    }

    private void drain() {
        Runnable next = next();
        while (next != null) {
            try {
                next.run();
            } catch (RuntimeException | Error e) {
                workers.failed("a listener of the application failed", e);
            }
            next = next();
        }
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            Runnable next = waiting.poll();
            running = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }
}
