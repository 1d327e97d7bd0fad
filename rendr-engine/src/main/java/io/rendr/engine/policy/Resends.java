// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import io.rendr.ResendCause;
import io.rendr.engine.memory.RangeSet;

/** Ranges that wait to be sent again, each under one cause. What was acknowledged meanwhile is skipped. */
public final class Resends implements Feed {
    private static final ResendCause[] CAUSES = ResendCause.values();

    private final ByteSpace space;
    private final RangeSet[] waiting = new RangeSet[CAUSES.length];

    /** An empty set. */
    public Resends(ByteSpace space) {
        this.space = space;
        for (int i = 0; i < waiting.length; i++) {
            waiting[i] = new RangeSet();
        }
    }

    /** Adds [start, end); a part that waits already changes its cause. */
    public void add(long start, long end, ResendCause cause) {
        for (RangeSet other : waiting) {
            other.remove(start, end);
        }
        waiting[cause.ordinal()].add(start, end);
    }

    @Override
    public boolean take(int max, Range out) {
        for (int i = 0; i < waiting.length; i++) {
            if (take(waiting[i], CAUSES[i], max, out)) {
                return true;
            }
        }
        return false;
    }

    private boolean take(RangeSet ranges, ResendCause cause, int max, Range out) {
        while (!ranges.isEmpty()) {
            long start = space.firstUnacked(ranges.start(0));
            ranges.removeBelow(start);
            if (!ranges.isEmpty() && ranges.start(0) <= start) {
                long end = space.cut(start, Math.min(ranges.end(0), space.firstAcked(start)), max);
                if (end == start) {
                    return false;
                }
                ranges.remove(start, end);
                out.set(start, end, cause);
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean hasNext() {
        for (RangeSet ranges : waiting) {
            for (int i = 0; i < ranges.size(); i++) {
                if (space.firstUnacked(ranges.start(i)) < ranges.end(i)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public long waiting() {
        long bytes = 0;
        for (RangeSet ranges : waiting) {
            for (int i = 0; i < ranges.size(); i++) {
                bytes += Math.max(0, ranges.end(i) - space.firstUnacked(ranges.start(i)));
            }
        }
        return bytes;
    }

    /** Moves all that waits here to {@code ranges}. */
    public void drainTo(RangeSet ranges) {
        for (RangeSet mine : waiting) {
            for (int i = 0; i < mine.size(); i++) {
                ranges.add(mine.start(i), mine.end(i));
            }
            mine.clear();
        }
    }

    /** Removes from {@code ranges} what waits here. */
    public void subtractFrom(RangeSet ranges) {
        for (RangeSet mine : waiting) {
            ranges.removeAll(mine);
        }
    }
}
