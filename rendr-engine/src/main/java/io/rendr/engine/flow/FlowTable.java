// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.FlowId;
import io.rendr.engine.keys.RefusalKey;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The flows of a runtime, and for two minutes the tombstones of those that ended: a tombstone can prove that a late
 * ATTACH comes too late. Thread-safe.
 */
public final class FlowTable {
    private static final long TOMBSTONE_LIFE = SECONDS.toNanos(120);
    private static final int MAX_TOMBSTONES = 8192;

    /** What is left of a flow. */
    record Tombstone(RefusalKey key, boolean inOrder, int code, long diesAt) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<FlowId, Flow> flows = new HashMap<>();
    private final Map<FlowId, Tombstone> tombstones = new LinkedHashMap<>();

    /** A live flow; null if there is none of this id. */
    public @Nullable Flow find(FlowId id) {
        lock.lock();
        try {
            return flows.get(id);
        } finally {
            lock.unlock();
        }
    }

    public Set<FlowId> ids() {
        lock.lock();
        try {
            return Set.copyOf(flows.keySet());
        } finally {
            lock.unlock();
        }
    }

    /** The flows that live now. */
    public List<Flow> all() {
        lock.lock();
        try {
            return List.copyOf(flows.values());
        } finally {
            lock.unlock();
        }
    }

    public int size() {
        lock.lock();
        try {
            return flows.size();
        } finally {
            lock.unlock();
        }
    }

    /** Adds a flow; false if its id is taken. */
    public boolean add(Flow flow) {
        lock.lock();
        try {
            return flows.putIfAbsent(flow.id(), flow) == null;
        } finally {
            lock.unlock();
        }
    }

    /** Replaces a released flow by its tombstone. */
    public void bury(Flow flow, long now) {
        lock.lock();
        try {
            if (flows.remove(flow.id(), flow)) {
                expire(now);
                tombstones.put(
                        flow.id(),
                        new Tombstone(
                                flow.secrets().refusalKey(),
                                flow.closing().endedInOrder(),
                                flow.closing().code(),
                                now + TOMBSTONE_LIFE));
            }
        } finally {
            lock.unlock();
        }
        flow.secrets().destroy();
    }

    @Nullable
    Tombstone tombstone(FlowId id, long now) {
        lock.lock();
        try {
            expire(now);
            return tombstones.get(id);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a flow of this id lives, or has a tombstone. */
    boolean knows(FlowId id, long now) {
        return find(id) != null || tombstone(id, now) != null;
    }

    private void expire(long now) {
        Iterator<Tombstone> oldest = tombstones.values().iterator();
        while (oldest.hasNext()) {
            Tombstone tombstone = oldest.next();
            if (now < tombstone.diesAt() && tombstones.size() <= MAX_TOMBSTONES) {
                return;
            }
            oldest.remove();
            tombstone.key().destroy();
        }
    }
}
