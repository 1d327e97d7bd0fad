// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import java.util.Arrays;

/**
 * A set of offsets, kept as sorted, disjoint, non-adjacent half-open ranges. Allocates only when it has to grow beyond
 * the largest number of ranges it ever held.
 */
public final class RangeSet {
    private long[] starts = new long[4];
    private long[] ends = new long[4];
    private int size;
    private long bytes;

    public boolean isEmpty() {
        return size == 0;
    }

    /** The number of disjoint ranges. */
    public int size() {
        return size;
    }

    public long start(int i) {
        return starts[i];
    }

    public long end(int i) {
        return ends[i];
    }

    /** The number of offsets in the set. */
    public long bytes() {
        return bytes;
    }

    public void clear() {
        size = 0;
        bytes = 0;
    }

    /** Adds [start, end). Returns how many of its offsets were not in the set before. */
    public long add(long start, long end) {
        if (start >= end) {
            return 0;
        }
        int from = firstEndingAtOrAfter(start);
        int to = from;
        long already = 0;
        long mergedStart = start;
        long mergedEnd = end;
        while (to < size && starts[to] <= end) {
            already += Math.max(0, Math.min(end, ends[to]) - Math.max(start, starts[to]));
            mergedStart = Math.min(mergedStart, starts[to]);
            mergedEnd = Math.max(mergedEnd, ends[to]);
            to++;
        }
        replace(from, to, 1);
        starts[from] = mergedStart;
        ends[from] = mergedEnd;
        bytes += end - start - already;
        return end - start - already;
    }

    /** Removes [start, end). Returns how many of its offsets were in the set. */
    public long remove(long start, long end) {
        if (start >= end || size == 0) {
            return 0;
        }
        int from = firstEndingAfter(start);
        int to = from;
        long removed = 0;
        long headStart = 0;
        long headEnd = 0;
        long tailStart = 0;
        long tailEnd = 0;
        while (to < size && starts[to] < end) {
            removed += Math.min(end, ends[to]) - Math.max(start, starts[to]);
            if (starts[to] < start) {
                headStart = starts[to];
                headEnd = start;
            }
            if (ends[to] > end) {
                tailStart = end;
                tailEnd = ends[to];
            }
            to++;
        }
        if (removed == 0) {
            return 0;
        }
        bytes -= removed;
        int kept = (headEnd > headStart ? 1 : 0) + (tailEnd > tailStart ? 1 : 0);
        replace(from, to, kept);
        int at = from;
        if (headEnd > headStart) {
            starts[at] = headStart;
            ends[at++] = headEnd;
        }
        if (tailEnd > tailStart) {
            starts[at] = tailStart;
            ends[at] = tailEnd;
        }
        return removed;
    }

    /** Removes what another set holds. */
    public void removeAll(RangeSet other) {
        for (int i = 0; i < other.size; i++) {
            remove(other.starts[i], other.ends[i]);
        }
    }

    /** Removes every offset below {@code offset}. */
    public void removeBelow(long offset) {
        if (size > 0 && starts[0] < offset) {
            remove(starts[0], offset);
        }
    }

    public boolean contains(long offset) {
        int i = firstEndingAfter(offset);
        return i < size && starts[i] <= offset;
    }

    /** The first offset at or after {@code offset} that is not in the set. */
    public long firstAbsent(long offset) {
        int i = firstEndingAfter(offset);
        return i < size && starts[i] <= offset ? ends[i] : offset;
    }

    /** The first offset at or after {@code offset} that is in the set, or {@link Long#MAX_VALUE}. */
    public long firstPresent(long offset) {
        int i = firstEndingAfter(offset);
        return i == size ? Long.MAX_VALUE : Math.max(offset, starts[i]);
    }

    private int firstEndingAfter(long offset) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private int firstEndingAtOrAfter(long offset) {
        return firstEndingAfter(offset - 1);
    }

    /** Replaces the ranges [from, to) by {@code count} slots that the caller fills. */
    private void replace(int from, int to, int count) {
        int newSize = size - (to - from) + count;
        if (newSize > starts.length) {
            int capacity = Math.max(newSize, starts.length * 2);
            starts = Arrays.copyOf(starts, capacity);
            ends = Arrays.copyOf(ends, capacity);
        }
        System.arraycopy(starts, to, starts, from + count, size - to);
        System.arraycopy(ends, to, ends, from + count, size - to);
        size = newSize;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : ", ").append(starts[i]).append("..").append(ends[i]);
        }
        return text.append('}').toString();
    }
}
