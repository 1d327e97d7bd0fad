// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.MigrationCause;
import io.rendr.QualityPolicy;
import io.rendr.ResendCause;
import io.rendr.engine.path.Quality;
import io.rendr.engine.policy.Node;
import io.rendr.engine.policy.Selector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which child of one selector carries.
 *
 * <p>Nothing but three causes moves it: the death of the child (its carriers closed, or silent while another child answers),
 * an explicit request, and quality, when armed. A peer that is silent everywhere is stalled: nothing moves. A child that is a
 * group is judged by the path that stands for it ({@link Node#face}).
 */
final class Choice {
    private static final long NEVER = Long.MIN_VALUE;

    private final Flow flow;
    private final Selector selector;
    private long movedAt = NEVER;
    private boolean failedOver;
    private boolean chosen;
    private @Nullable Node challenger;
    private long challengerSince;
    /** The child that the dialer chose, as this end heard it last. */
    private @Nullable Node wished;

    Choice(Flow flow, Selector selector) {
        this.flow = flow;
        this.selector = selector;
    }

    Selector selector() {
        return selector;
    }

    /** Goes on where the choice of a former selector of the same name ended. What was asked of that one does not hold here. */
    void inherit(Choice former) {
        movedAt = former.movedAt;
        failedOver = former.failedOver;
    }

    private @Nullable FlowPath face(Node child) {
        return flow.paths().find(child.face());
    }

    // ---- choice

    /** Moves if there is cause. */
    void choose(long now) {
        Node active = selector.active();
        FlowPath current = active == null ? null : face(active);
        if (current == null || !current.isUsable()) {
            challenger = null;
        }
        if (active == null || current == null || current.isRemoved() || current.link() == null) {
            Node best = best(active, now);
            if (best != null) {
                move(best, causeOfLeaving(current), now);
            }
            return;
        }
        Link link = current.link();
        if (link.health().isSuspect()) {
            Node best = bestAnswering(active, link.health().suspectSince(), now);
            if (best != null && now >= leavesAt(active, link, now)) {
                move(best, MigrationCause.DEATH, now);
            }
            return;
        }
        if (!link.isFit()) {
            Node best = best(active, now);
            if (best != null) {
                move(best, MigrationCause.DEATH, now);
            }
            return;
        }
        if (flow.policy().isOwn()) {
            improve(active, current, now);
        } else {
            challenger = null;
            followWish(active, MigrationCause.QUALITY, now);
        }
    }

    private static @Nullable MigrationCause causeOfLeaving(@Nullable FlowPath gone) {
        if (gone == null) {
            return null;
        }
        return gone.isRemoved() ? MigrationCause.EXPLICIT : MigrationCause.DEATH;
    }

    /** Goes where the dialer is, if that is usable here. */
    void follow(@Nullable Node child, MigrationCause cause, long now) {
        wished = child;
        Node active = selector.active();
        FlowPath current = active == null ? null : face(active);
        if (active != null && current != null && current.isUsable()) {
            followWish(active, cause, now);
        }
    }

    private void followWish(Node active, MigrationCause cause, long now) {
        Node child = wished;
        FlowPath path = child == null ? null : face(child);
        if (child != null
                && child != active
                && path != null
                && path.isUsable()
                && path.liveness().eligible(now)) {
            move(child, cause, now);
        }
    }

    /** Whether a path is that of the child which carries, and will be left for one that answers. */
    boolean willLeave(FlowPath suspect, long since, long now) {
        Node active = selector.active();
        return active != null && active.face() == suspect.id() && bestAnswering(active, since, now) != null;
    }

    /** The best child other than {@code except} that answered since {@code since}. */
    private @Nullable Node bestAnswering(Node except, long since, long now) {
        Node best = null;
        for (Node child : selector.children()) {
            FlowPath path = face(child);
            Link link = path == null ? null : path.link();
            if (child != except
                    && link != null
                    && path.isUsable()
                    && link.health().confirmedAt() - since > 0
                    && isBetter(child, best, now)) {
                best = child;
            }
        }
        return best;
    }

    /**
     * When a suspect is left for a child that answers; {@link Long#MAX_VALUE} while none does. A backup that is closer
     * answers before the path that is preferred can: that one has its RTO for it, unless the dialer has gone to the backup
     * already.
     */
    private long leavesAt(Node suspect, Link link, long now) {
        long since = link.health().suspectSince();
        Node best = bestAnswering(suspect, since, now);
        if (best == null) {
            return Long.MAX_VALUE;
        }
        FlowPath refuge = face(best);
        long at = since;
        boolean waits = refuge != null && refuge.isBackup() && best != wished;
        List<Node> children = selector.children();
        for (int i = 0; waits && i < children.size(); i++) {
            FlowPath path = face(children.get(i));
            if (children.get(i) != suspect && path != null && !path.isBackup() && mayYetAnswer(path)) {
                at = Math.max(at, since + path.rtt().rto());
            }
        }
        return at;
    }

    /** Whether a path was asked that is known to answer within an RTO. */
    private static boolean mayYetAnswer(FlowPath path) {
        Link link = path.link();
        return link != null
                && path.isUsable()
                && path.rtt().known()
                && link.health().awaitsAnswer();
    }

    /** The best usable child other than {@code except}; null if there is none. */
    private @Nullable Node best(@Nullable Node except, long now) {
        Node best = null;
        for (Node child : selector.children()) {
            FlowPath path = face(child);
            if (child != except && path != null && path.isUsable() && isBetter(child, best, now)) {
                best = child;
            }
        }
        return best;
    }

    private boolean isBetter(Node a, @Nullable Node b, long now) {
        FlowPath path = face(a);
        FlowPath other = b == null ? null : face(b);
        return path != null && (other == null || flow.failover().isBetter(path, other, quality() != null, now));
    }

    private @Nullable QualityPolicy quality() {
        return flow.policy().isOwn() ? selector.quality() : null;
    }

    // ---- moves

    /** Moves to the child with the path that the application wants: even on a backup it stays. */
    void moveAsAsked(FlowPath path, long now) {
        for (Node child : selector.children()) {
            if (child.contains(path.id())) {
                if (child != selector.active()) {
                    move(child, MigrationCause.EXPLICIT, now);
                }
                chosen = true;
                wished = null;
            }
        }
    }

    private void move(Node child, @Nullable MigrationCause cause, long now) {
        Node active = selector.active();
        FlowPath from = active == null ? null : face(active);
        challenger = null;
        movedAt = now;
        chosen = false;
        flow.policy().select(selector, child, cause);
        if (cause == MigrationCause.DEATH) {
            failedOver = true;
            leave(active, now);
        } else if (cause != null) {
            failedOver = false;
        }
        flow.paths().refreshStates(now);
        FlowPath to = face(child);
        if (from != null && to != null && cause != null && flow.policy().feeds(to.id())) {
            moved(from, to, cause, now);
        }
    }

    /** What a suspect below a child holds that is left has to be sent elsewhere. */
    private void leave(@Nullable Node child, long now) {
        List<FlowPath> paths = flow.paths().all();
        for (int i = 0; i < paths.size() && child != null; i++) {
            FlowPath path = paths.get(i);
            Link link = path.link();
            if (link != null && child.contains(path.id()) && link.health().isSuspect()) {
                link.health().abandon();
                path.liveness().left();
                flow.reinjection().repair(link, ResendCause.DEATH, now);
            }
        }
    }

    private void moved(FlowPath from, FlowPath to, MigrationCause cause, long now) {
        flow.counters().migrated(cause);
        if (cause == MigrationCause.DEATH && flow.sender().hasOutstanding()) {
            flow.zombies().moved(to.rtt().rto(), now);
        }
        flow.host().migrated(from.id(), to.id(), cause);
    }

    // ---- better children

    /** Returns to a preferred child, or moves to a better one, after it has proved itself for the dwell time. */
    private void improve(Node active, FlowPath current, long now) {
        Node wanted = preferred(active, current, now);
        if (wanted == null) {
            challenger = null;
            return;
        }
        if (wanted != challenger) {
            challenger = wanted;
            challengerSince = now;
        }
        if (now >= challengerDueAt(wanted)) {
            move(wanted, MigrationCause.QUALITY, now);
        }
    }

    private long challengerDueAt(Node child) {
        FlowPath path = face(child);
        QualityPolicy quality = quality();
        long dwell = (quality == null ? QualityPolicy.DEFAULT : quality).dwell().toNanos();
        long due = Math.max(challengerSince, path == null ? challengerSince : path.usableSince()) + dwell;
        if (quality != null && movedAt != NEVER && !failedOver) {
            due = Math.max(due, movedAt + quality.cooldown().toNanos());
        }
        return due;
    }

    private @Nullable Node preferred(Node active, FlowPath current, long now) {
        QualityPolicy quality = quality();
        if (current.isBackup() ? !chosen : failedOver && quality != null) {
            for (Node child : selector.children()) {
                if (child == active && !current.isBackup()) {
                    break;
                }
                FlowPath path = face(child);
                if (path != null
                        && !path.isBackup()
                        && path.isUsable()
                        && path.liveness().eligible(now)) {
                    return child;
                }
            }
        }
        return quality == null || !flow.keepalive().isBusy(now) ? null : clearlyBetter(active, current, quality, now);
    }

    private @Nullable Node clearlyBetter(Node active, FlowPath current, QualityPolicy policy, long now) {
        Quality measured = current.quality();
        if (!measured.known()) {
            return null;
        }
        Node best = null;
        long bestScore = Long.MAX_VALUE;
        for (Node child : selector.children()) {
            FlowPath path = face(child);
            if (child != active
                    && path != null
                    && !path.isBackup()
                    && path.isUsable()
                    && path.liveness().eligible(now)
                    && isClearlyBetter(path.quality(), measured, policy)
                    && path.quality().score() < bestScore) {
                best = child;
                bestScore = path.quality().score();
            }
        }
        return best;
    }

    private static boolean isClearlyBetter(Quality other, Quality measured, QualityPolicy policy) {
        return other.known()
                && other.score() < measured.score() / (1 + policy.hysteresis())
                && measured.score() - other.score() >= policy.floor().toNanos();
    }

    // ---- time

    long deadline(long now) {
        long at = Long.MAX_VALUE;
        Node wanted = challenger;
        if (wanted != null) {
            at = challengerDueAt(wanted);
        }
        Node active = selector.active();
        FlowPath current = active == null ? null : face(active);
        Link link = current == null ? null : current.link();
        if (active != null && link != null && link.health().isSuspect()) {
            at = Math.min(at, leavesAt(active, link, now));
        }
        List<Node> children = selector.children();
        for (int i = 0; i < children.size(); i++) {
            FlowPath path = face(children.get(i));
            if (path != null
                    && path.isUsable()
                    && children.get(i) != active
                    && !path.liveness().eligible(now)) {
                at = Math.min(at, path.liveness().eligibleAt());
            }
        }
        return at;
    }
}
