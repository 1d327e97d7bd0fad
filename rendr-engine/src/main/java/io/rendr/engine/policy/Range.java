// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import io.rendr.ResendCause;
import org.jspecify.annotations.Nullable;

/** What a feed hands out: [start, end), and why if it was sent before. One instance is reused for every frame. */
public final class Range {
    private long start;
    private long end;
    private @Nullable ResendCause cause;

    public void set(long from, long to, @Nullable ResendCause why) {
        start = from;
        end = to;
        cause = why;
    }

    public long start() {
        return start;
    }

    public long end() {
        return end;
    }

    /** Why these bytes are sent again, or null when they go out for the first time. */
    public @Nullable ResendCause cause() {
        return cause;
    }
}
