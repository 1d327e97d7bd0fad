// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import io.rendr.ResendCause;
import io.rendr.engine.memory.RangeSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every child gets every byte: whoever asks first draws from the feed, and leaves a copy for each of the others. What was
 * acknowledged meanwhile is skipped, so that a slow child never holds a fast one: it goes on where the peer's need begins.
 */
public final class Race extends Group {
    private final ByteSpace space;
    private final Map<Node, Resends> copies = new IdentityHashMap<>();

    public Race(String name, Paths paths, ByteSpace space, List<? extends Node> children) {
        super(name, paths, children);
        this.space = space;
    }

    private Resends copies(Node child) {
        return copies.computeIfAbsent(child, c -> new Resends(space));
    }

    private boolean isUsable(Node child) {
        int face = child.face();
        return face != NONE && paths().isUsable(face);
    }

    @Override
    public boolean next(int pathId, Feed feed, int max, Range out) {
        Node mine = childOf(pathId);
        if (mine == null || !paths().isUsable(pathId)) {
            return false;
        }
        if (mine.next(pathId, copies(mine), max, out)) {
            return true;
        }
        if (!mine.next(pathId, feed, max, out)) {
            return false;
        }
        List<Node> children = children();
        for (int i = 0; i < children.size(); i++) {
            Node other = children.get(i);
            if (other != mine && isUsable(other)) {
                copies(other).add(out.start(), out.end(), ResendCause.RACE);
            }
        }
        return true;
    }

    @Override
    public double capacity(long nanos) {
        return children().stream()
                .mapToDouble(child -> child.capacity(nanos))
                .max()
                .orElse(0);
    }

    @Override
    public void subtractWaiting(RangeSet ranges) {
        copies.forEach((child, waiting) -> {
            if (isUsable(child)) {
                waiting.subtractFrom(ranges);
            }
        });
        super.subtractWaiting(ranges);
    }

    @Override
    public void release(RangeSet ranges, boolean all) {
        copies.forEach((child, waiting) -> {
            if (all || !isUsable(child)) {
                waiting.drainTo(ranges);
            }
        });
        super.release(ranges, all);
    }

    @Override
    public void remove(int pathId) {
        super.remove(pathId);
        copies.keySet().retainAll(children());
    }
}
