// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.ResendCause;
import io.rendr.engine.memory.RangeSet;
import io.rendr.engine.path.RttEstimator;
import io.rendr.engine.policy.Selector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is sent a second time, and the only place where that is decided.
 *
 * <p>What no carrier will bring any more goes back to the policy tree. What a carrier may still bring is at most copied:
 * under suspicion, and when the window is full and another carrier brings its head earlier. These copies come out of one
 * bucket, which fills with a twentieth of all fresh bytes. A selector that duplicates has a bucket of its own, and spends it
 * on what is late: the tail of what a race would save, for a share of its price.
 */
final class Reinjection {
    /** The most that one occasion copies, and what the bucket holds at first. */
    private static final long COPY = 64 * 1024;

    private static final long MAX_ALLOWANCE = 1 << 20;
    private static final int ALLOWANCE_SHARE = 20;
    /** Less is not worth a frame, unless it is all. */
    private static final long WORTH = 512;

    /** Between two rescues there is a round trip, and time for an acknowledgement to be written. */
    private static final long RESCUE_FLOOR = MILLISECONDS.toNanos(10);

    private static final long GAP_FLOOR = SECONDS.toNanos(1);
    private static final long GAP_BYTES = 64 * 1024;

    private final Flow flow;
    private long allowance = COPY;
    private double duplicates;
    private long duplicatedAt = Long.MIN_VALUE / 2;
    private long rescuedAt = Long.MIN_VALUE / 2;
    private long rescueEvery;
    private long gapRepairedAt = Long.MIN_VALUE / 2;

    private final RangeSet lost = new RangeSet();
    private final RangeSet late = new RangeSet();
    private final RangeSet timely = new RangeSet();

    Reinjection(Flow flow) {
        this.flow = flow;
    }

    /** Notes fresh bytes: a twentieth of them may be sent as copies. */
    void sent(long fresh) {
        allowance = Math.min(MAX_ALLOWANCE, allowance + fresh / ALLOWANCE_SHARE);
        Selector duplicating = flow.policy().duplicating();
        if (duplicating != null) {
            duplicates = Math.min(MAX_ALLOWANCE, duplicates + fresh * duplicating.duplication());
        }
    }

    /**
     * Sends [start, end) again. A copy is sent by the path's own carrier, as far as the bucket allows; anything else was
     * the path's to bring and goes back to where its carrier had it from.
     *
     * @return how much of it will be sent again
     */
    private long reinject(long start, long end, @Nullable FlowPath path, ResendCause cause, long now) {
        boolean copies = cause == ResendCause.SUSPICION || cause == ResendCause.RESCUE;
        Link copier = path != null && copies ? path.link() : null;
        if (copier == null) {
            long from = flow.sender().worthSending(start, end, now);
            if (from < end) {
                flow.policy().giveBack(from, end, cause);
            }
            return end - from;
        }
        long granted = flow.sender().cut(start, Math.min(end, start + allowance), Integer.MAX_VALUE) - start;
        if (granted > 0) {
            allowance -= granted;
            copier.copies().add(start, start + granted, cause);
        }
        return granted;
    }

    // ---- what is lost

    /** Gives back what a carrier was given, the peer did not report received, and no usable carrier has in flight. */
    void repair(Link link, ResendCause cause, long now) {
        lost.clear();
        link.log().disown(lost::add);
        flow.policy().releaseTo(lost);
        repair(link.path(), lost, cause, now);
    }

    /** Gives back what waits for nobody but an unusable path. */
    void release(long now) {
        lost.clear();
        flow.policy().releaseTo(lost);
        repair(lost, now);
    }

    /** Gives back what waited for others and is in flight nowhere. */
    void repair(RangeSet released, long now) {
        repair(null, released, ResendCause.RACE, now);
    }

    /** Gives back what of {@code missing}, which a carrier of the path was given, no other one has or is to get. */
    void repair(@Nullable FlowPath path, RangeSet missing, ResendCause cause, long now) {
        List<FlowPath> paths = flow.paths().all();
        for (int i = 0; i < paths.size() && !missing.isEmpty(); i++) {
            Link holder = paths.get(i).link();
            if (holder != null && holder.isUsable()) {
                holder.log().forEachPayload(missing::remove);
            }
        }
        flow.policy().subtractWaiting(missing);
        for (int i = 0; i < missing.size(); i++) {
            reinject(missing.start(i), missing.end(i), path, cause, now);
        }
    }

    /**
     * Sends again what every carrier reports received and no acknowledgement covers for a second: a carrier that was
     * replaced may have taken its peer's last ACK along.
     */
    private void repairUnacknowledged(long now) {
        if (now >= unacknowledgedAt()) {
            Sender sender = flow.sender();
            long at = sender.firstUnacked(sender.cum());
            long gapEnd = Math.min(sender.firstAcked(at), sender.highestSent());
            long most = at + GAP_BYTES;
            long end = at;
            while (at < Math.min(gapEnd, most) && (end = sender.cut(at, gapEnd, atLeastOne(most - at))) > at) {
                reinject(at, end, null, ResendCause.RECEIPT_GAP, now);
                at = end;
            }
            gapRepairedAt = now;
        }
    }

    private long unacknowledgedAt() {
        Sender sender = flow.sender();
        boolean waits = sender.hasOutstanding() && !flow.policy().hasNext();
        if (!waits || flow.policy().active() == FlowPolicy.NONE || !flow.paths().anyAnswers() || isInFlight(null)) {
            return Long.MAX_VALUE;
        }
        long patience = Math.max(GAP_FLOOR, 2 * flow.paths().longestRtt());
        return Math.max(sender.lastProgressAt(), gapRepairedAt) + patience;
    }

    /** A packet is not left out because it goes a little beyond what one occasion repeats. */
    private int atLeastOne(long most) {
        return Math.max((int) most, flow.sender().unit());
    }

    /** Whether payload is in flight on another path than {@code except}. */
    private boolean isInFlight(@Nullable FlowPath except) {
        List<FlowPath> paths = flow.paths().all();
        for (int i = 0; i < paths.size(); i++) {
            Link link = paths.get(i).link();
            if (link != null && link.log().payload() > 0 && paths.get(i) != except) {
                return true;
            }
        }
        return false;
    }

    // ---- what is late

    /** Copies the oldest bytes that a suspect may never bring, to the carrier of {@code to}. */
    void suspected(FlowPath to, long now) {
        copyOldest(to, ResendCause.SUSPICION, now);
    }

    /** While the window is full, copies its head to whoever brings it first, once per round trip. */
    private void rescue(long now) {
        FlowPath best = now >= rescueAt() ? earliest() : null;
        if (best != null) {
            rescuedAt = now;
            rescueEvery = Math.max(RESCUE_FLOOR, best.rtt().srtt());
            copyOldest(best, ResendCause.RESCUE, now);
        }
    }

    private long rescueAt() {
        if (!flow.sender().isWindowFull() || flow.policy().hasNext()) {
            return Long.MAX_VALUE;
        }
        FlowPath best = earliest();
        return best != null && isInFlight(best) ? rescuedAt + rescueEvery : Long.MAX_VALUE;
    }

    /** Of the paths that carry new bytes, the one on which a byte would arrive first. */
    private @Nullable FlowPath earliest() {
        FlowPath best = null;
        long soonest = Long.MAX_VALUE;
        List<FlowPath> paths = flow.paths().all();
        for (int i = 0; i < paths.size(); i++) {
            FlowPath path = paths.get(i);
            Link link = path.link();
            if (link != null && path.isUsable() && flow.policy().feeds(path.id()) && link.eta() < soonest) {
                best = path;
                soonest = link.eta();
            }
        }
        return best;
    }

    /** Copies the oldest missing bytes that are in flight where they arrive later than over {@code to}. */
    private void copyOldest(FlowPath to, ResendCause cause, long now) {
        Link copier = to.link();
        if (copier == null) {
            return;
        }
        findLate(copier);
        Sender sender = flow.sender();
        late.removeBelow(sender.worthCopying(now));
        long left = COPY;
        for (int i = 0; i < late.size() && left > 0; i++) {
            long at = sender.firstUnacked(late.start(i));
            while (at < late.end(i) && left > 0) {
                long end = sender.cut(at, Math.min(late.end(i), sender.firstAcked(at)), atLeastOne(left));
                left = reinject(at, end, to, cause, now) < end - at ? 0 : left - (end - at);
                at = end == at ? late.end(i) : sender.firstUnacked(end);
            }
        }
    }

    /**
     * Finds what is in flight where it arrives later than it would over {@code copier}, by more than what a receipt is
     * behind: what seems to be in flight may have arrived. A suspect brings nothing.
     */
    private void findLate(Link copier) {
        late.clear();
        timely.clear();
        long eta = copier.eta() + copier.path().rtt().srtt() + RttEstimator.REPORT_DELAY;
        List<FlowPath> paths = flow.paths().all();
        for (int i = 0; i < paths.size(); i++) {
            Link link = paths.get(i).link();
            if (link != null) {
                long[] drained = new long[1];
                link.log().forEachPayload((start, end) -> {
                    drained[0] += end - start;
                    boolean inTime = link == copier || link.isUsable() && link.drainTime(drained[0]) <= eta;
                    (inTime ? timely : late).add(start, end);
                });
            }
        }
        late.removeAll(timely);
        copier.copies().subtractFrom(late);
    }

    /**
     * Copies the head of what is late by an RTO to the best other child of a selector that duplicates, as far as its bucket
     * allows, once per round trip.
     */
    private void duplicate(long now) {
        FlowPath from =
                now >= duplicateAt(now) ? flow.paths().find(flow.policy().active()) : null;
        Link holder = from == null ? null : from.link();
        FlowPath to = from == null ? null : refuge(now);
        Link copier = to == null ? null : to.link();
        if (holder == null || copier == null) {
            return;
        }
        duplicatedAt = now;
        late.clear();
        holder.log().forEachPayload(late::add);
        copier.log().forEachPayload(late::remove);
        copier.copies().subtractFrom(late);
        if (duplicates < Math.min(WORTH, late.bytes())) {
            return;
        }
        Sender sender = flow.sender();
        for (int i = 0; i < late.size(); i++) {
            long start = sender.firstUnacked(Math.max(late.start(i), sender.worthCopying(now)));
            long most = Math.min(late.end(i), sender.firstAcked(start));
            long end = start < most ? sender.cut(start, most, (int) Math.min(duplicates, COPY)) : start;
            if (end > start) {
                duplicates -= end - start;
                copier.copies().add(start, end, ResendCause.DUPLICATION);
            }
        }
    }

    /** When what the active path has in flight is late; {@link Long#MAX_VALUE} if that matters to nobody. */
    private long duplicateAt(long now) {
        if (duplicates < flow.sender().unit()) {
            return Long.MAX_VALUE;
        }
        FlowPath active = flow.paths().find(flow.policy().active());
        Link link = active == null ? null : active.link();
        boolean worth = link != null
                && active.isUsable()
                && active.rtt().known()
                && link.log().payload() > 0
                && refuge(now) != null;
        return worth
                ? Math.max(
                        link.log().oldestSentAt() + active.rtt().rto(),
                        duplicatedAt + Math.max(RESCUE_FLOOR, active.rtt().srtt()))
                : Long.MAX_VALUE;
    }

    /** The best usable path of another child of the selector that duplicates. */
    private @Nullable FlowPath refuge(long now) {
        Selector selector = flow.policy().duplicating();
        FlowPath best = null;
        for (FlowPath path : flow.paths().all()) {
            boolean other = selector != null && selector.contains(path.id()) && !selector.feeds(path.id());
            if (other && path.isUsable() && (best == null || flow.failover().isBetter(path, best, false, now))) {
                best = path;
            }
        }
        return best;
    }

    // ---- time

    void onTimer(long now) {
        repairUnacknowledged(now);
        rescue(now);
        duplicate(now);
    }

    /** When {@link #onTimer} has something to do; {@link Long#MAX_VALUE} while it has not. */
    long deadline(long now) {
        return Math.min(duplicateAt(now), Math.min(unacknowledgedAt(), rescueAt()));
    }
}
