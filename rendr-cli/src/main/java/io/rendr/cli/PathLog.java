// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.Conn;
import io.rendr.ConnStats;
import io.rendr.Migration;
import io.rendr.PathInfo;
import io.rendr.PathState;
import io.rendr.Registration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what happens to the paths of a connection, a line for each change that a person would want to know. */
final class PathLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PathLog.class);

    private final String label;
    private final Conn conn;
    private final Map<Integer, String> names = new ConcurrentHashMap<>();
    private final Registration pathChanges;
    private final Registration migrations;

    private PathLog(String label, Conn conn) {
        this.label = label;
        this.conn = conn;
        conn.paths().forEach(path -> names.put(path.id(), path.name()));
        this.pathChanges = conn.admin().onPathChange(this::changed);
        this.migrations = conn.admin().onMigrate(this::moved);
    }

    static PathLog of(String label, Conn conn) {
        return new PathLog(label, conn);
    }

    private void changed(PathInfo path) {
        names.put(path.id(), path.name());
        if (path.state() == PathState.DOWN) {
            LOG.info("{}: path {} is down: {}", label, path.name(), path.lastError());
        } else if (path.state() == PathState.SUSPECT) {
            LOG.info("{}: path {} is silent", label, path.name());
        } else {
            LOG.debug("{}: path {} is {}", label, path.name(), path.state());
        }
    }

    private void moved(Migration move) {
        LOG.info("{}: moved from {} to {} ({})", label, name(move.fromPath()), name(move.toPath()), move.cause());
    }

    private String name(int path) {
        return names.getOrDefault(path, "path " + path);
    }

    /** What the connection carried and went through. */
    String summary(Splice splice) {
        ConnStats stats = conn.admin().stats();
        return splice.carried() + ", " + stats.migrationCount() + " moves, longest gap "
                + stats.counters().longestGap().toMillis() + " ms";
    }

    @Override
    public void close() {
        pathChanges.close();
        migrations.close();
    }
}
