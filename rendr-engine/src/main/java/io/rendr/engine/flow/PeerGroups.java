// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CommonOptions;
import io.rendr.InstanceId;
import io.rendr.PathSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** The {@link PeerGroup}s of one runtime. Thread-safe. */
public final class PeerGroups {
    private static final int MANY = 1024;

    /** With the options of the route, since two interfaces that lead to one address fail apart. */
    private record Key(InstanceId peer, PathSpec route) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, PeerGroup> groups = new LinkedHashMap<>();

    /** The group of all paths that lead to {@code peer} this way, whatever they are called and used for. */
    PeerGroup of(InstanceId peer, PathSpec spec, long now) {
        PathSpec route = spec.with(CommonOptions.NAME, "any").with(CommonOptions.BACKUP, false);
        lock.lock();
        try {
            if (groups.size() >= MANY) {
                // What they know may serve a later flow, so that they go only when they are many.
                groups.values().removeIf(PeerGroup::isEmpty);
            }
            return groups.computeIfAbsent(new Key(peer, route), key -> new PeerGroup(now));
        } finally {
            lock.unlock();
        }
    }
}
