// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import io.rendr.QualityPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One child at a time: the feed goes to the active child, the others rest until it is their turn. A change re-sends
 * nothing by itself; what the former child's carrier still holds drains.
 */
public final class Selector extends Group {
    private final @Nullable QualityPolicy quality;
    private final double duplication;
    private @Nullable Node active;

    /**
     * @param quality when a better score alone may change the child; null if never
     * @param duplication the share of the payload that may go to a second child too, 0 to 1
     */
    public Selector(
            String name,
            Paths paths,
            List<? extends Node> children,
            @Nullable QualityPolicy quality,
            double duplication) {
        super(name, paths, children);
        this.quality = quality;
        this.duplication = duplication;
    }

    /** A suspect goes on until there is another one to go to. */
    @Override
    public boolean feeds(int pathId) {
        Node child = active;
        return child != null && child.feeds(pathId);
    }

    @Override
    public int face() {
        Node child = active;
        return child == null ? super.face() : child.face();
    }

    @Override
    public boolean next(int pathId, Feed feed, int max, Range out) {
        Node child = active;
        return child != null && child.contains(pathId) && child.next(pathId, feed, max, out);
    }

    @Override
    public double capacity(long nanos) {
        Node child = active;
        return child == null ? 0 : child.capacity(nanos);
    }

    public @Nullable QualityPolicy quality() {
        return quality;
    }

    public double duplication() {
        return duplication;
    }

    /** The child that carries; null before the first one was selected. */
    public @Nullable Node active() {
        return active;
    }

    /** Makes a child the active one. */
    public void select(Node child) {
        if (!children().contains(child)) {
            throw new IllegalArgumentException("'" + child.name() + "' is not a child of selector '" + name() + "'");
        }
        active = child;
    }

    @Override
    public void remove(int pathId) {
        super.remove(pathId);
        if (active != null && !children().contains(active)) {
            active = null;
        }
    }
}
