// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.rendr.CloseReason;
import io.rendr.MigrationCause;
import io.rendr.PathState;
import io.rendr.RendrException;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowPath;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what befalls flows, with their ids. At DEBUG: failing networks are daily business, and a runtime may have
 * thousands of flows on the path that fails.
 */
final class FlowLog {
    private static final Logger LOG = LoggerFactory.getLogger(FlowLog.class);

    private FlowLog() {}

    static void moved(Flow flow, int from, int to, MigrationCause cause) {
        if (LOG.isDebugEnabled()) {
            LOG.debug("{}: moved from {} to {} ({})", flow, name(flow, from), name(flow, to), cause);
        }
    }

    static void pathChanged(Flow flow, int id) {
        if (!LOG.isDebugEnabled()) {
            return;
        }
        FlowPath path = find(flow, id);
        if (path == null) {
            LOG.debug("{}: path {} is {}", flow, id, PathState.REMOVED);
        } else if (path.state() == PathState.DOWN && path.lastError() != null) {
            LOG.debug("{}: {} is {}, {}", flow, path, path.state(), path.lastError());
        } else {
            LOG.debug("{}: {} is {}", flow, path, path.state());
        }
    }

    static void ended(Flow flow, CloseReason why, @Nullable RendrException failure) {
        LOG.debug("{}: ended, {}{}", flow, why, failure == null ? "" : "; the application is told: " + failure);
    }

    private static String name(Flow flow, int id) {
        FlowPath path = find(flow, id);
        return path == null ? "path " + id : path.toString();
    }

    private static @Nullable FlowPath find(Flow flow, int id) {
        for (FlowPath path : flow.pathList()) {
            if (path.id() == id) {
                return path;
            }
        }
        return null;
    }
}
