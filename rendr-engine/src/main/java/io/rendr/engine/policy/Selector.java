// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import io.rendr.QualityPolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One child at a time: the feed goes to the active child, the others rest until it is their turn. A change re-sends
 * nothing by itself; what the former child's carrier still holds drains.
 */
public final class Selector implements Node {
    private final String name;
    private final List<Node> children = new ArrayList<>();
    private @Nullable QualityPolicy quality;
    private @Nullable Node active;

    /**
     * @param quality when a better score alone may change the child; null if never
     */
    public Selector(String name, List<? extends Node> children, @Nullable QualityPolicy quality) {
        this.name = name;
        this.children.addAll(children);
        this.quality = quality;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean contains(int pathId) {
        for (int i = 0; i < children.size(); i++) {
            if (children.get(i).contains(pathId)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean feeds(int pathId) {
        Node child = active;
        return child != null && child.feeds(pathId);
    }

    @Override
    public boolean next(int pathId, Feed feed, int max, Range out) {
        Node child = active;
        return child != null && child.contains(pathId) && child.next(pathId, feed, max, out);
    }

    /** In the order of configuration, which is the order of preference. */
    public List<Node> children() {
        return Collections.unmodifiableList(children);
    }

    public @Nullable QualityPolicy quality() {
        return quality;
    }

    public void quality(@Nullable QualityPolicy armed) {
        quality = armed;
    }

    /** Makes the child that contains {@code pathId} the active one. */
    public void select(int pathId) {
        for (Node child : children) {
            if (child.contains(pathId)) {
                active = child;
                return;
            }
        }
        throw new IllegalArgumentException("path " + pathId + " is not below selector '" + name + "'");
    }

    public void add(Node child) {
        children.add(child);
    }

    /** Puts a leaf in the place of the one of the same path. */
    public void replace(Leaf leaf) {
        children.replaceAll(child -> {
            boolean same = child instanceof Leaf old && old.pathId() == leaf.pathId();
            if (same && active == child) {
                active = leaf;
            }
            return same ? leaf : child;
        });
    }

    /** Exchanges all leaves for these, in this order of preference; the active one stays active if it is among them. */
    public void arrange(List<Leaf> leaves) {
        Node before = active;
        children.clear();
        children.addAll(leaves);
        active = null;
        for (Leaf leaf : leaves) {
            if (before != null && before.contains(leaf.pathId())) {
                active = leaf;
            }
        }
    }

    /** Removes the leaf of a path, if it is a child of this group. */
    public void remove(int pathId) {
        children.removeIf(child -> child instanceof Leaf leaf && leaf.pathId() == pathId);
        if (active instanceof Leaf leaf && leaf.pathId() == pathId) {
            active = null;
        }
    }
}
