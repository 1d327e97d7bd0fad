// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The virtual clock and what is to happen on it. Events at the same instant run in the order they were asked for, so a
 * run depends on nothing but its schedule.
 */
final class Timeline {
    private static final class Event implements Comparable<Event> {
        final long at;
        final long order;
        final Runnable action;

        Event(long at, long order, Runnable action) {
            this.at = at;
            this.order = order;
            this.action = action;
        }

        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>(256);
    private final long origin;
    private long now;
    private long orders;
    private long executed;

    /**
     * @param origin what the clock shows at first, in nanoseconds; like that of a real clock it means nothing
     */
    Timeline(long origin) {
        this.origin = origin;
        this.now = origin;
    }

    /** What the engine sees as the time, in nanoseconds. */
    long now() {
        return now;
    }

    /** Nanoseconds since the start of the run. */
    long elapsed() {
        return now - origin;
    }

    /** The clock's reading {@code nanos} after the start of the run. */
    long at(long nanos) {
        return origin + nanos;
    }

    void at(long time, Runnable action) {
        events.add(new Event(Math.max(time, now), orders++, action));
    }

    void after(long nanos, Runnable action) {
        at(now + nanos, action);
    }

    /** Runs the next event if it is due at or before {@code until}; otherwise moves the clock there. */
    boolean step(long until) {
        @Nullable Event next = events.peek();
        if (next == null || next.at > until) {
            now = Math.max(now, until);
            return false;
        }
        events.poll();
        now = next.at;
        executed++;
        next.action.run();
        return true;
    }

    boolean isEmpty() {
        return events.isEmpty();
    }

    long executed() {
        return executed;
    }
}
