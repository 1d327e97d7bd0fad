// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CommonOptions;
import io.rendr.LastPathException;
import io.rendr.PathSpec;
import io.rendr.RendrException;
import io.rendr.engine.wire.Policy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What an application asks of the paths of a live flow. Needs the flow's exclusion. */
public final class FlowAdmin {
    private final Flow flow;

    FlowAdmin(Flow flow) {
        this.flow = flow;
    }

    /** Moves the flow to a path once that has answered a probe. */
    public void migrate(int pathId, Outcome outcome, long now) {
        FlowPath path = flow.paths().find(pathId);
        if (path == null || path.isRemoved()) {
            outcome.failed(unknownPath(pathId));
            return;
        }
        flow.failover().request(path, outcome, now);
        flow.settle(now);
    }

    /** Adds a path and dials it; the outcome is that of the first attempt. The dialing end only. */
    public void addPath(PathSpec spec, String name, Outcome outcome, long now) {
        if (!flow.isDialer()) {
            outcome.failed(new RendrException(
                    flow.id(), "only the end that dialed adds paths; ask the peer's application to add " + spec, null));
            return;
        }
        String problem = nameProblem(name);
        if (problem != null) {
            outcome.failed(new RendrException(flow.id(), problem, null));
            return;
        }
        if (flow.paths().inUse() >= FlowPaths.MAX_PATHS || !flow.closing().isOpen()) {
            outcome.failed(new RendrException(
                    flow.id(),
                    flow.closing().isOpen()
                            ? "a flow has at most " + FlowPaths.MAX_PATHS + " paths; remove one first"
                            : "the flow is over",
                    null));
            return;
        }
        FlowPath path = flow.paths().create(flow.paths().nextId(), name, spec.option(CommonOptions.BACKUP), spec, now);
        Redialer redialer = new Redialer(flow, path);
        path.redialer(redialer);
        redialer.reportFirst(new Outcome() {
            @Override
            public void done(int pathId) {
                outcome.done(pathId);
            }

            @Override
            public void failed(IOException cause) {
                flow.paths().remove(path, false, now);
                outcome.failed(cause);
            }
        });
        flow.policy().add(path);
        flow.settle(now);
    }

    private static @Nullable String nameProblem(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        return length <= Policy.MAX_NAME
                ? null
                : "a path's name has at most " + Policy.MAX_NAME + " bytes, '" + name + "' has " + length
                        + "; give it a shorter one with ?name=";
    }

    /**
     * Takes a path out of use; its carrier drains. The accepting end asks the dialer to, who alone knows which path is
     * the last: if both removed paths by themselves, each could be left with the one that the other removed.
     */
    public void removePath(int pathId, Outcome outcome, long now) {
        FlowPath path = flow.paths().find(pathId);
        if (path == null || path.isRemoved()) {
            outcome.failed(unknownPath(pathId));
        } else if (flow.paths().inUse() == 1) {
            outcome.failed(new LastPathException(flow.id(), path.name()));
        } else {
            if (flow.isDialer()) {
                flow.paths().remove(path, true, now);
            } else {
                path.askDetach();
            }
            outcome.done(pathId);
            flow.settle(now);
        }
    }

    private RendrException unknownPath(int pathId) {
        StringBuilder known = new StringBuilder();
        flow.paths()
                .all()
                .forEach(path -> known.append(known.length() == 0 ? "" : ", ").append(path.id()));
        return new RendrException(flow.id(), "there is no path " + pathId + "; the flow has " + known, null);
    }

    /** Probes every path and dials missing ones now. */
    public void networkChanged(long now) {
        for (FlowPath path : flow.paths().all()) {
            Link link = path.link();
            if (link != null) {
                link.health().probe(now);
            }
            Redialer redialer = path.redialer();
            if (redialer != null) {
                redialer.hurry(now);
            }
        }
        flow.settle(now);
    }
}
