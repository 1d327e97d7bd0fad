// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import io.rendr.testkit.Await;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Something that a thread of its own does. */
final class Job<T> {
    /** Beyond what any machine needs. */
    private static final long SECONDS = 120;

    private final FutureTask<T> task;
    private final Thread thread;

    private Job(String name, Callable<T> body) {
        task = new FutureTask<>(body);
        thread = new Thread(task, name);
        thread.setDaemon(true);
    }

    static <T> Job<T> start(String name, Callable<T> body) {
        Job<T> job = new Job<>(name, body);
        job.thread.start();
        return job;
    }

    boolean isDone() {
        return task.isDone();
    }

    /** Whether the thread waits for somebody to wake it. */
    boolean isParked() {
        return thread.getState() == Thread.State.WAITING;
    }

    /** Waits until it is done, whatever it came to. */
    void awaitEnd() {
        Await.until("the end of " + thread.getName(), task::isDone);
    }

    /** What it came to. */
    T result() throws Exception {
        try {
            return task.get(SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw stuck(e);
        }
    }

    /** What it failed with. */
    Throwable failure() throws Exception {
        try {
            T value = task.get(SECONDS, TimeUnit.SECONDS);
            throw new AssertionError("'" + thread.getName() + "' should have failed, and came to " + value);
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (TimeoutException e) {
            throw stuck(e);
        }
    }

    private AssertionError stuck(TimeoutException e) {
        AssertionError error = new AssertionError(
                "'" + thread.getName() + "' is not done after " + SECONDS + " s; it is where this says", e);
        error.setStackTrace(thread.getStackTrace());
        return error;
    }
}
