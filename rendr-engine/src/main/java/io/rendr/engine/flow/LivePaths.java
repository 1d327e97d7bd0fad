// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.engine.path.RttEstimator;
import io.rendr.engine.policy.Paths;
import org.jspecify.annotations.Nullable;

/** The paths of a flow as its policy tree sees them. */
final class LivePaths implements Paths {
    private final FlowPaths paths;

    LivePaths(FlowPaths paths) {
        this.paths = paths;
    }

    private @Nullable Link link(int pathId) {
        FlowPath path = paths.find(pathId);
        return path == null ? null : path.link();
    }

    @Override
    public boolean isUsable(int pathId) {
        FlowPath path = paths.find(pathId);
        return path != null && path.isUsable();
    }

    @Override
    public long eta(int pathId) {
        FlowPath path = paths.find(pathId);
        Link link = path == null || path.isRemoved() ? null : path.link();
        return link == null ? Long.MAX_VALUE : link.eta();
    }

    @Override
    public double rate(int pathId) {
        Link link = link(pathId);
        return link == null ? 0 : link.pace();
    }

    @Override
    public long rtt(int pathId) {
        FlowPath path = paths.find(pathId);
        return path == null ? 0 : path.rtt().srtt();
    }

    @Override
    public long overdue(int pathId) {
        Link link = link(pathId);
        if (link == null || link.log().payload() == 0) {
            return 0;
        }
        long expected = link.eta() + link.path().rtt().min() / 2 + RttEstimator.REPORT_DELAY;
        return Math.max(0, link.now() - link.log().oldestSentAt() - expected);
    }

    @Override
    public long recentMinRtt(int pathId) {
        FlowPath path = paths.find(pathId);
        return path == null ? 0 : path.recentRtt().min();
    }
}
