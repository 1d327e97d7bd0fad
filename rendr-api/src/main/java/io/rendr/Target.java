// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A node of a policy tree, which says how the paths of a flow are used together. Leaves are {@linkplain Path paths};
 * inner nodes are a {@link Selector} (one child at a time), a {@link Race} (every child carries everything) or a
 * {@link Bond} (children share). They nest freely:
 *
 * <pre>{@code
 * Target.selector("main",
 *         Target.bond("both", Target.path("tcp://lan:5555?name=lan"), Target.path("tcp://lte:5555?name=lte")),
 *         Target.path("xray://hk/h1:5555?name=detour"))
 * }</pre>
 *
 * In text: {@code selector main(bond both(tcp://lan:5555?name=lan, tcp://lte:5555?name=lte),
 * xray://hk/h1:5555?name=detour)}. Immutable. Names are unique in a tree; a tree has at most {@value #MAX_DEPTH} levels
 * and {@value #MAX_NODES} nodes.
 *
 * <p>{@code Path} and {@code Selector} are nested on purpose: the JDK has types of the same names.
 */
public sealed interface Target {
    /** The most levels of a tree, its leaves included. */
    int MAX_DEPTH = 4;

    /** The most nodes of a tree, its leaves included. */
    int MAX_NODES = 64;

    /** {@return the name of this node, unique in its tree} */
    String name();

    /** {@return the nodes directly below; empty for a {@link Path}} */
    List<Target> children();

    /**
     * A leaf: one path.
     *
     * @param name its name; {@code spec} gets it as its option {@code name} if it has another one
     * @param spec what to dial
     */
    record Path(String name, PathSpec spec) implements Target {
        /** Makes the name that of the spec, so that {@code spec().name()} equals {@code name()}. */
        public Path {
            throwIfBadName(name);
            if (!spec.name().equals(name)) {
                spec = spec.with(CommonOptions.NAME, name);
            }
        }

        @Override
        public List<Target> children() {
            return List.of();
        }

        /** {@return the text form, secrets hidden} */
        @Override
        public String toString() {
            return TargetText.write(this, false);
        }
    }

    /**
     * Uses one child at a time: the first in order that works, and leaves it for a better one only when
     * {@code quality} says so.
     *
     * @param name name of the group
     * @param children in order of preference, at least one
     * @param quality when a better measurement moves the flow; {@code null} = never, only death and explicit calls do
     * @param duplication share of the payload that is sent on a second child too, 0 to 1
     */
    record Selector(
            String name, List<Target> children, @Nullable QualityPolicy quality, double duplication) implements Target {
        /** Checks the parts. */
        public Selector {
            throwIfBadName(name);
            children = checkedChildren("selector", name, children);
            if (!(duplication >= 0 && duplication <= 1)) {
                throw new IllegalArgumentException(
                        "selector '" + name + "': duplication must be 0 to 1, not " + duplication);
            }
        }

        /**
         * The same selector with quality armed.
         *
         * @param policy when a better measurement moves the flow
         * @return a new node
         */
        public Selector withQuality(QualityPolicy policy) {
            return new Selector(name, children, Objects.requireNonNull(policy, "policy"), duplication);
        }

        /**
         * The same selector with another duplication.
         *
         * @param share share of the payload that is sent on a second child too, 0 to 1
         * @return a new node
         */
        public Selector withDuplication(double share) {
            return new Selector(name, children, quality, share);
        }

        /** {@return the text form, secrets hidden} */
        @Override
        public String toString() {
            return TargetText.write(this, false);
        }
    }

    /**
     * Sends everything on every child; the copy that comes first wins.
     *
     * @param name name of the group
     * @param children at least one
     */
    @Provisional
    record Race(String name, List<Target> children) implements Target {
        /** Checks the parts. */
        public Race {
            throwIfBadName(name);
            children = checkedChildren("race", name, children);
        }

        /** {@return the text form, secrets hidden} */
        @Override
        public String toString() {
            return TargetText.write(this, false);
        }
    }

    /**
     * Shares the payload among its children, so that their rates add up.
     *
     * @param name name of the group
     * @param children at least one
     * @param stuckRttMultiplier a child whose round-trip time is this many times the best one's, and this many times
     *     its own usual one, is passed over; above 1, default 3.0
     */
    @Provisional
    record Bond(String name, List<Target> children, double stuckRttMultiplier) implements Target {
        /** The default of {@code stuckRttMultiplier}. */
        public static final double DEFAULT_STUCK_RTT_MULTIPLIER = 3.0;

        /** Checks the parts. */
        public Bond {
            throwIfBadName(name);
            children = checkedChildren("bond", name, children);
            if (!(stuckRttMultiplier > 1 && Double.isFinite(stuckRttMultiplier))) {
                throw new IllegalArgumentException(
                        "bond '" + name + "': stuckRttMultiplier must be above 1, not " + stuckRttMultiplier);
            }
        }

        /**
         * The same bond with another multiplier.
         *
         * @param multiplier above 1
         * @return a new node
         */
        public Bond withStuckRttMultiplier(double multiplier) {
            return new Bond(name, children, multiplier);
        }

        /** {@return the text form, secrets hidden} */
        @Override
        public String toString() {
            return TargetText.write(this, false);
        }
    }

    /**
     * A leaf named by the spec's {@code name} option, or else {@code transport://address}.
     *
     * @param uri the path
     * @return the leaf
     * @throws PathSyntaxException if the text is not a path
     */
    static Path path(String uri) {
        return path(PathSpec.of(uri));
    }

    /**
     * A leaf named by the spec's {@code name} option, or else {@code transport://address}.
     *
     * @param spec the path
     * @return the leaf
     */
    static Path path(PathSpec spec) {
        return new Path(spec.name(), spec);
    }

    /**
     * A group that uses one child at a time, quality not armed.
     *
     * @param name name of the group
     * @param children in order of preference, at least one
     * @return the node
     */
    static Selector selector(String name, Target... children) {
        return new Selector(name, Arrays.asList(children), null, 0);
    }

    /**
     * A group that sends everything on every child.
     *
     * @param name name of the group
     * @param children at least one
     * @return the node
     */
    @Provisional
    static Race race(String name, Target... children) {
        return new Race(name, Arrays.asList(children));
    }

    /**
     * A group that shares the payload among its children.
     *
     * @param name name of the group
     * @param children at least one
     * @return the node
     */
    @Provisional
    static Bond bond(String name, Target... children) {
        return new Bond(name, Arrays.asList(children), Bond.DEFAULT_STUCK_RTT_MULTIPLIER);
    }

    /**
     * Reads the text form: {@code selector|race|bond name{option=value, ..}(child, ..)}; {@code select} is short for
     * {@code selector}. Name and options may be left out; a child is a group, the name of one of {@code paths}, a path URI,
     * or {@code name=URI}. A name or URI that holds a comma, a
     * bracket or a space stands in double quotes. Options: selector {@code hysteresis floor dwell cooldown} (any of them
     * arms quality) and {@code duplication}; bond {@code stuck}.
     *
     * @param text the tree
     * @param paths what names refer to
     * @return the tree, checked
     * @throws IllegalArgumentException if the text cannot be read, says where and why; or if {@link #check} fails
     */
    static Target parse(String text, Collection<PathSpec> paths) {
        Target root = new TargetText(text, paths).parse();
        root.check();
        return root;
    }

    /** {@return all paths below, in order; of a path, itself} */
    default List<Path> leaves() {
        List<Path> leaves = new ArrayList<>();
        collect(this, leaves);
        return leaves;
    }

    private static void collect(Target node, List<Path> leaves) {
        if (node instanceof Path leaf) {
            leaves.add(leaf);
        }
        node.children().forEach(child -> collect(child, leaves));
    }

    /**
     * Finds a node of this tree.
     *
     * @param name its name
     * @return the node; empty if there is none of that name
     */
    default Optional<Target> find(String name) {
        if (name().equals(name)) {
            return Optional.of(this);
        }
        return children().stream().flatMap(c -> c.find(name).stream()).findFirst();
    }

    /** {@return the flat mode that this node corresponds to: a path and a selector are {@link Mode#PRIME}} */
    default Mode mode() {
        if (this instanceof Race) {
            return Mode.RACE;
        }
        return this instanceof Bond ? Mode.BOND : Mode.PRIME;
    }

    /**
     * Checks this tree as a whole: unique names, at most {@value #MAX_DEPTH} levels, at most {@value #MAX_NODES} nodes.
     *
     * @throws InvalidConfigException if it is not a good tree; lists every problem
     */
    default void check() {
        InvalidConfigException.throwIfAny("target '" + name() + "'", problems(this));
    }

    private static List<String> problems(Target root) {
        List<String> problems = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Set<String> reported = new HashSet<>();
        int nodes = count(root, seen, reported, problems);
        if (nodes > MAX_NODES) {
            problems.add("a tree has at most " + MAX_NODES + " nodes, this one " + nodes);
        }
        int depth = depth(root);
        if (depth > MAX_DEPTH) {
            problems.add("a tree has at most " + MAX_DEPTH + " levels, this one " + depth);
        }
        return problems;
    }

    private static int count(Target node, Set<String> seen, Set<String> reported, List<String> problems) {
        int nodes = 1;
        if (!seen.add(node.name()) && reported.add(node.name())) {
            problems.add("the name '" + node.name()
                    + "' is used twice; give each path one of its own with ?name=.., each group another one");
        }
        for (Target child : node.children()) {
            nodes += count(child, seen, reported, problems);
        }
        return nodes;
    }

    private static int depth(Target node) {
        return 1 + node.children().stream().mapToInt(Target::depth).max().orElse(0);
    }

    private static List<Target> checkedChildren(String kind, String name, List<Target> children) {
        if (children.isEmpty()) {
            throw new IllegalArgumentException(kind + " '" + name + "' has no children; give it at least one");
        }
        return List.copyOf(children);
    }

    private static void throwIfBadName(String name) {
        String problem = Names.problem(name);
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
    }
}
