// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

/** The smallest of the values of a sliding window, which goes on in halves: it spans between one half and the whole of it. */
public final class WindowedMin {
    private final long half;
    private long began = Long.MIN_VALUE;
    private long before = Long.MAX_VALUE;
    private long current = Long.MAX_VALUE;

    /**
     * @param window its length in nanoseconds
     */
    public WindowedMin(long window) {
        half = window / 2;
    }

    /** Takes a value. */
    public void add(long value, long now) {
        if (began == Long.MIN_VALUE || now - began >= half) {
            before = began == Long.MIN_VALUE || now - began >= 2 * half ? Long.MAX_VALUE : current;
            current = Long.MAX_VALUE;
            began = now;
        }
        current = Math.min(current, value);
    }

    /** The smallest value that is remembered, 0 if there was none. */
    public long min() {
        long min = Math.min(before, current);
        return min == Long.MAX_VALUE ? 0 : min;
    }
}
