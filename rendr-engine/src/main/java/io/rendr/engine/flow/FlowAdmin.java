// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CommonOptions;
import io.rendr.LastPathException;
import io.rendr.PathSpec;
import io.rendr.RendrException;
import io.rendr.Target;
import io.rendr.engine.memory.RangeSet;
import io.rendr.engine.wire.Policy;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an application asks of the paths of a live flow. Needs the flow's exclusion. */
public final class FlowAdmin {
    private final Flow flow;

    /** Paths that the newest tree does not name; they go when one that it names answers. */
    private final List<FlowPath> leaving = new ArrayList<>();

    private long arrangedAt;

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
        flow.failover().requests().ask(path, outcome, now);
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
        if (flow.policy().nodes() >= Target.MAX_NODES || !flow.closing().isOpen()) {
            outcome.failed(new RendrException(
                    flow.id(),
                    flow.closing().isOpen()
                            ? "a policy tree has at most " + Target.MAX_NODES
                                    + " nodes, its paths and groups together; remove a path first"
                            : "the flow is over",
                    null));
            return;
        }
        Redialer redialer = open(new Target.Path(name, spec), now);
        FlowPath path = redialer.path();
        redialer.tryFirst(new Outcome() {
            @Override
            public void done(int pathId) {
                outcome.done(pathId);
            }

            @Override
            public void failed(IOException cause) {
                if (flow.closing().isOpen() && redialer.isOnTrial()) {
                    flow.paths().remove(path, false, now);
                }
                outcome.failed(cause);
            }
        });
        flow.policy().add(path);
        flow.settle(now);
    }

    private Redialer open(Target.Path leaf, long now) {
        FlowPath path = flow.paths().create(flow.paths().nextId(), leaf, now);
        Redialer redialer = new Redialer(flow, path, now);
        path.redialer(redialer);
        return redialer;
    }

    /**
     * Gives the flow another policy tree. A path of the same name that leads to the same place stays, with its carrier;
     * others are opened, and dialed until they answer. What is named no longer is removed as soon as a path that is named
     * answers. The accepting end steers its own sending with it, until the dialer changes its policy.
     *
     * @throws IllegalArgumentException if the nodes are too many; nothing has changed then
     * @throws UnsupportedOperationException on the accepting end, if they are not the paths that there are; nothing has
     *     changed then
     */
    public void arrange(Target target, long now) {
        if (!flow.closing().isOpen()) {
            return;
        }
        List<Target.Path> wanted = target.leaves();
        List<FlowPath> old = new ArrayList<>(flow.paths().all());
        old.removeIf(FlowPath::isRemoved);
        List<@Nullable FlowPath> kept = match(wanted, old);
        check(target, wanted, old, kept);
        Map<Target.Path, Integer> ids = new IdentityHashMap<>();
        for (int i = 0; i < wanted.size(); i++) {
            FlowPath path = kept.get(i);
            if (path == null) {
                path = open(wanted.get(i), now).path();
            } else {
                keep(path, wanted.get(i));
            }
            ids.put(wanted.get(i), path.id());
            if (!old.isEmpty()) {
                probe(path, now);
            }
        }
        leaving.clear();
        leaving.addAll(old);
        arrangedAt = now;
        RangeSet released = new RangeSet();
        flow.policy().arrange(target, ids::get, old, released);
        flow.paths().prefer(flow.policy().order());
        flow.failover().rearranged();
        flow.reinjection().repair(released, now);
        flow.paths().refreshStates(now);
        flow.settle(now);
    }

    private static void keep(FlowPath path, Target.Path leaf) {
        path.describe(path.name(), leaf.spec().option(CommonOptions.BACKUP));
        Redialer redialer = path.redialer();
        if (redialer != null) {
            path.spec(leaf.spec());
            redialer.keepTrying();
        }
    }

    /** The path that each leaf keeps, or null; those paths are taken out of {@code old}. */
    private List<@Nullable FlowPath> match(List<Target.Path> wanted, List<FlowPath> old) {
        List<@Nullable FlowPath> kept = new ArrayList<>();
        for (Target.Path leaf : wanted) {
            FlowPath same = old.stream()
                    .filter(path -> path.title().equals(leaf.name()))
                    .filter(path -> !flow.isDialer() || isSameRoute(path.spec(), leaf.spec()))
                    .findFirst()
                    .orElse(null);
            kept.add(same);
            old.remove(same);
        }
        return kept;
    }

    /** Whether two specs differ in nothing but what people call the path and what it is for. */
    private static boolean isSameRoute(PathSpec a, PathSpec b) {
        return route(a).equals(route(b));
    }

    private static PathSpec route(PathSpec spec) {
        return spec.with(CommonOptions.BACKUP, false).with(CommonOptions.NAME, "any");
    }

    private void check(Target target, List<Target.Path> wanted, List<FlowPath> left, List<@Nullable FlowPath> kept) {
        if (!flow.isDialer() && (kept.contains(null) || !left.isEmpty())) {
            throw new UnsupportedOperationException(
                    "the accepting end arranges the paths that there are, and only the end that dialed opens and removes"
                            + " paths: the paths are " + titles(flow.paths().all()) + ", the target names "
                            + wanted.stream().map(Target.Path::name).toList());
        }
        int most = PolicyTree.nodes(target) + left.size(); // while the old ones wait for the new ones to answer
        if (most > Target.MAX_NODES) {
            throw new IllegalArgumentException("a policy tree has at most " + Target.MAX_NODES
                    + " nodes, its paths and groups together, and would have " + most + " until " + titles(left)
                    + " are gone; change the target in two steps");
        }
    }

    private static List<String> titles(List<FlowPath> paths) {
        return paths.stream()
                .filter(path -> !path.isRemoved())
                .map(FlowPath::title)
                .toList();
    }

    /** Removes the paths that the newest tree does not name, once one that it names answers; it may have failed unnoticed. */
    void retire(long now) {
        if (leaving.isEmpty() || !flow.closing().isOpen() || !staysReachable()) {
            return;
        }
        List<FlowPath> gone = List.copyOf(leaving);
        leaving.clear();
        gone.forEach(path -> flow.paths().remove(path, true, now));
    }

    private boolean staysReachable() {
        for (FlowPath path : flow.paths().all()) {
            Link link = path.link();
            if (link != null
                    && path.isUsable()
                    && link.health().hasConfirmedSince(arrangedAt)
                    && !leaving.contains(path)) {
                return true;
            }
        }
        return false;
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
        } else if (flow.paths().isLast(path)) {
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

    /** Has the carrier of a path go on from another local address. The dialing end only. */
    public void rebind(int pathId, SocketAddress local, Outcome outcome) {
        FlowPath path = flow.paths().find(pathId);
        Link link = path == null ? null : path.link();
        if (path == null || path.isRemoved()) {
            outcome.failed(unknownPath(pathId));
        } else if (link == null) {
            outcome.failed(Failures.unavailable(flow, path, "it has no carrier now, and is dialed anew", null));
        } else {
            link.port().rebind(local, failure -> {
                if (failure == null) {
                    outcome.done(pathId);
                } else {
                    outcome.failed(
                            Failures.unavailable(flow, path, "it stays where it is: " + failure.getMessage(), failure));
                }
            });
        }
    }

    /** Moves what can move, probes every path and dials missing ones now. */
    public void networkChanged(long now) {
        for (FlowPath path : flow.paths().all()) {
            Redialer redialer = path.redialer();
            Link link = path.link();
            if (redialer != null && link != null) {
                link.port()
                        .rebind(null, failure -> {}); // if it stays, the probe finds out whether it still gets through
            }
            probe(path, now);
            if (redialer != null) {
                redialer.hurry(now);
            }
        }
        flow.settle(now);
    }

    private static void probe(FlowPath path, long now) {
        Link link = path.link();
        if (link != null) {
            link.health().probe(now);
        }
    }
}
