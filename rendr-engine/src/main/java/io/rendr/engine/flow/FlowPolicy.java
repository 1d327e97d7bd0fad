// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.MigrationCause;
import io.rendr.QualityPolicy;
import io.rendr.ResendCause;
import io.rendr.Target;
import io.rendr.engine.memory.RangeSet;
import io.rendr.engine.policy.Cursor;
import io.rendr.engine.policy.Group;
import io.rendr.engine.policy.Node;
import io.rendr.engine.policy.Range;
import io.rendr.engine.policy.Selector;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.Policy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The policy tree of one end, the feed at its root, and the POLICY slot by which the dialer tells its choice.
 *
 * <p>Both ends schedule their own sending. The acceptor follows the newest epoch, except for a path that it finds
 * unusable.
 */
final class FlowPolicy {
    static final int NONE = Node.NONE;

    /** What fits one datagram of any size, beside an acknowledgement; beyond it less is told of the tree. */
    private static final int MAX_FRAME = 600;

    private final Cursor feed;
    private final LivePaths paths;
    private final PolicyTree trees;
    private final boolean publishes;
    private final Slot slot;
    private Group root;
    private List<Selector> selectors;
    private MigrationCause cause = MigrationCause.EXPLICIT;
    private int epoch;
    /** The newest epoch as POLICY. */
    private byte[] frame = {};

    private @Nullable Policy told;
    /** Whether this end chooses by a tree of its own, and not as the dialer told it. */
    private boolean own;

    /**
     * @param target the dialer's tree, whose leaves have the ids 0, 1, .. in order; null at the accepting end
     */
    FlowPolicy(Sender sender, FlowPaths paths, @Nullable Target target, Slots slots) {
        this.feed = new Cursor(sender);
        this.paths = new LivePaths(paths);
        this.trees = new PolicyTree(this.paths, sender);
        this.publishes = target != null;
        this.own = publishes;
        this.root = target == null
                ? trees.selector("", List.of())
                : trees.of(target, leaf -> target.leaves().indexOf(leaf));
        this.selectors = selectors(root);
        this.slot = slots.add(new Slot.Value() {
            @Override
            public int size() {
                return frame.length;
            }

            @Override
            public void write(ByteBuf out) {
                out.writeBytes(frame);
            }
        });
        if (selectors.isEmpty()) {
            publish(); // with the first choice of a selector otherwise
        }
    }

    // ---- the way of the data

    /** Whether a carrier of the path takes new bytes as things are, if it is usable. */
    boolean feeds(int pathId) {
        return root.feeds(pathId);
    }

    /** Finds what a carrier of the path sends next. */
    boolean next(int pathId, int max, Range out) {
        return root.next(pathId, feed, max, out);
    }

    /** Has [start, end), which was given to a carrier and did not arrive, sent again before anything new. */
    void giveBack(long start, long end, ResendCause cause) {
        feed.giveBack(start, end, cause);
    }

    /** Whether there is anything that a carrier could be given now. */
    boolean hasNext() {
        return feed.hasNext();
    }

    /** Removes from {@code ranges} what a usable path is to be given a copy of. */
    void subtractWaiting(RangeSet ranges) {
        root.subtractWaiting(ranges);
    }

    /** Moves the copies to {@code ranges} that wait for nobody but an unusable path. */
    void releaseTo(RangeSet ranges) {
        root.release(ranges, false);
    }

    // ---- the tree

    Group root() {
        return root;
    }

    /** All selectors of the tree, inner ones before those that they are in. */
    List<Selector> selectors() {
        return selectors;
    }

    private static List<Selector> selectors(Group root) {
        List<Selector> found = new ArrayList<>();
        collect(root, found);
        return found;
    }

    private static void collect(Node node, List<Selector> found) {
        node.children().forEach(child -> collect(child, found));
        if (node instanceof Selector selector) {
            found.add(selector);
        }
    }

    /** How often children of bonds were passed over because they were stuck. */
    long stuckSkips() {
        return trees.stuckSkips();
    }

    /** How many nodes the tree has. */
    int nodes() {
        return PolicyTree.nodes(root);
    }

    /** Whether this end chooses its paths by itself: the dialer, and an acceptor whose application said how. */
    boolean isOwn() {
        return own;
    }

    /** Whether this end may move to a better path by itself. */
    boolean isQualityArmed() {
        return own && selectors.stream().anyMatch(selector -> selector.quality() != null);
    }

    /** The selector that gives a share of what the active path carries to another child too; null if none does. */
    @Nullable
    Selector duplicating() {
        for (int i = 0; i < selectors.size(); i++) {
            Selector selector = selectors.get(i);
            if (selector.duplication() > 0 && selector.feeds(active())) {
                return selector;
            }
        }
        return null;
    }

    /** The path that stands for the tree: the one that carries what is sent, or the first of several; or {@link #NONE}. */
    int active() {
        return root.face();
    }

    /** Exchanges the tree for one that this end's application gave. */
    void arrange(Target target, ToIntFunction<Target.Path> ids, List<FlowPath> others, RangeSet released) {
        replace(trees.of(target, ids), others, released);
        own = true;
        publish();
    }

    /** Paths in use stay in use where selectors allow it; {@code others} are appended. */
    private void replace(Group tree, List<FlowPath> others, RangeSet released) {
        others.forEach(path -> {
            if (!path.isRemoved() && !tree.contains(path.id())) {
                tree.add(trees.leaf(path));
            }
        });
        root.release(released, true);
        Group before = root;
        root = tree;
        selectors = selectors(tree);
        for (Selector selector : selectors) {
            selector.children().stream()
                    .filter(child -> carries(child, before))
                    .min(Comparator.comparing(child -> !paths.isUsable(child.face())))
                    .ifPresent(selector::select);
        }
    }

    private static boolean carries(Node node, Group before) {
        return node.children().isEmpty()
                ? before.feeds(node.face())
                : node.children().stream().anyMatch(child -> carries(child, before));
    }

    /** A selector goes to another child. */
    void select(Selector selector, Node child, @Nullable MigrationCause why) {
        selector.select(child);
        cause = why == null ? MigrationCause.EXPLICIT : why;
        publish();
    }

    /** Puts a path that nobody has named yet into the tree. */
    void add(FlowPath path) {
        if (!root.contains(path.id())) {
            root.add(trees.leaf(path));
        }
        publish();
    }

    void remove(int pathId) {
        root.remove(pathId);
        selectors = selectors(root);
        if (!root.children().isEmpty()) {
            publish();
        }
    }

    /** The ids of the paths in the tree's order of preference. */
    List<Integer> order() {
        List<Integer> ids = new ArrayList<>();
        PolicyTree.forEachLeaf(root, leaf -> ids.add(leaf.pathId()));
        return ids;
    }

    // ---- what one end tells the other

    private void publish() {
        if (!publishes) {
            return;
        }
        epoch++;
        for (PolicyTree.Detail detail : PolicyTree.Detail.values()) {
            frame = encode(detail);
            if (frame.length <= MAX_FRAME) {
                break;
            }
        }
        slot.touch();
    }

    private byte[] encode(PolicyTree.Detail detail) {
        ByteBuf out = Unpooled.buffer();
        Frames.policy(out, new Policy(epoch, cause, PolicyTree.describe(root, true, detail)));
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    /** Takes the dialer's policy; false if it is not newer than what is known. */
    boolean follow(Policy policy, List<FlowPath> paths, RangeSet released) {
        if (publishes || policy.epoch() <= epoch) {
            return false;
        }
        epoch = policy.epoch();
        told = policy;
        own = false;
        paths.forEach(this::describe);
        replace(trees.of(policy.root()), paths, released);
        return true;
    }

    /** Takes the name and the purpose of a path from what the dialer told last. */
    void describe(FlowPath path) {
        Policy.Leaf leaf = told == null ? null : PolicyTree.find(told.root(), path.id());
        if (leaf != null) {
            path.describe(leaf.name(), leaf.backup());
        }
    }

    /** The child that the dialer chose in place of this end's choice; null if it said nothing of it. */
    @Nullable
    Node wished(Selector selector) {
        Policy known = told;
        if (own || known == null) {
            return null;
        }
        for (Node child : selector.children()) {
            if (PolicyTree.isInUse(known.root(), child)) {
                return child;
            }
        }
        return null;
    }

    /** By what the flow moves to a better path at its root, whichever end decides that; null if it does not. */
    @Nullable
    QualityPolicy shownQuality() {
        if (own) {
            return root instanceof Selector selector ? selector.quality() : null;
        }
        return told == null ? null : PolicyTree.quality(told.root());
    }
}
