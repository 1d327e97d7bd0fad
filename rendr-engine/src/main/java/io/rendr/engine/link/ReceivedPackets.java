// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.rendr.engine.memory.RangeSet;
import io.rendr.engine.path.RttEstimator;
import io.rendr.engine.wire.PackView;

/**
 * Which packets of a datagram carrier have arrived: lets each in once, and says when to tell the peer, as a
 * {@link PackView} (RFC 9000, section 13.2).
 */
public final class ReceivedPackets implements PackView {
    /** Packets so far behind the newest are taken for replays. */
    private static final long WINDOW = 8192;

    private static final int EAGER = 2;
    private static final long NEVER = Long.MAX_VALUE;
    private static final long NONE = -1;

    private final RangeSet arrived = new RangeSet();
    private long floor;
    private long largest = -1;
    private long largestAt;
    private int unreported;
    private long reportAt = NEVER;
    private long toldAt;
    /** A packet in flight that tells the peer, and the highest number that it names; so the peer is known to have heard it. */
    private long reportIn = NONE;

    private long reported;
    /** The peer knows what arrived below this, and waits for nothing of it any more. */
    private long known;

    /** Whether a packet of this number was not there before; asked before it is opened. */
    public boolean isNew(long number) {
        return number >= floor && !arrived.contains(number);
    }

    /**
     * Notes a packet that is genuine and {@link #isNew}.
     *
     * @param eliciting whether it asks for an acknowledgement
     */
    public void add(long number, boolean eliciting, long now) {
        boolean gap = number != largest + 1;
        arrived.add(number, number + 1);
        if (number > largest) {
            largest = number;
            largestAt = now;
            floor = Math.max(floor, largest - WINDOW + 1);
            arrived.removeBelow(floor);
        }
        if (eliciting) {
            unreported++;
            reportAt = gap || unreported >= EAGER ? now : Math.min(reportAt, now + RttEstimator.REPORT_DELAY);
        }
    }

    /** Whether anything has arrived that the peer wants to be told of, due or not. */
    public boolean isOwed() {
        return reportAt != NEVER;
    }

    /** When the peer is to be told; {@link Long#MAX_VALUE} if there is nothing to tell. */
    public long reportAt() {
        return reportAt;
    }

    /** The peer is being told, by packet {@code number} of this end. */
    public void reported(long number, long now) {
        toldAt = now;
        unreported = 0;
        reportAt = NEVER;
        if (reportIn == NONE) {
            reportIn = number;
            reported = largest;
        }
    }

    /** The peer has packet {@code number} of this end: what a report in it named need not be named again. */
    public void heard(long number) {
        if (number == reportIn) {
            known = Math.max(known, reported);
            reportIn = NONE;
        }
    }

    /** Nobody will ever say whether the peer has packet {@code number} of this end. */
    public void unheard(long number) {
        if (number == reportIn) {
            reportIn = NONE;
        }
    }

    @Override
    public long largest() {
        return largest;
    }

    @Override
    public int delayMicros() {
        return (int) Math.min(Integer.MAX_VALUE, NANOSECONDS.toMicros(toldAt - largestAt));
    }

    @Override
    public int rangeCount() {
        int most = Math.min(MAX_RANGES, arrived.size());
        int count = 1;
        while (count < most && rangeEnd(count) > known) {
            count++;
        }
        return count;
    }

    @Override
    public long rangeStart(int i) {
        return arrived.start(arrived.size() - 1 - i);
    }

    @Override
    public long rangeEnd(int i) {
        return arrived.end(arrived.size() - 1 - i);
    }
}
