// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.MigrationCause;
import io.rendr.QualityPolicy;
import io.rendr.ResendCause;
import io.rendr.engine.path.Quality;
import io.rendr.engine.wire.Policy;
import org.jspecify.annotations.Nullable;

/**
 * Decides which path carries what this end sends.
 *
 * <p>Nothing but three causes moves a flow: the death of its path (its carrier closed, or silent while another path
 * answers), an explicit request, and quality, when armed. A peer that is silent everywhere is stalled: nothing moves.
 */
final class Failover {
    private static final long RESCUE_BYTES = 64 * 1024;
    private static final long MAX_ALLOWANCE = 1 << 20;
    private static final int ALLOWANCE_SHARE = 20;
    private static final long NEVER = Long.MIN_VALUE;

    private final Flow flow;
    private long movedAt = NEVER;
    private boolean failedOver;
    private boolean chosen;
    private int challenger = FlowPolicy.NONE;
    private long challengerSince;
    private long allowance = RESCUE_BYTES;
    private boolean stalled;
    /** Why the acceptor goes where the dialer is: to return there later is a matter of quality. */
    private MigrationCause wishCause = MigrationCause.QUALITY;

    private int requested = FlowPolicy.NONE;
    private long requestedAt;
    private @Nullable Outcome request;

    Failover(Flow flow) {
        this.flow = flow;
    }

    /** Notes fresh bytes: a twentieth of them may be sent a second time to rescue what a suspect holds. */
    void sent(long fresh) {
        allowance = Math.min(MAX_ALLOWANCE, allowance + fresh / ALLOWANCE_SHARE);
    }

    // ---- silence

    /** Judges every carrier. */
    void judge(long now) {
        for (FlowPath path : flow.paths().all()) {
            Link link = path.link();
            if (link == null) {
                continue;
            }
            LinkHealth health = link.health();
            if (health.hasAnswered()) {
                trust(path, link, now);
            }
            if (now >= health.suspectAt(link.log(), now)) {
                suspect(path, link, now);
            }
            if (now >= health.deadAt()) {
                flow.paths().dead(link, now);
            } else if (now >= health.nextProbeAt()) {
                health.probeAgain(now);
            }
            repairDrained(path, link, now);
        }
    }

    /** What a path that was left still holds must not wait for its death once it falls silent. */
    private void repairDrained(FlowPath path, Link link, long now) {
        boolean holds = link.isOpen() && link.health().isSuspect() && link.log().payload() > 0;
        if (holds && path.id() != flow.policy().active() && best(path, now) != null) {
            flow.paths().repair(link, ResendCause.SUSPICION);
        }
    }

    private void suspect(FlowPath path, Link link, long now) {
        link.health().suspect(now);
        flow.slots().lost(link);
        flow.receiver().forget(link);
        flow.paths().refreshState(path, now);
        path.stateSlot().touch();
        probeCandidates(path, now);
        Link best = usableLink(best(path, now));
        if (best != null && path.id() == flow.policy().active()) {
            rescue(best);
        }
    }

    private void trust(FlowPath path, Link link, long now) {
        LinkHealth health = link.health();
        if (health.isAbandoned()) {
            path.liveness().penalize(now);
        } else {
            path.liveness().falselySuspected(now);
            flow.counters().spuriousSuspicions++;
            flow.counters().peerStalls += stalled ? 1 : 0;
        }
        stalled = false;
        health.trust();
        flow.paths().refreshState(path, now);
        path.stateSlot().touch();
    }

    /** Probes the best two others and the best of another fate group. */
    private void probeCandidates(FlowPath suspect, long now) {
        int probed = 0;
        boolean otherFate = false;
        String fate = flow.paths().fateOf(suspect);
        for (FlowPath path : flow.paths().all()) {
            Link link = path.link();
            if (path == suspect || link == null || !link.isUsable()) {
                continue;
            }
            boolean other = fate == null || !fate.equals(flow.paths().fateOf(path));
            if (probed < 2 || other && !otherFate) {
                link.health().probe(now);
                probed++;
                otherFate |= other;
            }
        }
    }

    /** Copies the oldest missing bytes to another carrier, as far as the allowance goes. */
    private void rescue(Link to) {
        StreamSender sender = flow.sender();
        long left = Math.min(RESCUE_BYTES, allowance);
        long at = sender.firstUnacked(sender.cum());
        while (left > 0 && at < sender.highestSent()) {
            long end = Math.min(Math.min(sender.firstAcked(at), sender.highestSent()), at + left);
            to.inject(at, end, ResendCause.SUSPICION);
            left -= end - at;
            allowance -= end - at;
            at = sender.firstUnacked(end);
        }
    }

    // ---- choice

    /** Whether it still matters which path carries the flow. */
    private boolean mayMove() {
        return flow.closing().isOpen() && flow.wantsCarriers();
    }

    /** Moves the flow if there is cause. */
    void choose(long now) {
        answerRequest(now);
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
            stalled = best == null;
            if (best != null) {
                link.health().abandon();
                move(current, best, MigrationCause.DEATH, now);
            }
            return;
        }
        if (flow.policy().isOwn()) {
            improve(current, now);
        } else {
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
    private @Nullable FlowPath bestAnswering(FlowPath except, long since, long now) {
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

    private void move(@Nullable FlowPath from, FlowPath to, @Nullable MigrationCause cause, long now) {
        challenger = FlowPolicy.NONE;
        movedAt = now;
        chosen = cause == MigrationCause.EXPLICIT;
        flow.policy().activate(to.id(), cause);
        Link left = from == null ? null : from.link();
        if (cause == MigrationCause.DEATH) {
            failedOver = true;
            if (left != null && left.health().isSuspect()) {
                flow.paths().repair(left, ResendCause.DEATH);
            }
        } else if (cause != null) {
            failedOver = false;
        }
        if (from != null) {
            flow.paths().refreshState(from, now);
        }
        flow.paths().refreshState(to, now);
        if (from != null && cause != null) {
            flow.moved(from, to, cause, now);
        }
    }

    /** The application gave the flow another tree: what it asked of the old one does not hold in the new one. */
    void rearranged() {
        chosen = false;
        challenger = FlowPolicy.NONE;
    }

    // ---- explicit

    /** Moves to {@code path} once it has answered a probe. */
    void request(FlowPath path, Outcome outcome, long now) {
        if (request != null) {
            refuse(path(requested), "another migration was asked for");
        }
        Link link = path.link();
        if (link == null || !path.isUsable()) {
            outcome.failed(Failures.unavailable(flow, path, path.lastError()));
            return;
        }
        if (path.id() == flow.policy().active()) {
            outcome.done(path.id());
            return;
        }
        requested = path.id();
        requestedAt = now;
        request = outcome;
        link.health().probe(now);
    }

    private void answerRequest(long now) {
        Outcome outcome = request;
        if (outcome == null) {
            return;
        }
        FlowPath path = path(requested);
        Link link = path.link();
        if (link == null || path.isRemoved()) {
            refuse(path, "it went down before it answered a probe");
        } else if (link.health().isProven() && link.health().confirmedAt() - requestedAt > 0) {
            request = null;
            flow.policy().ignoreWish();
            if (flow.policy().active() != path.id()) {
                move(flow.paths().find(flow.policy().active()), path, MigrationCause.EXPLICIT, now);
            }
            outcome.done(path.id());
        } else if (now >= requestDeadline()) {
            refuse(path, "no answer to a probe within " + (now - requestedAt) / 1_000_000 + " ms");
        }
    }

    private void refuse(FlowPath path, String why) {
        Outcome outcome = request;
        request = null;
        if (outcome != null) {
            outcome.failed(Failures.unavailable(flow, path, why));
        }
    }

    private FlowPath path(int id) {
        FlowPath path = flow.paths().find(id);
        if (path == null) {
            throw new IllegalStateException("path " + id + " is unknown");
        }
        return path;
    }

    private long requestDeadline() {
        if (request == null) {
            return Long.MAX_VALUE;
        }
        FlowPath path = path(requested);
        return requestedAt + Math.max(SECONDS.toNanos(1), path.liveness().suspicion(path.rtt(), requestedAt));
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
        return quality == null || !flow.isBusy(now) ? null : clearlyBetter(current, quality, now);
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
        long at = requestDeadline();
        if (!mayMove()) {
            return at;
        }
        FlowPath wanted = flow.paths().find(challenger);
        if (wanted != null) {
            at = Math.min(at, challengerDueAt(wanted));
        }
        for (FlowPath path : flow.paths().all()) {
            if (path.isUsable()
                    && path.id() != flow.policy().active()
                    && !path.liveness().eligible(now)) {
                at = Math.min(at, path.liveness().eligibleAt());
            }
        }
        return at;
    }
}
