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
 * <p>A child is stuck when its round-trip time is many times that of the best one and of its own of late, apart from what
 * its own queue explains: slow is not stuck, LTE beside fibre is of use.
 */
public final class Bond extends Group {
    private static final long STUCK_FLOOR = MILLISECONDS.toNanos(20);

    private final double stuckMultiplier;
    private final Set<Node> stuck = new HashSet<>();
    private long stuckSkips;

    /**
     * @param stuckMultiplier how many times the round-trip time of the best child, and its own of late, a child's may be
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
        long rtt = face == NONE ? 0 : paths().unloadedRtt(face);
        return rtt > STUCK_FLOOR
                && rtt > stuckMultiplier * paths().recentMinRtt(face)
                && rtt > stuckMultiplier * bestRttBeside(child);
    }

    /** The round-trip time of the best usable child but one; without any, nothing is longer. */
    private long bestRttBeside(Node child) {
        long best = Long.MAX_VALUE;
        List<Node> children = children();
        for (int i = 0; i < children.size(); i++) {
            int face = children.get(i).face();
            if (children.get(i) != child && face != NONE && paths().isUsable(face)) {
                long rtt = paths().unloadedRtt(face);
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
