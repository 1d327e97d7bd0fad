// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the flows of a {@link PeerGroup} from redialing all at once, as they would when the peer comes back after an
 * outage. At most {@value #MAX_WIDTH} attempts are under way, and {@value #RATE} begin per second. After a failure one
 * attempt goes ahead as a canary; each success doubles how many may follow. Flows with outstanding data go first, and
 * among equals the one that came last: an attempt's time runs while it waits here, so that whoever has waited long has
 * too little left to get anywhere. A flow that has waited too long gives up by itself and comes again, as the newest.
 * Thread-safe.
 */
final class RedialGate {
    static final int MAX_WIDTH = 64;
    static final int RATE = 200;

    private static final long STEP = SECONDS.toNanos(1) / RATE;

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Pass> urgent = new ArrayDeque<>();
    private final ArrayDeque<Pass> others = new ArrayDeque<>();
    private int width = MAX_WIDTH;
    private int running;

    /** The newest time that anybody told. */
    private long time;

    /** When a token for the next attempt is there; as many as the width can be saved up. */
    private long nextAt;

    private boolean timed;

    RedialGate(long now) {
        time = now;
        nextAt = now - MAX_WIDTH * STEP;
    }

    /**
     * Lets an attempt in line. Its {@link PeerGroup.Member#dial} begins it, after this call has returned.
     *
     * @param isUrgent whether its flow has outstanding data
     */
    Pass enter(PeerGroup.Member member, boolean isUrgent, long now) {
        lock.lock();
        try {
            time = now;
            Pass pass = new Pass(member);
            (isUrgent ? urgent : others).add(pass);
            admit();
            return pass;
        } finally {
            lock.unlock();
        }
    }

    private void admit() {
        while (running < width) {
            Pass next = urgent.isEmpty() ? others.peekLast() : urgent.peekLast();
            if (next == null) {
                return;
            }
            nextAt = Math.max(nextAt, time - MAX_WIDTH * STEP);
            if (nextAt - time > 0) {
                wait(next);
                return;
            }
            nextAt += STEP;
            remove(next);
            running++;
            next.go();
        }
    }

    private void wait(Pass pass) {
        if (!timed) {
            timed = true;
            pass.member.host().callAt(nextAt, this::timeUp);
        }
    }

    private void timeUp(long now) {
        lock.lock();
        try {
            timed = false;
            time = now;
            admit();
        } finally {
            lock.unlock();
        }
    }

    private boolean remove(Pass pass) {
        return urgent.remove(pass) || others.remove(pass);
    }

    /** One attempt's place in line, and then its leave to run. */
    final class Pass {
        private final PeerGroup.Member member;
        private boolean going;
        private boolean over;

        private Pass(PeerGroup.Member member) {
            this.member = member;
        }

        /** Queued by the host, even if that is the caller: the lock is held here. */
        private void go() {
            going = true;
            member.host().callAt(time, now -> member.dial(this, now));
        }

        /** The attempt has ended with or without a carrier. */
        void ended(boolean connected, long now) {
            lock.lock();
            try {
                time = now;
                leave(connected);
            } finally {
                lock.unlock();
            }
        }

        /** The attempt is not wanted any more, begun or not. */
        void cancel() {
            lock.lock();
            try {
                leave(null);
            } finally {
                lock.unlock();
            }
        }

        private void leave(@Nullable Boolean connected) {
            if (over) {
                return;
            }
            over = true;
            if (!going) {
                remove(this);
                return;
            }
            running--;
            if (connected != null) {
                width = connected ? Math.min(MAX_WIDTH, 2 * width) : 1;
            }
            admit();
        }
    }
}
