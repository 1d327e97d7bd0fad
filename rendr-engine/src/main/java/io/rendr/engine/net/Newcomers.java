// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of handshakes that are open at a time. The oldest makes room for the newest: whoever opens carriers
 * and stays silent displaces others like him, while an honest handshake is over before its turn comes. Thread-safe.
 */
final class Newcomers {
    /** One handshake. */
    interface Guest {
        /** Has to go, if it is still among {@code from}; any thread. */
        void evict(Newcomers from);
    }

    private final int most;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Guest> inOrder = new LinkedHashSet<>();

    Newcomers(int most) {
        this.most = most;
    }

    void enter(Guest guest) {
        @Nullable Guest oldest = null;
        lock.lock();
        try {
            inOrder.add(guest);
            if (inOrder.size() > most) {
                oldest = removeOldest();
            }
        } finally {
            lock.unlock();
        }
        if (oldest != null) {
            oldest.evict(this);
        }
    }

    private Guest removeOldest() {
        Iterator<Guest> first = inOrder.iterator();
        Guest oldest = first.next();
        first.remove();
        return oldest;
    }

    void leave(Guest guest) {
        lock.lock();
        try {
            inOrder.remove(guest);
        } finally {
            lock.unlock();
        }
    }
}
