// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import io.rendr.PathInfo;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** When one end lost its last path, by its own clock, and when it gave the flow up. */
final class HoldWatch {
    /** What two instants of this process that are read one after the other may differ by in the wrong direction. */
    static final Duration CLOCK = Duration.ofMillis(-20);

    private final Map<Integer, Boolean> usable = new ConcurrentHashMap<>();
    private final CompletableFuture<Instant> ended;
    private volatile Instant since = Instant.MAX;

    HoldWatch(StreamConn conn) {
        conn.admin().onPathChange(this::changed);
        for (PathInfo path : conn.paths()) {
            usable.putIfAbsent(path.id(), path.state().isUsable());
        }
        ended = conn.closed().thenApply(why -> Instant.now()).toCompletableFuture();
    }

    private void changed(PathInfo path) {
        boolean before = usable.containsValue(true);
        usable.put(path.id(), path.state().isUsable());
        boolean now = usable.containsValue(true);
        if (now) {
            since = Instant.MAX;
        } else if (before) {
            since = path.since();
        }
    }

    /** When the end gave up. */
    Instant end() {
        return Await.result(ended);
    }

    /** By how much the end gave up later than its deadline. */
    Duration late(Duration budget) {
        return Duration.between(since.plus(budget), end());
    }
}
