// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.CommonOptions;
import io.rendr.IllegalModeTransitionException;
import io.rendr.Mode;
import io.rendr.QualityPolicy;
import io.rendr.Target;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowPath;
import io.rendr.engine.net.Clock;
import io.rendr.engine.net.FlowDriver;
import io.rendr.engine.policy.Bond;
import io.rendr.engine.policy.Leaf;
import io.rendr.engine.policy.Node;
import io.rendr.engine.policy.Race;
import io.rendr.engine.policy.Selector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The policy tree of a connection in the API's words. */
final class LivePolicy {
    /** What a root is called that nobody has named, such as that of a peer with a tree too large to tell all its names. */
    private static final String ROOT = "main";

    private final FlowDriver driver;
    private final QualityPolicy quality;
    private final double duplication;
    private final double stuckMultiplier;

    LivePolicy(FlowDriver driver, Optional<Target> given) {
        this.driver = driver;
        Target root = given.orElse(null);
        this.quality = root instanceof Target.Selector selector && selector.quality() != null
                ? selector.quality()
                : QualityPolicy.DEFAULT;
        this.duplication = root instanceof Target.Selector selector ? selector.duplication() : 0;
        this.stuckMultiplier =
                root instanceof Target.Bond bond ? bond.stuckRttMultiplier() : Target.Bond.DEFAULT_STUCK_RTT_MULTIPLIER;
    }

    // ---- what a dialer gives

    /** The same tree, in which every selector on the way to a path prefers the child that the path belongs to. */
    static Target preferring(Target node, String path) {
        if (!(node instanceof Target.Selector selector)) {
            return node;
        }
        List<Target> children = new ArrayList<>();
        selector.children().forEach(child -> children.add(preferring(child, path)));
        children.sort(Comparator.comparing(child -> child.find(path).isEmpty()));
        return new Target.Selector(selector.name(), children, selector.quality(), selector.duplication());
    }

    // ---- of a live connection

    Target target() {
        return driver.ask("ConnAdmin.target", LivePolicy::target);
    }

    private static Target target(Flow flow) {
        Target root = target(flow.policyRoot(), flow, ROOT);
        if (root == null) {
            throw new IllegalStateException("flow " + flow.id() + " has no path any more");
        }
        return root;
    }

    /** A node of the tree as the application knows it; null if it is a path that is not there, or has none below. */
    private static @Nullable Target target(Node node, Flow flow, String fallback) {
        if (node instanceof Leaf leaf) {
            FlowPath path = Snapshots.livePaths(flow)
                    .filter(live -> live.id() == leaf.pathId())
                    .findFirst()
                    .orElse(null);
            return path == null ? null : new Target.Path(path.title(), Snapshots.spec(path));
        }
        String name = node.name().isEmpty() ? fallback : node.name();
        List<Target> children = new ArrayList<>();
        for (Node child : node.children()) {
            Target target = target(child, flow, name + "." + (children.size() + 1));
            if (target != null) {
                children.add(target);
            }
        }
        if (children.isEmpty()) {
            return null;
        }
        if (node instanceof Race) {
            return new Target.Race(name, children);
        }
        if (node instanceof Bond bond) {
            return new Target.Bond(name, children, bond.stuckMultiplier());
        }
        Selector selector = (Selector) node;
        return new Target.Selector(name, children, selector.quality(), selector.duplication());
    }

    void setTarget(Target root) {
        root.check();
        driver.ask("ConnAdmin.setTarget", flow -> {
            arrange(flow, root);
            return true;
        });
    }

    private void arrange(Flow flow, Target root) {
        if (flow.isDialer()) {
            root.leaves()
                    .forEach(leaf -> CommonOptions.connectTimeout(
                            leaf.spec(), driver.transports().of(leaf.spec())));
        }
        flow.admin().arrange(root, Clock.now());
    }

    Mode mode() {
        return driver.ask("ConnAdmin.mode", LivePolicy::mode);
    }

    static Mode mode(Flow flow) {
        Node root = flow.policyRoot();
        return root instanceof Race ? Mode.RACE : root instanceof Bond ? Mode.BOND : Mode.PRIME;
    }

    /** Exchanges the group at the root for one of another kind, with the same children. */
    void setMode(Mode mode) {
        driver.ask("ConnAdmin.setMode", flow -> {
            Mode before = mode(flow);
            if (!before.canChangeTo(mode)) {
                throw new IllegalModeTransitionException(before, mode);
            }
            if (mode != before) {
                arrange(flow, inMode(mode, target(flow)));
            }
            return true;
        });
    }

    private Target inMode(Mode mode, Target root) {
        return switch (mode) {
            case PRIME -> new Target.Selector(root.name(), root.children(), quality, duplication);
            case RACE -> new Target.Race(root.name(), root.children());
            case BOND -> new Target.Bond(root.name(), root.children(), stuckMultiplier);
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
