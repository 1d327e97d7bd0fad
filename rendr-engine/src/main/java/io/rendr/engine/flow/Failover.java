// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.MigrationCause;
import io.rendr.QualityPolicy;
import io.rendr.ResendCause;
import io.rendr.engine.path.Quality;
import io.rendr.engine.wire.Policy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which path carries what this end sends.
 *
 * <p>Nothing but three causes moves a flow: the death of its path (its carrier closed, or silent while another path
 * answers), an explicit request, and quality, when armed. A peer that is silent everywhere is stalled: nothing moves.
 */
final class Failover {
    private static final long NEVER = Long.MIN_VALUE;

    private final Flow flow;
    private final ExplicitMove requests;
    private long movedAt = NEVER;
    private boolean failedOver;
    private boolean chosen;
    private int challenger = FlowPolicy.NONE;
    private long challengerSince;
    /** Why the acceptor goes where the dialer is: to return there later is a matter of quality. */
    private MigrationCause wishCause = MigrationCause.QUALITY;

    Failover(Flow flow) {
        this.flow = flow;
        this.requests = new ExplicitMove(flow);
    }

    /** What the application asked for. */
    ExplicitMove requests() {
        return requests;
    }

    // ---- choice

    /** Whether it still matters which path carries the flow. */
    private boolean mayMove() {
        return flow.closing().isOpen() && flow.closing().wantsCarriers();
    }

    /** Moves the flow if there is cause. */
    void choose(long now) {
        requests.answer(now);
        if (!mayMove()) {
            return;
        }
        FlowPath current = flow.paths().find(flow.policy().active());
        if (current == null || !current.isUsable()) {
            challenger = FlowPolicy.NONE;
        }
        if (current == null || current.isRemoved() || current.link() == null) {
            FlowPath best = best(current, now);
            if (usableLink(best) != null) {
                move(current, best, causeOfLeaving(current), now);
            }
            return;
        }
        Link link = current.link();
        if (link.health().isSuspect()) {
            FlowPath best = bestAnswering(current, link.health().suspectSince(), now);
            if (best != null && now >= leavesAt(current, link, now)) {
                link.health().abandon();
                current.liveness().left();
                move(current, best, MigrationCause.DEATH, now);
            }
            return;
        }
        if (!link.isFit()) {
            FlowPath best = best(current, now);
            if (best != null) {
                move(current, best, MigrationCause.DEATH, now);
            }
            return;
        }
        if (flow.policy().isOwn()) {
            improve(current, now);
        } else {
            challenger = FlowPolicy.NONE;
            followWish(current, now);
        }
    }

    private static @Nullable MigrationCause causeOfLeaving(@Nullable FlowPath gone) {
        if (gone == null) {
            return null;
        }
        return gone.isRemoved() ? MigrationCause.EXPLICIT : MigrationCause.DEATH;
    }

    /** Takes what the dialer tells of its policy. */
    void follow(Policy told, long now) {
        if (flow.policy().follow(told)) {
            flow.paths().all().forEach(flow.policy()::describe);
            flow.paths().prefer(flow.policy().order());
            wishCause = told.cause();
            choose(now);
            wishCause = MigrationCause.QUALITY;
        }
    }

    private void followWish(FlowPath current, long now) {
        FlowPath wished = flow.paths().find(flow.policy().wished());
        if (wished != null
                && wished != current
                && wished.isUsable()
                && wished.liveness().eligible(now)) {
            move(current, wished, wishCause, now);
        }
    }

    /** The best path other than {@code except} that answered since {@code since}. */
    @Nullable
    FlowPath bestAnswering(FlowPath except, long since, long now) {
        FlowPath best = null;
        for (FlowPath path : flow.paths().all()) {
            Link link = path.link();
            if (path != except
                    && link != null
                    && path.isUsable()
                    && link.health().confirmedAt() - since > 0
                    && (best == null || isBetter(path, best, now))) {
                best = path;
            }
        }
        return best;
    }

    /**
     * When the flow leaves a suspect for a path that answers; {@link Long#MAX_VALUE} while none does. A backup that is
     * closer answers before the path that is preferred can: that one has its RTO for it, unless the dialer has gone to
     * the backup already.
     */
    private long leavesAt(FlowPath suspect, Link link, long now) {
        long since = link.health().suspectSince();
        FlowPath best = bestAnswering(suspect, since, now);
        if (best == null) {
            return Long.MAX_VALUE;
        }
        long at = since;
        boolean waits = best.isBackup() && best.id() != flow.policy().wished();
        List<FlowPath> paths = flow.paths().all();
        for (int i = 0; waits && i < paths.size(); i++) {
            FlowPath path = paths.get(i);
            if (path != suspect && !path.isBackup() && mayYetAnswer(path)) {
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

    /** The best usable path other than {@code except}; null if there is none. */
    @Nullable
    FlowPath best(@Nullable FlowPath except, long now) {
        FlowPath best = null;
        for (FlowPath path : flow.paths().all()) {
            if (path != except && path.isUsable() && (best == null || isBetter(path, best, now))) {
                best = path;
            }
        }
        return best;
    }

    private boolean isBetter(FlowPath a, FlowPath b, long now) {
        if (a.isBackup() != b.isBackup()) {
            return b.isBackup();
        }
        boolean eligible = a.liveness().eligible(now);
        if (eligible != b.liveness().eligible(now)) {
            return eligible;
        }
        return flow.policy().quality() != null
                && a.quality().score() < b.quality().score();
    }

    private static @Nullable Link usableLink(@Nullable FlowPath path) {
        return path != null && path.isUsable() ? path.link() : null;
    }

    /** Moves the flow where the application wants it: even on a backup path it stays. */
    void moveAsAsked(FlowPath to, long now) {
        move(flow.paths().find(flow.policy().active()), to, MigrationCause.EXPLICIT, now);
        chosen = true;
    }

    private void move(@Nullable FlowPath from, FlowPath to, @Nullable MigrationCause cause, long now) {
        challenger = FlowPolicy.NONE;
        movedAt = now;
        chosen = false;
        flow.policy().activate(to.id(), cause);
        Link left = from == null ? null : from.link();
        if (cause == MigrationCause.DEATH) {
            failedOver = true;
            if (left != null && left.health().isSuspect()) {
                flow.reinjection().repair(left, ResendCause.DEATH, now);
            }
        } else if (cause != null) {
            failedOver = false;
        }
        if (from != null) {
            flow.paths().refreshState(from, now);
        }
        flow.paths().refreshState(to, now);
        if (from != null && cause != null) {
            moved(from, to, cause, now);
        }
    }

    private void moved(FlowPath from, FlowPath to, MigrationCause cause, long now) {
        flow.counters().migrated(cause);
        if (cause == MigrationCause.DEATH && flow.sender().hasOutstanding()) {
            flow.zombies().moved(to.rtt().rto(), now);
        }
        flow.host().migrated(from.id(), to.id(), cause);
    }

    /** The application gave the flow another tree: what it asked of the old one does not hold in the new one. */
    void rearranged() {
        chosen = false;
        challenger = FlowPolicy.NONE;
    }

    // ---- better paths

    /** Returns to a preferred path, or moves to a better one, after it has proved itself for the dwell time. */
    private void improve(FlowPath current, long now) {
        FlowPath wanted = preferred(current, now);
        if (wanted == null) {
            challenger = FlowPolicy.NONE;
            return;
        }
        if (wanted.id() != challenger) {
            challenger = wanted.id();
            challengerSince = now;
        }
        if (now >= challengerDueAt(wanted)) {
            move(current, wanted, MigrationCause.QUALITY, now);
        }
    }

    private long challengerDueAt(FlowPath path) {
        QualityPolicy quality = flow.policy().quality();
        long dwell = (quality == null ? QualityPolicy.DEFAULT : quality).dwell().toNanos();
        long due = Math.max(challengerSince, path.usableSince()) + dwell;
        if (quality != null && movedAt != NEVER && !failedOver) {
            due = Math.max(due, movedAt + quality.cooldown().toNanos());
        }
        return due;
    }

    private @Nullable FlowPath preferred(FlowPath current, long now) {
        QualityPolicy quality = flow.policy().quality();
        if (current.isBackup() ? !chosen : failedOver && quality != null) {
            for (FlowPath path : flow.paths().all()) {
                if (path == current && !current.isBackup()) {
                    break;
                }
                if (!path.isBackup() && path.isUsable() && path.liveness().eligible(now)) {
                    return path;
                }
            }
        }
        return quality == null || !flow.keepalive().isBusy(now) ? null : clearlyBetter(current, quality, now);
    }

    private @Nullable FlowPath clearlyBetter(FlowPath current, QualityPolicy policy, long now) {
        Quality measured = current.quality();
        if (!measured.known()) {
            return null;
        }
        FlowPath best = null;
        for (FlowPath path : flow.paths().all()) {
            Quality other = path.quality();
            boolean better = path != current
                    && !path.isBackup()
                    && path.isUsable()
                    && path.liveness().eligible(now)
                    && other.known()
                    && other.score() < measured.score() / (1 + policy.hysteresis())
                    && measured.score() - other.score() >= policy.floor().toNanos();
            if (better && (best == null || other.score() < best.quality().score())) {
                best = path;
            }
        }
        return best;
    }

    // ---- time

    long deadline(long now) {
        long at = requests.deadline();
        if (!mayMove()) {
            return at;
        }
        FlowPath wanted = flow.paths().find(challenger);
        if (wanted != null) {
            at = Math.min(at, challengerDueAt(wanted));
        }
        FlowPath current = flow.paths().find(flow.policy().active());
        Link link = current == null ? null : current.link();
        if (current != null && link != null && link.health().isSuspect()) {
            at = Math.min(at, leavesAt(current, link, now));
        }
        List<FlowPath> paths = flow.paths().all();
        for (int i = 0; i < paths.size(); i++) {
            FlowPath path = paths.get(i);
            if (path.isUsable()
                    && path.id() != flow.policy().active()
                    && !path.liveness().eligible(now)) {
                at = Math.min(at, path.liveness().eligibleAt());
            }
        }
        return at;
    }
}
