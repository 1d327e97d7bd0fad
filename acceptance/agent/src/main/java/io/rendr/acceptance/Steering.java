// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import io.rendr.Conn;
import io.rendr.ConnStats;
import io.rendr.PacketCounters;
import io.rendr.PathInfo;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What can be asked of a connection of ours besides what it carries, and what happens to its paths. */
final class Steering {
    private final Rendr rendr;
    private final Conn conn;
    private final ConcurrentLinkedQueue<Map<String, Object>> events = new ConcurrentLinkedQueue<>();

    Steering(Rendr rendr, Conn conn) {
        this.rendr = rendr;
        this.conn = conn;
        conn.admin()
                .onMigrate(m -> events.add(event("move", "from", m.fromPath(), "to", m.toPath(), "cause", m.cause())));
        conn.admin().onPathChange(p -> events.add(event("path", "id", p.id(), "name", p.name(), "state", p.state())));
    }

    private static Map<String, Object> event(String what, Object... more) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("at", System.nanoTime());
        event.put("what", what);
        for (int i = 0; i < more.length; i += 2) {
            event.put(more[i].toString(), more[i + 1] instanceof Enum<?> e ? e.name() : more[i + 1]);
        }
        return event;
    }

    /** Moves and changes of paths so far, by {@link System#nanoTime()}. */
    List<Map<String, Object>> events() {
        return List.copyOf(events);
    }

    /** Tells the runtime, and so all connections of it. */
    void networkChanged() {
        rendr.networkChanged();
    }

    void migrate(String path) throws IOException {
        conn.admin().migrate(id(path));
    }

    int addPath(String uri) throws IOException {
        return conn.admin().addPath(PathSpec.of(uri));
    }

    void removePath(String path) throws IOException {
        conn.admin().removePath(id(path));
    }

    private int id(String path) {
        for (PathInfo info : conn.paths()) {
            if (info.name().equals(path)) {
                return info.id();
            }
        }
        throw new IllegalArgumentException("the connection has no path named " + path + ": " + conn.paths());
    }

    Map<String, Object> stats() {
        ConnStats stats = conn.admin().stats();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("flow", stats.flowId().toString());
        all.put("state", stats.state().name());
        all.put("active", stats.activePath());
        all.put("bytesSent", stats.bytesSent());
        all.put("bytesReceived", stats.bytesReceived());
        all.put("duplicates", stats.recvDuplicates());
        all.put("queueHighWater", stats.recvQueueHighWater());
        all.put("sendQueued", stats.sendQueued());
        all.put("moves", byName(stats.counters().migrations()));
        all.put("resent", byName(stats.counters().bytesResent()));
        all.put("longestGapMillis", stats.counters().longestGap().toNanos() / 1e6);
        all.put("longestHoldMillis", stats.counters().longestHold().toNanos() / 1e6);
        all.put("carriersLost", stats.counters().carriersLost());
        all.put("protocolErrors", stats.counters().protocolErrors());
        all.put("falseSuspicions", stats.counters().spuriousSuspicions());
        all.put("peerStalls", stats.counters().peerStalls());
        PacketCounters packets = stats.packets();
        all.put("packetsSent", packets.sent());
        all.put("packetsRepaired", packets.repaired());
        all.put("packetsExpired", packets.expired());
        all.put("packetsDelivered", packets.delivered());
        all.put("packetsDuplicate", packets.duplicates());
        all.put("packetsDropped", packets.dropped());
        List<Map<String, Object>> paths = new ArrayList<>();
        for (PathInfo path : stats.paths()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("id", path.id());
            one.put("name", path.name());
            one.put("state", path.state().name());
            one.put("active", path.active());
            one.put("sent", path.bytesSent());
            one.put("received", path.bytesReceived());
            one.put("duplicates", path.duplicates());
            if (path.local() != null) {
                one.put("local", path.local().toString());
            }
            if (path.remote() != null) {
                one.put("remote", path.remote().toString());
            }
            if (path.quality() != null) {
                one.put("rttMillis", path.quality().rtt().toNanos() / 1e6);
            }
            if (path.lastError() != null) {
                one.put("lastError", path.lastError().toString());
            }
            paths.add(one);
        }
        all.put("paths", paths);
        return all;
    }

    private static Map<String, Object> byName(Map<? extends Enum<?>, Long> counts) {
        Map<String, Object> named = new LinkedHashMap<>();
        counts.forEach((cause, count) -> named.put(cause.name(), count));
        return named;
    }
}
