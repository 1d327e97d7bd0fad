// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.engine.path.RttEstimator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the flows of one runtime that lead to the same peer over the same route tell each other: how long it takes to
 * get there, whether anybody answers there, and whether that is still the peer. They share knowledge, never bytes. The
 * dialing end alone has groups; the accepting end does not know which of its carriers took the same route.
 *
 * <p>Thread-safe, since the flows live on several loops. What one flow has learned reaches the others through their
 * hosts, under their own exclusion, a moment later.
 */
final class PeerGroup {
    /** One path of one flow. */
    interface Member {
        FlowHost host();

        /** The {@link RedialGate} lets the attempt go that this pass was given for. */
        void dial(RedialGate.Pass pass, long now);

        /** Something was learned: time to look whether the carrier still answers, or to dial if there is none. */
        void news(long now);
    }

    /** For so long a round trip that others measured says something about a new carrier. */
    private static final long MEMORY = SECONDS.toNanos(60);

    private final RedialGate gate;
    private final ReentrantLock lock = new ReentrantLock();
    /** Members with a carrier, the one that was asked last at the end. */
    private final Set<Member> carried = new LinkedHashSet<>();

    private final Set<Member> bare = new LinkedHashSet<>();
    private final RttEstimator rtt = new RttEstimator();
    private long measuredAt;
    private volatile boolean empty = true;

    PeerGroup(long now) {
        gate = new RedialGate(now);
    }

    /** Keeps the redials of the group apart. */
    RedialGate gate() {
        return gate;
    }

    // ---- members

    void join(Member member) {
        lock.lock();
        try {
            bare.add(member);
            empty = false;
        } finally {
            lock.unlock();
        }
    }

    void leave(Member member) {
        lock.lock();
        try {
            bare.remove(member);
            carried.remove(member);
            empty = bare.isEmpty() && carried.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** A member has a carrier. */
    void carried(Member member) {
        lock.lock();
        try {
            if (bare.remove(member)) {
                carried.add(member);
            }
        } finally {
            lock.unlock();
        }
    }

    /** A member's carrier is gone. */
    void bare(Member member) {
        lock.lock();
        try {
            if (carried.remove(member)) {
                bare.add(member);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody would miss it. */
    boolean isEmpty() {
        return empty;
    }

    // ---- round trips

    /** A member's probe was answered, with little in flight. */
    void measured(long roundTrip, long now) {
        lock.lock();
        try {
            rtt.sample(roundTrip);
            measuredAt = now;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells a path that has measured nothing yet what the others know. Its handshake, which holds cryptography and
     * perhaps a queue, counts as one sample among theirs, and as all there is if they know nothing.
     */
    void seed(RttEstimator fresh, long handshake, long now) {
        lock.lock();
        try {
            if (rtt.known() && now - measuredAt <= MEMORY) {
                fresh.seed(rtt, handshake);
            } else {
                fresh.seed(handshake);
            }
        } finally {
            lock.unlock();
        }
    }
}
