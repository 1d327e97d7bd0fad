// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded number of handshakes that are open at a time. The newest displaces the oldest of the source that has most:
 * whoever opens carriers and stays silent displaces himself, while an honest handshake is over before its turn comes.
 * Thread-safe.
 */
final class Newcomers {
    /** One handshake. */
    interface Guest {
        /** Where it comes from, see {@link Sources#of}. */
        Object source();

        /** Has to go, if it is still among {@code from}; any thread. */
        void evict(Newcomers from);
    }

    private final int most;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Object, Set<Guest>> bySource = new HashMap<>();
    private int size;

    Newcomers(int most) {
        this.most = most;
    }

    void enter(Guest guest) {
        List<Guest> displaced = new ArrayList<>(1);
        lock.lock();
        try {
            if (bySource.computeIfAbsent(guest.source(), s -> new LinkedHashSet<>())
                    .add(guest)) {
                size++;
            }
            shrink(most, displaced);
        } finally {
            lock.unlock();
        }
        displaced.forEach(one -> one.evict(this));
    }

    /** Displaces half of them: the system has run out of something that each of them holds. */
    void halve() {
        List<Guest> displaced = new ArrayList<>();
        lock.lock();
        try {
            shrink(size / 2, displaced);
        } finally {
            lock.unlock();
        }
        displaced.forEach(one -> one.evict(this));
    }

    private void shrink(int bound, List<Guest> displaced) {
        while (size > bound) {
            Set<Guest> largest = Set.of();
            for (Set<Guest> guests : bySource.values()) {
                if (guests.size() > largest.size()) {
                    largest = guests;
                }
            }
            Iterator<Guest> oldest = largest.iterator();
            Guest guest = oldest.next();
            oldest.remove();
            removed(guest, largest);
            displaced.add(guest);
        }
    }

    void leave(Guest guest) {
        lock.lock();
        try {
            Set<Guest> guests = bySource.get(guest.source());
            if (guests != null && guests.remove(guest)) {
                removed(guest, guests);
            }
        } finally {
            lock.unlock();
        }
    }

    private void removed(Guest guest, Set<Guest> from) {
        size--;
        if (from.isEmpty()) {
            bySource.remove(guest.source());
        }
    }
}
