// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections that are open, their threads, and how they come to an end. */
final class Splices {
    private static final Logger LOG = LoggerFactory.getLogger(Splices.class);

    private final ExecutorService threads;
    private final Set<Splice> open = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean aborting;

    Splices(String name) {
        this(named(name));
    }

    Splices(ThreadFactory factory) {
        threads =
                new ThreadPoolExecutor(0, Integer.MAX_VALUE, 60, TimeUnit.SECONDS, new SynchronousQueue<>(), factory) {
                    @Override
                    public void execute(Runnable task) {
                        try {
                            super.execute(task);
                        } catch (OutOfMemoryError e) {
                            throw new RejectedExecutionException("no thread can be started: " + e.getMessage(), e);
                        }
                    }
                };
    }

    private static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "rendr-" + name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Rejects what it has no thread for, when stopped or at the system's limit: one connection is lost, and not the listener. */
    ExecutorService threads() {
        return threads;
    }

    /** Carries one connection to its end, on this thread and another one. */
    void run(String label, Splice splice) {
        open.add(splice);
        if (aborting) {
            splice.abort("stopping");
        }
        LOG.debug("{}: open, flow {}", label, splice.conn().flowId());
        try (PathLog paths = PathLog.of(label, splice.conn())) {
            splice.run(threads);
            String broken = splice.broken();
            if (broken == null) {
                LOG.debug("{}: done, {}", label, paths.summary(splice));
            } else {
                LOG.info("{}: broken, {}; {}", label, paths.summary(splice), broken);
            }
        } catch (RuntimeException e) {
            LOG.warn("{}: broken", label, e);
            splice.abort(e.toString());
        } finally {
            open.remove(splice);
            signal();
        }
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    int count() {
        return open.size();
    }

    /** Waits until every connection is done, and aborts those that are not by then. */
    void finish(Duration grace) {
        if (!awaitNone(grace)) {
            LOG.warn("{} connections were not done within {} s, they are cut", count(), grace.toSeconds());
            aborting = true;
            open.forEach(splice -> splice.abort("stopping"));
            awaitNone(grace);
        }
        threads.shutdown();
    }

    private boolean awaitNone(Duration limit) {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (!open.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return open.isEmpty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** For {@link ExecutorService#awaitTermination}, in tests. */
    boolean awaitThreads(Duration limit) throws InterruptedException {
        return threads.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS);
    }
}
