// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all groups have in common: children, which come and go. */
public abstract class Group implements Node {
    private final String name;
    private final Paths paths;
    private final List<Node> children;

    Group(String name, Paths paths, List<? extends Node> children) {
        this.name = name;
        this.paths = paths;
        this.children = new ArrayList<>(children);
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final List<Node> children() {
        return Collections.unmodifiableList(children);
    }

    final Paths paths() {
        return paths;
    }

    /** The child that is the path or has it below. */
    final @Nullable Node childOf(int pathId) {
        for (int i = 0; i < children.size(); i++) {
            if (children.get(i).contains(pathId)) {
                return children.get(i);
            }
        }
        return null;
    }

    @Override
    public final boolean contains(int pathId) {
        return childOf(pathId) != null;
    }

    @Override
    public boolean feeds(int pathId) {
        Node child = childOf(pathId);
        return child != null && child.feeds(pathId);
    }

    /** A usable path if there is one, or else one that has a carrier. */
    @Override
    public int face() {
        int best = NONE;
        for (int i = 0; i < children.size(); i++) {
            int face = children.get(i).face();
            if (face != NONE && paths.isUsable(face)) {
                return face;
            }
            boolean better = best == NONE || !hasCarrier(best) && hasCarrier(face);
            best = better ? face : best;
        }
        return best;
    }

    private boolean hasCarrier(int pathId) {
        return pathId != NONE && paths.eta(pathId) != Long.MAX_VALUE;
    }

    /** Appends a child. */
    public void add(Node child) {
        children.add(child);
    }

    /** Removes the leaf of a path wherever it is below, with the groups that are empty without it. */
    public void remove(int pathId) {
        children.removeIf(child -> {
            if (child instanceof Group group) {
                group.remove(pathId);
                return group.children.isEmpty();
            }
            return child.contains(pathId);
        });
    }
}
