// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.util.Arrays;

/** When offsets were sent for the first time, to some milliseconds: what is sent first lies first. */
public final class SendTimes {
    private static final long GRAIN = MILLISECONDS.toNanos(5);

    private long[] end = new long[64];
    private long[] at = new long[64];
    private int head;
    private int size;

    /** Notes that everything below {@code offset} has been sent by now. */
    public void sent(long offset, long now) {
        if (size > 0 && offset <= end[last()]) {
            return;
        }
        if (size > 0 && now - at[last()] < GRAIN) {
            end[last()] = offset;
            return;
        }
        if (size == end.length) {
            grow();
        }
        size++;
        end[last()] = offset;
        at[last()] = now;
    }

    private int last() {
        return (head + size - 1) & (end.length - 1);
    }

    /** The offset below which everything was sent before {@code time}. */
    public long sentBefore(long time) {
        long before = Long.MIN_VALUE;
        for (int i = 0; i < size; i++) {
            int index = (head + i) & (end.length - 1);
            if (at[index] - time >= 0) {
                break;
            }
            before = end[index];
        }
        return before;
    }

    /** Forgets what lies below {@code offset}. */
    public void forget(long offset) {
        while (size > 1 && end[head] <= offset) {
            head = (head + 1) & (end.length - 1);
            size--;
        }
    }

    private void grow() {
        long[] ends = Arrays.copyOfRange(end, head, head + 2 * end.length);
        long[] times = Arrays.copyOfRange(at, head, head + 2 * at.length);
        System.arraycopy(end, 0, ends, end.length - head, head);
        System.arraycopy(at, 0, times, at.length - head, head);
        end = ends;
        at = times;
        head = 0;
    }
}
