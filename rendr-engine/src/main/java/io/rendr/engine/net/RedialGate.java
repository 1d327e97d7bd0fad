// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.InstanceId;
import io.rendr.PathSpec;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the flows of a runtime from redialing one path to one peer all at once, as they would when it comes back
 * after an outage. At most {@value #MAX_WIDTH} attempts of such a group are under way, and {@value #RATE} begin per
 * second. After a failure one attempt goes ahead as a canary; each success doubles how many may follow. Flows with
 * outstanding data go first, and among equals the one that came last: an attempt's time runs while it waits here, so
 * that whoever has waited long has too little left to get anywhere. A flow that has waited too long gives up by itself
 * and comes again, as the newest. Thread-safe.
 */
final class RedialGate {
    static final int MAX_WIDTH = 64;
    static final int RATE = 200;

    private static final long STEP = SECONDS.toNanos(1) / RATE;
    private static final int MANY_GROUPS = 1024;

    /** One path to one peer: with its options, since two interfaces that lead to one address fail apart. */
    record Group(InstanceId peer, PathSpec spec) {}

    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Group, Queue> queues = new HashMap<>();

    RedialGate(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * Lets an attempt in line.
     *
     * @param urgent whether its flow has outstanding data
     * @param start begins the attempt, as a turn of {@code home}, after this call has returned
     */
    Pass enter(Group group, boolean urgent, HomeLoop home, Runnable start) {
        lock.lock();
        try {
            if (queues.size() > MANY_GROUPS) {
                queues.values().removeIf(Queue::isIdle);
            }
            Queue queue = queues.computeIfAbsent(group, g -> new Queue());
            Pass pass = new Pass(queue, home, start);
            (urgent ? queue.urgent : queue.others).add(pass);
            queue.admit();
            return pass;
        } finally {
            lock.unlock();
        }
    }

    /** Of one group; everything under the lock. */
    private final class Queue {
        private final ArrayDeque<Pass> urgent = new ArrayDeque<>();
        private final ArrayDeque<Pass> others = new ArrayDeque<>();
        private int width = MAX_WIDTH;
        private int running;

        /** When a token for the next attempt is there; a full second's worth of them can be saved up to the width. */
        private long nextAt = clock.getAsLong() - MAX_WIDTH * STEP;

        private boolean timed;

        boolean isIdle() {
            return running == 0 && urgent.isEmpty() && others.isEmpty();
        }

        void admit() {
            while (running < width) {
                Pass next = urgent.isEmpty() ? others.peekLast() : urgent.peekLast();
                if (next == null) {
                    return;
                }
                long now = clock.getAsLong();
                nextAt = Math.max(nextAt, now - MAX_WIDTH * STEP);
                if (nextAt - now > 0) {
                    wait(next.home, nextAt - now);
                    return;
                }
                nextAt += STEP;
                remove(next);
                running++;
                next.go();
            }
        }

        private void wait(HomeLoop home, long nanos) {
            if (!timed) {
                timed = true;
                home.loop().schedule(this::timeUp, nanos, NANOSECONDS);
            }
        }

        private void timeUp() {
            lock.lock();
            try {
                timed = false;
                admit();
            } finally {
                lock.unlock();
            }
        }

        boolean remove(Pass pass) {
            return urgent.remove(pass) || others.remove(pass);
        }

        void ended(@Nullable Boolean connected) {
            running--;
            if (connected != null) {
                width = connected ? Math.min(MAX_WIDTH, 2 * width) : 1;
            }
            admit();
        }
    }

    /** One attempt's place in line, and then its leave to run. */
    final class Pass {
        private final Queue queue;
        private final HomeLoop home;
        private final Runnable start;
        private boolean going;
        private boolean over;

        private Pass(Queue queue, HomeLoop home, Runnable start) {
            this.queue = queue;
            this.home = home;
            this.start = start;
        }

        private void go() {
            going = true;
            try {
                // Queued even from that loop itself: transports run in it, and the lock is held here.
                home.loop().execute(() -> home.turn(start));
            } catch (RejectedExecutionException e) {
                // The runtime has ended; nobody waits for this attempt or any other.
                over = true;
            }
        }

        /** The attempt has ended with or without a carrier. */
        void ended(boolean connected) {
            leave(connected);
        }

        /** The attempt is not wanted any more, begun or not. */
        void cancel() {
            leave(null);
        }

        private void leave(@Nullable Boolean connected) {
            lock.lock();
            try {
                if (over) {
                    return;
                }
                over = true;
                if (going) {
                    queue.ended(connected);
                } else {
                    queue.remove(this);
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
