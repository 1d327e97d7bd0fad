// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

import org.jspecify.annotations.Nullable;

/** The move that the application asked for: the path is probed first, and what does not answer is not moved to. */
final class ExplicitMove {
    private static final long PATIENCE = SECONDS.toNanos(1);

    private final Flow flow;
    private int requested = FlowPolicy.NONE;
    private long requestedAt;
    private @Nullable Outcome request;

    ExplicitMove(Flow flow) {
        this.flow = flow;
    }

    /** Moves to {@code path} once it has answered a probe. */
    void ask(FlowPath path, Outcome outcome, long now) {
        if (request != null) {
            refuse(path(requested), "another migration was asked for");
        }
        Link link = path.link();
        if (link == null || !path.isUsable()) {
            outcome.failed(Failures.unavailable(flow, path, path.lastError()));
            return;
        }
        if (flow.policy().feeds(path.id())) {
            flow.failover().moveAsAsked(path, now);
            outcome.done(path.id());
            return;
        }
        requested = path.id();
        requestedAt = now;
        request = outcome;
        link.health().probe(now);
    }

    /** Moves, or refuses, as soon as there is an answer or no hope of one. */
    void answer(long now) {
        Outcome outcome = request;
        if (outcome == null) {
            return;
        }
        FlowPath path = path(requested);
        Link link = path.link();
        if (link == null || path.isRemoved()) {
            refuse(path, "it went down before it answered a probe");
        } else if (link.health().hasConfirmedSince(requestedAt)) {
            request = null;
            flow.failover().moveAsAsked(path, now);
            outcome.done(path.id());
        } else if (now >= deadline()) {
            refuse(path, "no answer to a probe within " + (now - requestedAt) / 1_000_000 + " ms");
        }
    }

    private void refuse(FlowPath path, String why) {
        Outcome outcome = request;
        request = null;
        if (outcome != null) {
            outcome.failed(Failures.unavailable(flow, path, why, null));
        }
    }

    private FlowPath path(int id) {
        FlowPath path = flow.paths().find(id);
        if (path == null) {
            throw new IllegalStateException("path " + id + " is unknown");
        }
        return path;
    }

    long deadline() {
        if (request == null) {
            return Long.MAX_VALUE;
        }
        FlowPath path = path(requested);
        return requestedAt + Math.max(PATIENCE, path.liveness().suspicion(path.rtt(), requestedAt));
    }
}
