// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The children share the bytes: all draw from one feed, and more goes where there is more room.
 *
 * <p>A slower child is passed over when the others can bring all that waits before its first byte would arrive: the bytes
 * would only be later there (ECF, Lim et al., CoNEXT 2017), and hold up what the faster ones bring after them until the
 * credit is used up (BLEST, Ferlin et al., IFIP Networking 2016). Both come down to one comparison, since what waits is
 * what credit covers.
 *
 * <p>A child is stuck while what it has in flight is overdue by many of the best child's round trips, and of its own of late:
 * slow is not stuck, LTE beside fibre is of use. It is tried again when it has brought that.
 */
public final class Bond extends Group {
    private static final long STUCK_FLOOR = MILLISECONDS.toNanos(20);

    private final double stuckMultiplier;
    private final Set<Node> stuck = new HashSet<>();
    private long stuckSkips;

    /**
     * @param stuckMultiplier by how many round trips of the best child, and of its own of late, a child may be overdue
     */
    public Bond(String name, Paths paths, List<? extends Node> children, double stuckMultiplier) {
        super(name, paths, children);
        this.stuckMultiplier = stuckMultiplier;
    }

    public double stuckMultiplier() {
        return stuckMultiplier;
    }

    /** How often a child was passed over because it was stuck. */
    public long stuckSkips() {
        return stuckSkips;
    }

    @Override
    public boolean next(int pathId, Feed feed, int max, Range out) {
        Node mine = childOf(pathId);
        return mine != null
                && paths().isUsable(pathId)
                && feed.hasNext()
                && !isPassedOver(mine)
                && capacityOfOthers(mine, paths().eta(pathId)) < feed.waiting()
                && mine.next(pathId, feed, max, out);
    }

    private boolean isPassedOver(Node child) {
        if (!isStuck(child)) {
            stuck.remove(child);
            return false;
        }
        if (stuck.add(child)) {
            stuckSkips++;
        }
        return true;
    }

    private double capacityOfOthers(Node mine, long nanos) {
        double sum = 0;
        List<Node> children = children();
        for (int i = 0; i < children.size(); i++) {
            Node child = children.get(i);
            sum += child == mine || isStuck(child) ? 0 : child.capacity(nanos);
        }
        return sum;
    }

    private boolean isStuck(Node child) {
        int face = child.face();
        long overdue = face == NONE ? 0 : paths().overdue(face);
        return overdue > STUCK_FLOOR
                && overdue > stuckMultiplier * paths().recentMinRtt(face)
                && overdue > stuckMultiplier * bestRttBeside(child);
    }

    /** The round-trip time of the best usable child but one; without any, nothing is longer. */
    private long bestRttBeside(Node child) {
        long best = Long.MAX_VALUE;
        List<Node> children = children();
        for (int i = 0; i < children.size(); i++) {
            int face = children.get(i).face();
            if (children.get(i) != child && face != NONE && paths().isUsable(face)) {
                long rtt = paths().rtt(face);
                best = rtt > 0 ? Math.min(best, rtt) : best;
            }
        }
        return best;
    }

    @Override
    public double capacity(long nanos) {
        return children().stream().mapToDouble(child -> child.capacity(nanos)).sum();
    }
}
