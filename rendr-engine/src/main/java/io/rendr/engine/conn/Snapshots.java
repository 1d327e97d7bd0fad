// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.CommonOptions;
import io.rendr.ConnState;
import io.rendr.ConnStats;
import io.rendr.ConnStatus;
import io.rendr.PathInfo;
import io.rendr.PathQuality;
import io.rendr.PathSpec;
import io.rendr.PathState;
import io.rendr.PeerInfo;
import io.rendr.engine.flow.Counters;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowPath;
import io.rendr.engine.net.Clock;
import io.rendr.engine.path.Quality;
import io.rendr.engine.wire.Info;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a flow looks like now, in the API's words. Called on the flow's home loop. */
final class Snapshots {
    private static final int PROTOCOL_VERSION = 1;

    private Snapshots() {}

    static ConnState state(Flow flow) {
        if (flow.isOver()) {
            return ConnState.DEAD;
        }
        if (flow.isClosing()) {
            return ConnState.CLOSING;
        }
        if (!flow.isEstablished()) {
            return ConnState.HANDSHAKING;
        }
        return flow.isHeld() ? ConnState.MIGRATING : ConnState.ACTIVE;
    }

    static @Nullable PeerInfo peer(Flow flow) {
        Info info = flow.peerInfo();
        return info == null
                ? null
                : new PeerInfo(info.kind(), flow.peer(), Set.copyOf(info.capabilities()), info.runtimeVersion());
    }

    static List<PathInfo> paths(Flow flow) {
        long now = Clock.now();
        return livePaths(flow).map(path -> path(flow, path, now)).toList();
    }

    static Stream<FlowPath> livePaths(Flow flow) {
        return flow.pathList().stream().filter(path -> path.state() != PathState.REMOVED);
    }

    static PathInfo path(Flow flow, FlowPath path, long now) {
        return new PathInfo(
                path.id(),
                path.title(),
                spec(path),
                path.state(),
                flow.carries(path.id()),
                at(path.since(), now),
                quality(path.quality(), now),
                path.bytesReceived() + path.duplicates(),
                path.bytesSent(),
                path.duplicates(),
                path.rebinds(),
                path.localAddress(),
                path.remoteAddress(),
                path.lastError());
    }

    /** As it was given, but for what it is for, which may have changed since. */
    static PathSpec spec(FlowPath path) {
        PathSpec spec = path.spec();
        return spec.option(CommonOptions.BACKUP) == path.isBackup()
                ? spec
                : spec.with(CommonOptions.BACKUP, path.isBackup());
    }

    /** A path that is gone, from what was known of it last. */
    static PathInfo removed(PathInfo last) {
        return new PathInfo(
                last.id(),
                last.name(),
                last.spec(),
                PathState.REMOVED,
                false,
                Instant.now(),
                last.quality(),
                last.bytesReceived(),
                last.bytesSent(),
                last.duplicates(),
                last.rebinds(),
                null,
                null,
                last.lastError());
    }

    private static @Nullable PathQuality quality(Quality measured, long now) {
        if (!measured.known()) {
            return null;
        }
        return new PathQuality(
                Duration.ofNanos(measured.rtt()),
                Duration.ofNanos(measured.jitter()),
                measured.lossPercent(),
                at(measured.at(), now));
    }

    private static Instant at(long then, long now) {
        return Instant.now().minusNanos(Math.max(0, now - then));
    }

    static ConnStatus status(Flow flow, Set<String> capabilities) {
        return new ConnStatus(flow.id(), state(flow), PROTOCOL_VERSION, capabilities, peer(flow), paths(flow));
    }

    static ConnStats stats(Flow flow, Instant createdAt) {
        Counters counters = flow.counters();
        return new ConnStats(
                flow.id(),
                state(flow),
                LivePolicy.mode(flow),
                flow.activePath(),
                paths(flow),
                flow.receiveBuffer().earlyHighWater(),
                counters.duplicates(),
                flow.bondStuckSkips(),
                counters.totalMigrations(),
                createdAt,
                peer(flow),
                counters.bytesSent(),
                counters.bytesReceived(),
                counters.totalResent(),
                flow.progress().queued(),
                flow.receiveBuffer().readable(),
                counters.packets(),
                counters.datagrams(),
                counters.snapshot());
    }
}
