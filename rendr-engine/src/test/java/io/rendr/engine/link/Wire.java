// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import io.rendr.engine.path.RttEstimator;
import io.rendr.engine.wire.PackView;
import java.util.ArrayDeque;
import java.util.function.LongPredicate;

/** A sender that always has something to send, over a modelled link to a peer that acknowledges every datagram at once. */
final class Wire implements Recovery.Outcome {
    static final int DATAGRAM = 1_200;
    static final long MS = 1_000_000;

    private record Flight(long number, long at) {}

    final RttEstimator rtt = new RttEstimator();
    final Recovery recovery;
    private final long delay;
    private final long rate;
    private final int queue;
    private final LongPredicate drop;
    private final ArrayDeque<Flight> there = new ArrayDeque<>();
    private final ArrayDeque<Flight> back = new ArrayDeque<>();
    long now;
    long sent;
    long dropped;
    long overflowed;
    long acknowledged;
    long lost;
    boolean blackHole;
    private long freeAt;
    private double weighted;
    private long since;

    /**
     * @param rtt without the queue
     * @param rate bytes a second; 0 for any
     * @param queue bytes before the bottleneck
     * @param drop which packets vanish, by number
     */
    Wire(long rtt, long rate, int queue, LongPredicate drop) {
        this.delay = rtt / 2;
        this.rate = rate;
        this.queue = queue;
        this.drop = drop;
        this.recovery = new Recovery(DATAGRAM, this.rtt, Cubic::new, this, 0);
    }

    @Override
    public void acknowledged(long number, int bytes) {
        acknowledged++;
    }

    @Override
    public void lost(long number, int bytes) {
        lost++;
    }

    @Override
    public boolean wasAwakeSince(long then) {
        return true;
    }

    /** The mean congestion window since {@link #measure}, over time, in datagrams. */
    double meanWindow() {
        return weighted / (now - since) / DATAGRAM;
    }

    void measure() {
        weighted = 0;
        since = now;
    }

    void runUntil(long end) {
        while (true) {
            send();
            long next = Math.min(end, recovery.deadline());
            next = recovery.hasRoom() ? Math.min(next, Math.max(now + 1, recovery.paceAt(now))) : next;
            next = there.isEmpty() ? next : Math.min(next, there.peek().at());
            next = back.isEmpty() ? next : Math.min(next, back.peek().at());
            weighted += (double) recovery.window() * (next - now);
            now = next;
            if (now >= end) {
                return;
            }
            deliver();
            recovery.onTimer(now);
        }
    }

    private void send() {
        while (recovery.hasRoom() && recovery.paceAt(now) <= now) {
            long number = recovery.nextNumber();
            recovery.sent(DATAGRAM, true, false, now);
            sent++;
            if (blackHole || drop.test(number)) {
                dropped++;
                continue;
            }
            long leaves = Math.max(now, freeAt);
            if (rate > 0 && (leaves - now) * rate / 1_000_000_000L > queue) {
                overflowed++;
                continue;
            }
            freeAt = rate == 0 ? now : leaves + DATAGRAM * 1_000_000_000L / rate;
            there.add(new Flight(number, freeAt + delay));
        }
    }

    private void deliver() {
        while (!there.isEmpty() && there.peek().at() <= now) {
            Flight flight = there.remove();
            back.add(new Flight(flight.number(), now + delay));
        }
        while (!back.isEmpty() && back.peek().at() <= now) {
            Flight flight = back.remove();
            if (!blackHole) {
                recovery.acknowledged(new One(flight.number()), now);
            }
        }
    }

    /** The peer says of one packet that it has arrived. */
    private record One(long largest) implements PackView {
        @Override
        public int delayMicros() {
            return 0;
        }

        @Override
        public int rangeCount() {
            return 1;
        }

        @Override
        public long rangeStart(int i) {
            return largest;
        }

        @Override
        public long rangeEnd(int i) {
            return largest + 1;
        }
    }
}
