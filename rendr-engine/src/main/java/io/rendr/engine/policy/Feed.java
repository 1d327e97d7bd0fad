// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import io.rendr.ResendCause;
import io.rendr.engine.memory.RangeSet;

/**
 * A cursor over the bytes that the peer does not have: what was lost first, then what was never handed out. Skips
 * whatever has been acknowledged meanwhile.
 */
public final class Feed {
    private static final ResendCause[] CAUSES = ResendCause.values();

    private final ByteSpace space;
    private final RangeSet[] lost = new RangeSet[CAUSES.length];
    private long cursor;

    /** A feed that starts at the first byte that the peer does not have. */
    public Feed(ByteSpace space) {
        this.space = space;
        for (int i = 0; i < lost.length; i++) {
            lost[i] = new RangeSet();
        }
    }

    /** Takes the next range of at most {@code max} bytes; false when there is nothing to send now. */
    public boolean take(int max, Range out) {
        for (int i = 0; i < lost.length; i++) {
            if (takeLost(lost[i], CAUSES[i], max, out)) {
                return true;
            }
        }
        cursor = space.firstUnacked(cursor);
        long end = bounded(cursor, Math.min(space.sendableEnd(), cursor + max));
        if (end <= cursor) {
            return false;
        }
        out.set(cursor, end, null);
        cursor = end;
        return true;
    }

    private boolean takeLost(RangeSet ranges, ResendCause cause, int max, Range out) {
        while (!ranges.isEmpty()) {
            long start = space.firstUnacked(ranges.start(0));
            ranges.removeBelow(start);
            if (!ranges.isEmpty() && ranges.start(0) <= start) {
                long end = bounded(start, Math.min(ranges.end(0), start + max));
                ranges.remove(start, end);
                out.set(start, end, cause);
                return true;
            }
        }
        return false;
    }

    private long bounded(long start, long end) {
        return Math.min(end, space.firstAcked(start));
    }

    /** Notes that [start, end) was handed out and did not arrive; it is handed out again before anything new. */
    public void giveBack(long start, long end, ResendCause cause) {
        for (RangeSet other : lost) {
            other.remove(start, end);
        }
        lost[cause.ordinal()].add(start, end);
    }

    /** Whether {@link #take} would find something. */
    public boolean hasNext() {
        for (RangeSet ranges : lost) {
            for (int i = 0; i < ranges.size(); i++) {
                if (space.firstUnacked(ranges.start(i)) < ranges.end(i)) {
                    return true;
                }
            }
        }
        return space.firstUnacked(cursor) < space.sendableEnd();
    }
}
