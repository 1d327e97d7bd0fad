// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.CommonOptions;
import io.rendr.Mode;
import io.rendr.PathInfo;
import io.rendr.PathState;
import io.rendr.QualityPolicy;
import io.rendr.Target;
import io.rendr.engine.flow.Dialing;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.Outcome;
import io.rendr.engine.net.Clock;
import io.rendr.engine.net.FlowDriver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy tree of a connection in the API's words. This version knows one selector over paths; other trees are refused
 * with a text that says so.
 */
final class LivePolicy {
    private static final Logger LOG = LoggerFactory.getLogger(LivePolicy.class);
    private static final String ROOT = "main";

    private final FlowDriver driver;
    private final String name;
    private final @Nullable QualityPolicy quality;

    LivePolicy(FlowDriver driver, Optional<Target> given) {
        this.driver = driver;
        Target.Selector selector = given.orElse(null) instanceof Target.Selector root ? root : null;
        this.name = selector == null ? ROOT : selector.name();
        this.quality = selector == null ? null : selector.quality();
    }

    // ---- what a dialer gives

    /** The paths to dial, in order. */
    static List<Dialing.Plan> plans(Target root) {
        List<Dialing.Plan> plans = new ArrayList<>();
        for (Target.Path leaf : leaves(root)) {
            boolean backup = leaf.spec().option(CommonOptions.BACKUP);
            plans.add(new Dialing.Plan(leaf.name(), backup, leaf.spec()));
        }
        return plans;
    }

    static @Nullable QualityPolicy quality(Target root) {
        return root instanceof Target.Selector selector ? selector.quality() : null;
    }

    /** The leaves of a tree that this version carries out. */
    private static List<Target.Path> leaves(Target root) {
        if (root instanceof Target.Path path) {
            return List.of(path);
        }
        if (!(root instanceof Target.Selector selector)) {
            throw unsupported(root.mode());
        }
        if (selector.duplication() > 0) {
            throw new UnsupportedOperationException(
                    "duplication is not in this version: leave it at 0 (in '" + selector.name() + "')");
        }
        List<Target.Path> leaves = new ArrayList<>();
        for (Target child : selector.children()) {
            if (!(child instanceof Target.Path path)) {
                throw new UnsupportedOperationException("nested groups are not in this version: put the paths of '"
                        + child.name() + "' into '" + selector.name() + "' itself");
            }
            leaves.add(path);
        }
        return leaves;
    }

    static UnsupportedOperationException unsupported(Mode mode) {
        return new UnsupportedOperationException(
                "mode " + mode + " is not in this version: use a selector (Mode.PRIME, or no mode at all)");
    }

    // ---- of a live connection

    Target target() {
        return driver.ask("ConnAdmin.target", flow -> {
            List<Target> children = Snapshots.livePaths(flow)
                    .<Target>map(path ->
                            new Target.Path(path.name().isEmpty() ? path.spec().name() : path.name(), path.spec()))
                    .toList();
            return new Target.Selector(name, children, quality, 0);
        });
    }

    void setTarget(Target root) {
        root.check();
        List<Target.Path> wanted = leaves(root);
        wanted.forEach(leaf -> driver.transports().of(leaf.spec()));
        QualityPolicy wantedQuality = quality(root);
        driver.ask("ConnAdmin.setTarget", flow -> {
            checkDialer(flow, "setTarget");
            if (!Objects.equals(wantedQuality, quality)) {
                throw new UnsupportedOperationException("this version does not change the quality policy of a live"
                        + " connection, only its paths: give it to the dialer");
            }
            apply(flow, wanted);
            return true;
        });
    }

    private static void apply(Flow flow, List<Target.Path> wanted) {
        long now = Clock.now();
        Map<String, PathInfo> there = Snapshots.paths(flow).stream()
                .filter(path -> path.state() != PathState.DRAINING)
                .collect(Collectors.toMap(PathInfo::name, Function.identity(), (a, b) -> a, LinkedHashMap::new));
        checkOrder(there, wanted);
        for (Target.Path leaf : wanted) {
            if (isThere(there, leaf)) {
                there.remove(leaf.name());
            } else {
                flow.admin().addPath(leaf.spec(), leaf.name(), logged(flow, leaf.name()), now);
            }
        }
        there.values().forEach(gone -> flow.admin().removePath(gone.id(), logged(flow, gone.name()), now));
    }

    /** New paths come last, and those that stay keep their places. */
    private static void checkOrder(Map<String, PathInfo> there, List<Target.Path> wanted) {
        List<String> possible = new ArrayList<>(there.keySet());
        List<String> asked = wanted.stream().map(Target.Path::name).toList();
        Set<String> stay = wanted.stream()
                .filter(leaf -> isThere(there, leaf))
                .map(Target.Path::name)
                .collect(Collectors.toSet());
        possible.retainAll(stay);
        asked.stream().filter(name -> !stay.contains(name)).forEach(possible::add);
        if (!asked.equals(possible)) {
            throw new UnsupportedOperationException("this version does not change the order of the paths of a live"
                    + " connection: those that stay keep theirs and new ones come last, give them as " + possible
                    + " and not as " + asked);
        }
    }

    private static boolean isThere(Map<String, PathInfo> there, Target.Path leaf) {
        PathInfo same = there.get(leaf.name());
        return same != null && same.spec().equals(leaf.spec());
    }

    private static Outcome logged(Flow flow, String name) {
        return new Outcome() {
            @Override
            public void done(int pathId) {
                LOG.debug("{}: path {} ({}) as the new target says", flow, pathId, name);
            }

            @Override
            public void failed(IOException cause) {
                LOG.warn("{}: path {} is not as the new target says", flow, name, cause);
            }
        };
    }

    /** @throws UnsupportedOperationException on the accepting end */
    static void checkDialer(Flow flow, String call) {
        if (!flow.isDialer()) {
            throw new UnsupportedOperationException(
                    call + " is for the end that dialed: call it there, at the peer " + flow.peer());
        }
    }
}
