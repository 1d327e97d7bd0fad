// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CommonOptions;
import io.rendr.QualityPolicy;
import io.rendr.Target;
import io.rendr.engine.policy.Bond;
import io.rendr.engine.policy.ByteSpace;
import io.rendr.engine.policy.Group;
import io.rendr.engine.policy.Leaf;
import io.rendr.engine.policy.Node;
import io.rendr.engine.policy.Paths;
import io.rendr.engine.policy.Race;
import io.rendr.engine.policy.Selector;
import io.rendr.engine.wire.Policy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes the nodes of a tree of what the application gave, or the dialer told, and tells of them in turn. */
final class PolicyTree {
    /** What is told of a tree, if it is not too much for one frame. */
    enum Detail {
        ALL,
        NAMES_OF_GROUPS,
        /** Only what the peer needs to follow. */
        SHAPE
    }

    private final Paths paths;
    private final ByteSpace space;
    private final List<Bond> bonds = new ArrayList<>();
    private long formerSkips;

    PolicyTree(Paths paths, ByteSpace space) {
        this.paths = paths;
        this.space = space;
    }

    /** What bonds of this tree and of earlier ones have counted. */
    long stuckSkips() {
        return formerSkips + bonds.stream().mapToLong(Bond::stuckSkips).sum();
    }

    private void begin() {
        formerSkips = stuckSkips();
        bonds.clear();
    }

    // ---- made of what the application gave

    Group of(Target target, ToIntFunction<Target.Path> ids) {
        begin();
        Node node = node(target, ids);
        return node instanceof Group group ? group : selector("", List.of(node));
    }

    private Node node(Target target, ToIntFunction<Target.Path> ids) {
        if (target instanceof Target.Path path) {
            boolean backup = path.spec().option(CommonOptions.BACKUP);
            return new Leaf(path.name(), ids.applyAsInt(path), backup, paths);
        }
        List<Node> children = new ArrayList<>();
        target.children().forEach(child -> children.add(node(child, ids)));
        if (target instanceof Target.Race) {
            return new Race(target.name(), paths, space, children);
        }
        if (target instanceof Target.Bond bond) {
            return bond(bond.name(), children, bond.stuckRttMultiplier());
        }
        Target.Selector selector = (Target.Selector) target;
        return new Selector(selector.name(), paths, children, selector.quality(), selector.duplication());
    }

    private Bond bond(String name, List<Node> children, double stuckMultiplier) {
        Bond bond = new Bond(name, paths, children, stuckMultiplier);
        bonds.add(bond);
        return bond;
    }

    Selector selector(String name, List<Node> children) {
        return new Selector(name, paths, children, null, 0);
    }

    Leaf leaf(FlowPath path) {
        return new Leaf(path.name(), path.id(), path.isBackup(), paths);
    }

    // ---- made of what the dialer told

    Group of(Policy.Node told) {
        begin();
        Node node = node(told);
        return node instanceof Group group ? group : selector("", List.of(node));
    }

    private Node node(Policy.Node told) {
        if (told instanceof Policy.Leaf leaf) {
            return new Leaf(leaf.name(), leaf.pathId(), leaf.backup(), paths);
        }
        List<Node> children = children(told).stream().map(this::node).collect(Collectors.toCollection(ArrayList::new));
        if (told instanceof Policy.Race) {
            return new Race(told.name(), paths, space, children);
        }
        if (told instanceof Policy.Bond bond) {
            return bond(bond.name(), children, bond.stuckPermille() / 1000.0);
        }
        double duplication = ((Policy.Selector) told).duplicationPermille() / 1000.0;
        return new Selector(told.name(), paths, children, quality(told), duplication);
    }

    private static List<Policy.Node> children(Policy.Node node) {
        if (node instanceof Policy.Selector selector) {
            return selector.children();
        }
        if (node instanceof Policy.Race race) {
            return race.children();
        }
        return node instanceof Policy.Bond bond ? bond.children() : List.of();
    }

    /** By what a selector moves to a better child; null if it does not. */
    static @Nullable QualityPolicy quality(Policy.Node node) {
        if (!(node instanceof Policy.Selector selector) || !selector.quality()) {
            return null;
        }
        return new QualityPolicy(
                Math.min(999, selector.hysteresisPermille()) / 1000.0,
                Duration.ofNanos(selector.floorMicros() * 1000L),
                atMostADay(selector.dwellMillis()),
                atMostADay(selector.cooldownMillis()));
    }

    private static Duration atMostADay(int millis) {
        return Duration.ofMillis(Math.min(TimeUnit.DAYS.toMillis(1), millis));
    }

    /** The leaf of a path; null if there is none. */
    static Policy.@Nullable Leaf find(Policy.Node node, int pathId) {
        if (node instanceof Policy.Leaf leaf) {
            return leaf.pathId() == pathId ? leaf : null;
        }
        for (Policy.Node child : children(node)) {
            Policy.Leaf found = find(child, pathId);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Whether the dialer said that a path of {@code mine} is in use. */
    static boolean isInUse(Policy.Node told, Node mine) {
        if (told instanceof Policy.Leaf leaf) {
            return leaf.inUse() && mine.contains(leaf.pathId());
        }
        return children(told).stream().anyMatch(child -> isInUse(child, mine));
    }

    // ---- told

    static Policy.Node describe(Node node, boolean inUse, Detail detail) {
        if (node instanceof Leaf leaf) {
            String name = detail == Detail.ALL ? leaf.name() : "";
            return new Policy.Leaf(name, leaf.pathId(), leaf.backup(), inUse);
        }
        Node chosen = node instanceof Selector choosing ? choosing.active() : null;
        List<Policy.Node> children = new ArrayList<>();
        for (Node child : node.children()) {
            children.add(describe(child, inUse && (!(node instanceof Selector) || child == chosen), detail));
        }
        String name = detail == Detail.SHAPE ? "" : node.name();
        if (node instanceof Race) {
            return new Policy.Race(name, children);
        }
        if (node instanceof Bond bond) {
            return new Policy.Bond(name, (int) Math.min(Integer.MAX_VALUE, bond.stuckMultiplier() * 1000), children);
        }
        Selector selector = (Selector) node;
        QualityPolicy armed = detail == Detail.SHAPE ? null : selector.quality();
        QualityPolicy shown = armed == null ? QualityPolicy.DEFAULT : armed;
        return new Policy.Selector(
                name,
                armed != null,
                (int) Math.round(shown.hysteresis() * 1000),
                (int) Math.min(Integer.MAX_VALUE, shown.floor().toNanos() / 1000),
                (int) shown.dwell().toMillis(),
                (int) shown.cooldown().toMillis(),
                (int) Math.round(selector.duplication() * 1000),
                children);
    }

    /** Nodes of the tree that {@link #of(Target, ToIntFunction)} makes. */
    static int nodes(Target target) {
        return target instanceof Target.Path ? 2 : below(target);
    }

    private static int below(Target target) {
        return 1 + target.children().stream().mapToInt(PolicyTree::below).sum();
    }

    static int nodes(Node node) {
        return 1 + node.children().stream().mapToInt(PolicyTree::nodes).sum();
    }

    static void forEachLeaf(Node node, Consumer<Leaf> visitor) {
        if (node instanceof Leaf leaf) {
            visitor.accept(leaf);
        }
        node.children().forEach(child -> forEachLeaf(child, visitor));
    }
}
