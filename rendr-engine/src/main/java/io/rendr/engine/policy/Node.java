// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import io.rendr.engine.memory.RangeSet;
import java.util.List;

/**
 * One node of the policy tree. A carrier with room asks the root, each group passes the question on to the child that
 * the carrier's path belongs to, with the feed that this child may draw from.
 */
public interface Node {
    /** No path. */
    int NONE = -1;

    /** The name by which applications address the node. */
    String name();

    /** In the order of configuration, which is the order of preference; none below a leaf. */
    List<Node> children();

    /** Whether {@code pathId} is this node or below it. */
    boolean contains(int pathId);

    /** Whether every selector on the way to {@code pathId} has chosen the child that it belongs to. */
    boolean feeds(int pathId);

    /** The path that stands for the node: the first that carries, or would; {@link #NONE} if there is none. */
    int face();

    /**
     * Finds what the carrier of a path sends next.
     *
     * @param pathId the path whose carrier has room
     * @param feed what this node may draw from
     * @param max the most payload bytes to take
     * @param out receives the range
     * @return false when there is nothing for this path now
     */
    boolean next(int pathId, Feed feed, int max, Range out);

    /** About how many bytes more the node can have brought when {@code nanos} from now are over. */
    double capacity(long nanos);

    /** Removes from {@code ranges} what waits here for a usable path, and was given to another one before. */
    default void subtractWaiting(RangeSet ranges) {
        List<Node> children = children();
        for (int i = 0; i < children.size(); i++) {
            children.get(i).subtractWaiting(ranges);
        }
    }

    /**
     * Moves to {@code ranges} what waits here for an unusable path, and was given to another one before.
     *
     * @param all whether also what waits for usable ones
     */
    default void release(RangeSet ranges, boolean all) {
        List<Node> children = children();
        for (int i = 0; i < children.size(); i++) {
            children.get(i).release(ranges, all);
        }
    }
}
