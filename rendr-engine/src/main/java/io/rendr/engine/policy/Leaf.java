// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

/**
 * One path.
 *
 * @param name what people call it
 * @param pathId its id, unique in the life of the flow
 * @param backup whether it carries nothing while another path answers
 */
public record Leaf(String name, int pathId, boolean backup) implements Node {
    @Override
    public boolean contains(int id) {
        return id == pathId;
    }

    @Override
    public boolean feeds(int id) {
        return id == pathId;
    }

    @Override
    public boolean next(int id, Feed feed, int max, Range out) {
        return id == pathId && feed.take(max, out);
    }
}
