// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.rendr.RendrConfig;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where everything runs that is not the engine's own: callbacks of the application, handlers of accepted flows, and what
 * transports do that blocks. Never an event loop. Virtual threads where the JVM has them, else a cached pool of daemon
 * threads; the application may bring executors of its own for callbacks and blocking work.
 */
public final class Workers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    private static final AtomicInteger RUNTIMES = new AtomicInteger();

    private final ExecutorService threads;
    private final Executor callbacks;
    private final Executor blocking;
    private final AtomicLong failures = new AtomicLong();

    public Workers(RendrConfig config) {
        threads = threads("rendr-" + RUNTIMES.incrementAndGet() + "-worker-");
        callbacks = config.callbackExecutor().orElse(threads);
        blocking = config.blockingExecutor().orElse(threads);
    }

    /**
     * Calls the application; what it throws is logged and counted.
     *
     * @return false if the executor took no more, which is logged and counted as well
     */
    public boolean call(Runnable callback) {
        return execute(callbacks, callback);
    }

    /** Runs a handler of the application on a thread of its own; what it throws is logged and counted. */
    public void serve(Runnable handler) {
        execute(threads, handler);
    }

    private boolean execute(Executor executor, Runnable body) {
        try {
            executor.execute(() -> contained(body));
            return true;
        } catch (RejectedExecutionException e) {
            failures.incrementAndGet();
            LOG.warn("a callback was not run: the executor for callbacks takes no more", e);
            return false;
        }
    }

    private void contained(Runnable body) {
        try {
            body.run();
        } catch (RuntimeException | Error e) {
            failed("a callback of the application failed", e);
        }
    }

    /**
     * Logs and counts what the application threw.
     *
     * @param what happened to whom
     */
    public void failed(String what, Throwable thrown) {
        failures.incrementAndGet();
        LOG.error(what, thrown);
    }

    /** How many callbacks failed. */
    public long failures() {
        return failures.get();
    }

    Executor blocking() {
        return blocking;
    }

    /** Takes no more; what runs may end. */
    void shutDown() {
        threads.shutdown();
    }

    private static ExecutorService threads(String prefix) {
        try {
            Method ofVirtual = Thread.class.getMethod("ofVirtual");
            Class<?> builderType = Class.forName("java.lang.Thread$Builder");
            Object builder = ofVirtual.invoke(null);
            builder = builderType.getMethod("name", String.class, long.class).invoke(builder, prefix, 1L);
            Object factory = builderType.getMethod("factory").invoke(builder);
            return (ExecutorService) Executors.class
                    .getMethod("newThreadPerTaskExecutor", ThreadFactory.class)
                    .invoke(null, factory);
        } catch (ReflectiveOperationException e) {
            LOG.debug("no virtual threads here, using a pool: {}", e.toString());
            return pool(prefix);
        }
    }

    private static ExecutorService pool(String prefix) {
        AtomicInteger number = new AtomicInteger();
        return Executors.newCachedThreadPool(body -> {
            Thread thread = new Thread(body, prefix + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }
}
