// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import io.rendr.ResendCause;

/**
 * One node of the policy tree. A carrier with room asks the root, each group passes the question on to the child that
 * the carrier's path belongs to, with the feed that this child may draw from.
 */
public interface Node {
    /** The name by which applications address the node. */
    String name();

    /** Whether {@code pathId} is this node or below it. */
    boolean contains(int pathId);

    /** Whether a carrier of {@code pathId} may take new bytes as things are. */
    boolean feeds(int pathId);

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

    /** Tells the feed that served {@code pathId} that a range it handed out did not arrive. */
    default void giveBack(int pathId, Feed feed, long start, long end, ResendCause cause) {
        feed.giveBack(start, end, cause);
    }
}
