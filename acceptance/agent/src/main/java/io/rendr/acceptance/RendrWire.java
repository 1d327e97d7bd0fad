// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import io.rendr.Acceptor;
import io.rendr.ConnStats;
import io.rendr.PathInfo;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A connection of ours, with what happens to its paths. */
final class RendrWire implements Wire {
    private final StreamConn conn;
    private final ConcurrentLinkedQueue<Map<String, Object>> events = new ConcurrentLinkedQueue<>();

    private RendrWire(StreamConn conn) {
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

    @Override
    public int read(ByteBuffer into) throws IOException {
        return conn.read(into);
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        conn.write(from);
    }

    @Override
    public void shutdownOutput() throws IOException {
        conn.shutdownOutput();
    }

    @Override
    public void close() {
        conn.close();
    }

    /** Moves and changes of paths so far, by {@link System#nanoTime()}. */
    List<Map<String, Object>> events() {
        return List.copyOf(events);
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

    /** Endpoints and paths are path URIs. */
    static final class Rendrs implements Kind {
        private final Rendr rendr = Rendr.create();

        @Override
        public Port listen(List<String> endpoints) throws IOException {
            Acceptor acceptor = rendr.listen(endpoints.toArray(String[]::new));
            List<String> bound = new ArrayList<>();
            acceptor.endpoints().forEach(spec -> bound.add(spec.toUri()));
            return new Port() {
                @Override
                public List<String> endpoints() {
                    return bound;
                }

                @Override
                public Wire accept() throws IOException {
                    return new RendrWire(acceptor.accept());
                }

                @Override
                public void close() {
                    acceptor.close();
                }
            };
        }

        @Override
        public Wire dial(List<String> paths) throws IOException {
            return new RendrWire(rendr.dial(paths.toArray(String[]::new)));
        }

        @Override
        public void close() {
            rendr.close();
        }
    }
}
