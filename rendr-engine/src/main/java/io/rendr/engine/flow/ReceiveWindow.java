// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.rendr.engine.memory.ChunkPool;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.memory.ReceiveBuffer;

/**
 * How much room the reading end keeps open for the peer: twice what the application consumes in a round trip, or in
 * 10 ms as far as that is at most 4 MiB, bounded by 16 MiB and by an eighth of the free pool. It fades while the
 * application reads more slowly than before.
 *
 * <p>At first the room is 64 KiB, as far as that is a small part of the pool. While the application consumes more with every
 * round trip it is four times what it consumes: the peer is in slow start, where it doubles what it sends in the time that
 * credit takes to arrive. What came early, because several paths carry the flow and one is slower than another, has its room
 * besides: it is not consumed however fast the reader is.
 *
 * <p>The 10 ms let the peer go on while a reader waits for its processor. Beyond a few MiB they would do harm on a short
 * path: what waits there has left the cache when it is read.
 */
final class ReceiveWindow {
    /** Up to here a peer that says that it waits for room gets it, whatever was consumed until now. */
    private static final long DEMAND = 256 * 1024;

    /**
     * What a peer that has proved itself gets at once, so that its first flight need not ask for it: some windows that TCP
     * begins with (RFC 6928).
     */
    private static final long WELCOME = 64 * 1024;

    /** Of the fair share so much less goes to those who have only come. */
    private static final int NEWCOMER = 32;

    private static final int FAIR_SHARE = 8;
    private static final int FADE = 8;
    /** By how much more than in the round before counts as growth. */
    private static final double GROWTH = 1.25;

    private static final long PAUSE = MILLISECONDS.toNanos(10);
    private static final long MOST_FOR_PAUSE = 4L << 20;

    private final FlowMemory memory;
    private final long least;
    private long size;
    private long roundStart;
    private long roundConsumed;
    private double rate;
    /** The most that waited in this round for what other paths bring later. */
    private long roundEarly;

    /**
     * @param least what has to fit whole; beyond the guaranteed {@link ChunkPool#SMALL} only while the pool has it
     */
    ReceiveWindow(FlowMemory memory, long first, long least, long now) {
        this.memory = memory;
        this.least = least;
        this.size = Math.max(first, Math.min(WELCOME, fairShare() / NEWCOMER));
        this.roundStart = now;
    }

    /** Bytes that shall be granted beyond what was consumed. */
    long size() {
        return size;
    }

    /** As much of {@link #size} as the pool can bear now; what has to fit, at least. */
    long grantable() {
        return Math.min(size, Math.max(least, fairShare()));
    }

    /** So many bytes wait for those before them, which are on another path: they must not keep the peer from going on. */
    void waits(long early) {
        roundEarly = Math.max(roundEarly, early);
    }

    /** The peer waits for room. */
    void demanded() {
        size = Math.max(size, Math.min(DEMAND, Math.max(least, fairShare())));
    }

    /** The peer gave back what it does not need: what was consumed until now, {@code total} bytes, earns nothing any more. */
    void returned(long total) {
        size = ChunkPool.SMALL;
        roundConsumed = total;
    }

    /** The application has consumed {@code total} bytes by now. */
    void consumed(long total, long longestRtt, long now) {
        long span = now - roundStart;
        if (span < Math.max(longestRtt, PAUSE)) {
            return;
        }
        double before = rate;
        rate = (double) (total - roundConsumed) / span;
        int rounds = rate > GROWTH * before ? 4 : 2;
        long forPause = Math.min((long) (2 * rate * PAUSE), MOST_FOR_PAUSE);
        long forTrip = Math.min((long) (rounds * rate * longestRtt) + roundEarly, ReceiveBuffer.MAX_WINDOW);
        long wanted = Math.min(Math.max(forPause, forTrip), fairShare());
        long faded = Math.max(Math.min(size, DEMAND), size - size / FADE);
        size = Math.max(faded, wanted);
        roundStart = now;
        roundConsumed = total;
        roundEarly = 0;
    }

    private long fairShare() {
        return memory.freeToReceive() / FAIR_SHARE;
    }
}
