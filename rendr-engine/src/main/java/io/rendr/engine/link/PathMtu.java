// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.stream.IntStream;

/**
 * The largest datagram that gets through: datagram packetization layer path MTU discovery (RFC 8899). Begins at the base
 * size, tries the sizes above from the largest down, each once, until one is carried: that most paths carry all of an
 * Ethernet frame is not worth a ladder of round trips to find out. What may have been lost by chance is tried again from
 * there upwards. Goes back to the base when only large datagrams vanish. Sizes are of the UDP payload, in bytes.
 */
public final class PathMtu {
    /** What every path carries that is of use (RFC 8899, section 5.1.2, less the headers of IPv6 and UDP). */
    public static final int BASE = 1_200;

    /** The last two are an Ethernet frame less the headers of IPv6 and UDP, and of IPv4 and UDP. */
    private static final int[] SIZES = {BASE, 1_280, 1_400, 1_452, 1_472};
    /** RFC 8899, section 5.1.2. */
    private static final int MAX_PROBES = 3;
    /** That a carrier is of no use is not to be said because a few datagrams were lost by chance. */
    private static final int MAX_NEEDED_PROBES = 6;
    /** Large datagrams in a row that are lost, over an RTO or longer, although small ones arrive. */
    private static final int BLACK_HOLE = 6;
    /** RFC 8899, section 5.1.1, PMTU_RAISE_TIMER. */
    private static final long RAISE = SECONDS.toNanos(600);

    /** How soon the search goes on while the carrier is of no use without a larger size. */
    private static final long NEEDED = SECONDS.toNanos(5);

    private static final long NONE = -1;

    private final int needed;
    private int limit;
    /** Sizes that are tried, in rising order. */
    private int[] ladder;

    private int step;
    private int tries;
    private boolean searched;
    /** The largest size that was not tried in vain on the way down. */
    private int ceiling;

    private int lostInARow;
    private long firstLostAt;
    private boolean smallArrived;
    private long newestLarge = NONE;
    private long probe = NONE;
    private long probeAt;

    /**
     * @param limit the largest datagram that the carrier takes; below {@link #BASE} it is the only size
     * @param needed the size below which the carrier is of no use; 0 if it is of use with any
     */
    public PathMtu(int limit, int needed, long now) {
        this.needed = needed;
        this.limit = limit;
        this.ladder = ladder(limit, needed);
        this.ceiling = ladder.length - 1;
        this.probeAt = now;
    }

    private static int[] ladder(int limit, int needed) {
        return IntStream.concat(IntStream.of(SIZES), IntStream.of(Math.max(BASE, needed)))
                .filter(size -> size == BASE || size <= limit)
                .map(size -> Math.min(size, limit))
                .sorted()
                .distinct()
                .toArray();
    }

    /** The largest datagram that the carrier takes is another one: what was found out holds up to there. */
    public void limit(int bytes, long now) {
        if (bytes == limit) {
            return;
        }
        int size = Math.min(size(), bytes);
        limit = bytes;
        ladder = ladder(bytes, needed);
        step = 0;
        while (hasNext() && ladder[step + 1] <= size) {
            step++;
        }
        tries = 0;
        searched = false;
        ceiling = ladder.length - 1;
        probe = NONE;
        probeAt = now;
    }

    /** What a datagram may have now. */
    public int size() {
        return ladder[step];
    }

    /** Whether datagrams may be as large as they have to. */
    public boolean suffices() {
        return size() >= needed;
    }

    /** Whether datagrams cannot be as large as they have to, as far as was found out. */
    public boolean isTooSmall() {
        return !suffices() && (searched || !hasNext());
    }

    /** When a datagram of {@link #probeSize} should be tried; {@link Long#MAX_VALUE} while none should. */
    public long probeAt() {
        return probe == NONE && hasNext() ? probeAt : Long.MAX_VALUE;
    }

    private boolean hasNext() {
        return step + 1 < ladder.length;
    }

    /** The sizes from the largest down; then the next size up, or the one that is needed if there is less. */
    public int probeSize() {
        return ladder[nextStep()];
    }

    private int nextStep() {
        if (isDescending()) {
            return ceiling;
        }
        int next = step + 1;
        while (ladder[next] < needed && next + 1 < ladder.length) {
            next++;
        }
        return next;
    }

    /** A size that is needed is not given up after one loss. */
    private boolean isDescending() {
        return suffices() && ceiling > step + 1;
    }

    /** A probe is sent as packet {@code number}. */
    public void probing(long number) {
        probe = number;
    }

    /** The route is another one, of which nothing is known. */
    public void rerouted(long now) {
        step = 0;
        tries = 0;
        lostInARow = 0;
        searched = false;
        ceiling = ladder.length - 1;
        probe = NONE;
        probeAt = now;
    }

    /** A datagram arrived. */
    public void acknowledged(long number, int bytes, long now) {
        if (number == probe) {
            probe = NONE;
            tries = 0;
            step = nextStep();
            searched = false;
            probeAt = now;
        }
        smallArrived = bytes <= BASE;
        if (bytes > BASE) {
            lostInARow = 0;
            newestLarge = Math.max(newestLarge, number);
        }
    }

    /**
     * A datagram was lost, or was overtaken by so many that it is taken for lost.
     *
     * @param rto in nanoseconds; where packets overtake one another, a large one arrives in that time
     * @return whether datagrams have to be smaller from now on
     */
    public boolean lost(long number, int bytes, long rto, long now) {
        if (number == probe) {
            probe = NONE;
            if (isDescending()) {
                ceiling--;
                return false;
            }
            tries++;
            if (tries >= (suffices() ? MAX_PROBES : MAX_NEEDED_PROBES)) {
                tries = 0;
                searched = true;
                probeAt = now + (suffices() ? RAISE : NEEDED);
            }
            return false;
        }
        boolean overtaken = number < newestLarge; // by one that was as large, and arrived
        if (bytes <= BASE || overtaken) {
            return false;
        }
        if (lostInARow++ == 0) {
            firstLostAt = now;
        }
        if (lostInARow < BLACK_HOLE || now - firstLostAt < rto || !smallArrived) {
            return false;
        }
        lostInARow = 0;
        tries = 0;
        step = 0;
        probe = NONE;
        probeAt = now; // it may have been a queue that was full
        return true;
    }
}
