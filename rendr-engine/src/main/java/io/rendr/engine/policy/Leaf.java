// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import java.util.List;

/**
 * One path.
 *
 * @param name what people call it
 * @param pathId its id, unique in the life of the flow
 * @param backup whether it carries nothing while another path answers
 * @param paths what is known of it
 */
public record Leaf(String name, int pathId, boolean backup, Paths paths) implements Node {
    @Override
    public List<Node> children() {
        return List.of();
    }

    @Override
    public boolean contains(int id) {
        return id == pathId;
    }

    @Override
    public boolean feeds(int id) {
        return id == pathId;
    }

    @Override
    public int face() {
        return pathId;
    }

    @Override
    public boolean next(int id, Feed feed, int max, Range out) {
        return id == pathId && feed.take(max, out);
    }

    @Override
    public double capacity(long nanos) {
        long eta = paths.isUsable(pathId) ? paths.eta(pathId) : Long.MAX_VALUE;
        return eta < nanos ? paths.rate(pathId) * (nanos - eta) / 1e9 : 0;
    }
}
