// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What happened in a run, a line each, for people. Costs nothing while off: callers ask {@link #on} first. */
final class EventLog {
    private final @Nullable Consumer<String> sink;
    private @Nullable Timeline timeline;

    EventLog(@Nullable Consumer<String> sink) {
        this.sink = sink;
    }

    void clock(Timeline clock) {
        timeline = clock;
    }

    boolean on() {
        return sink != null;
    }

    /**
     * @param who the host, flow or path it happened to
     */
    void add(String who, String what) {
        if (sink != null) {
            long elapsed = timeline == null ? 0 : timeline.elapsed();
            sink.accept(String.format(Locale.ROOT, "%12.6f  %-14s %s", elapsed / 1e9, who, what));
        }
    }
}
