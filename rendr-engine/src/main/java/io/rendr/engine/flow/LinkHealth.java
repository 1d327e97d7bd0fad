// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.engine.path.Liveness;
import io.rendr.engine.path.SentLog;
import io.rendr.engine.wire.WireException;

/**
 * Probes of one carrier, and the judgement on its silence: usable, suspect, dead.
 *
 * <p>A suspect is probed at once and then every half second for three probes, every second after.
 */
final class LinkHealth {
    private static final long NEVER = Long.MIN_VALUE;
    private static final int REMEMBERED = 4;
    private static final int PROBES_BEFORE_DEATH = 3;
    private static final long FAST_PROBE = MILLISECONDS.toNanos(500);
    private static final long SLOW_PROBE = SECONDS.toNanos(1);
    /** Until so many bytes were confirmed nobody knows how slow the link is, nor who else uses it. */
    private static final long SEGMENT = 1_200;
    /** What the first segment may take beyond what small frames showed. */
    private static final long FIRST_SEGMENT = MILLISECONDS.toNanos(300);
    /** Fewer bytes in one read batch are not of a bulk that fills the link. */
    private static final long MUCH = 512;
    /** Bytes per second below which a link is not credited with being busy. */
    private static final long SLOWEST = 5_000;
    /** With more than this in flight a round trip measures the queue, not the path. */
    private static final long UNLOADED = 64 * 1024;

    private final FlowPath path;
    private final long[] probeSentAt = new long[REMEMBERED];
    private final long[] probeLoad = new long[REMEMBERED];
    private final boolean[] probeOpen = new boolean[REMEMBERED];
    private final long[] probeEnd = new long[REMEMBERED];
    private long probeId;
    private long probeWantedSince = NEVER;
    private long lastProbeAt;
    private long unansweredSince = NEVER;
    private int unanswered;

    private long confirmedAt;
    /** From when silence counts: the last confirmation, moved forward by what this end itself slept. */
    private long silentSince;

    /** When the newest sleep of this end was over. */
    private long wokeAt;

    /** The carrier's count of received bytes after the last read batch. */
    private long heard;

    private long carried;

    private boolean proven;
    private long suspectSince = NEVER;
    private boolean answered;
    private boolean abandoned;

    LinkHealth(FlowPath path, long now) {
        this.path = path;
        this.confirmedAt = now;
        this.silentSince = now;
        this.wokeAt = now;
        this.lastProbeAt = now;
    }

    // ---- probes

    /** Asks for a probe with the next batch. One that finds no room is as unanswered as one that was sent. */
    void probe(long now) {
        if (!probeWanted()) {
            probeWantedSince = now;
        }
    }

    /** Asks for one more probe of a suspect. */
    void probeAgain(long now) {
        if (probeWanted()) {
            countUnanswered(now);
            lastProbeAt = now;
        }
        probe(now);
    }

    private void countUnanswered(long now) {
        unanswered++;
        if (unansweredSince == NEVER) {
            unansweredSince = now;
        }
    }

    boolean probeWanted() {
        return probeWantedSince != NEVER;
    }

    /** Whether a probe is on its way, or about to be. */
    boolean awaitsAnswer() {
        return unanswered > 0 || probeWanted();
    }

    /** When the last probe was sent, or the carrier confirmed. */
    long lastProbeAt() {
        return lastProbeAt;
    }

    /**
     * Notes that a probe goes out.
     *
     * @param load payload bytes in flight
     * @param end the carrier's byte count after the probe
     * @return its id
     */
    long probeSent(long load, long end, long now) {
        probeWantedSince = NEVER;
        lastProbeAt = now;
        long id = probeId++;
        int at = (int) (id % REMEMBERED);
        if (probeOpen[at]) {
            path.missed();
        }
        probeSentAt[at] = now;
        probeLoad[at] = load;
        probeEnd[at] = end;
        probeOpen[at] = true;
        countUnanswered(now);
        return id;
    }

    /** Notes the answer to a probe, which the peer held back for {@code hold}. */
    void answered(long id, long hold, long load, long rx, long now) {
        int at = (int) (id % REMEMBERED);
        if (id < 0 || id >= probeId || probeId - id > REMEMBERED || !probeOpen[at]) {
            return;
        }
        if (rx < probeEnd[at]) {
            throw new WireException(
                    WireException.Reason.BAD_VALUE,
                    "PONG " + id + " comes with a receipt of " + rx + ", the PING ended at " + probeEnd[at]);
        }
        for (int i = 0; i < REMEMBERED; i++) {
            // Of several probes in one batch the peer answers the newest.
            probeOpen[i] &= probeSentAt[i] - probeSentAt[at] > 0;
        }
        probeOpen[at] = false;
        if (wasAwakeSince(probeSentAt[at])) {
            measured(now - probeSentAt[at], hold, Math.max(load, probeLoad[at]), now);
        }
        confirmed(probeSentAt[at], now);
    }

    private void measured(long elapsed, long hold, long load, long now) {
        long threshold = path.liveness().suspicion(path.rtt(), now);
        long rtt = Math.max(1, elapsed - hold);
        path.rtt().sample(rtt);
        path.recentRtt().add(rtt, now);
        if (elapsed > threshold) {
            path.missed();
        } else if (load <= UNLOADED) {
            path.measured(rtt, now);
        }
    }

    /** Whether the answer to what was sent at {@code then} can have been read as soon as it came. */
    boolean wasAwakeSince(long then) {
        return then - wokeAt >= 0;
    }

    // ---- judgement

    /** Notes that the peer confirmed something that was owed since {@code owedSince}. */
    void confirmed(long owedSince, long now) {
        if (!abandoned) {
            path.liveness().survived(now - Math.max(owedSince, silentSince), now);
        }
        confirmedAt = now;
        silentSince = now;
        answered = isSuspect();
        unanswered = 0;
        unansweredSince = NEVER;
        proven = true;
    }

    /**
     * Notes that a read batch is over. Much of it may have been sent before a confirmation that is owed, and on a slow
     * link hold that up: the time that those bytes took is no silence. What is small took none. A direction that is lost
     * is noticed all the same: the peer stops at its in-flight cap, for it gets no receipts.
     */
    void heard(SentLog log, long received, long now) {
        long bytes = received - heard;
        heard = received;
        if (bytes < MUCH || isSuspect() || !isOwed(log)) {
            return;
        }
        long owedSince = owedSince(log);
        if (now - owedSince > path.rtt().srtt()) {
            silentSince = Math.min(now, Math.max(silentSince, owedSince) + bytes * SECONDS.toNanos(1) / SLOWEST);
        }
    }

    /** Notes how many bytes of the carrier the peer has received. */
    void carried(long bytes) {
        carried = bytes;
    }

    /** Whether the peer confirmed anything that this end sent on the carrier. */
    boolean isProven() {
        return proven;
    }

    /** When the peer last confirmed something. */
    long confirmedAt() {
        return confirmedAt;
    }

    /** Whether the peer confirmed something after {@code then}. */
    boolean hasConfirmedSince(long then) {
        return proven && confirmedAt - then > 0;
    }

    boolean isSuspect() {
        return suspectSince != NEVER;
    }

    long suspectSince() {
        return suspectSince;
    }

    /** Whether a confirmation came after the carrier became suspect. */
    boolean hasAnswered() {
        return answered;
    }

    void suspect(long now) {
        suspectSince = now;
        answered = false;
        abandoned = false;
        probe(now);
    }

    void trust() {
        suspectSince = NEVER;
        answered = false;
    }

    /** Notes that traffic moved away while the carrier was suspect. */
    void abandon() {
        abandoned = true;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    /** When silence makes the carrier suspect; {@link Long#MAX_VALUE} while it owes nothing. */
    long suspectAt(SentLog log, long now) {
        if (isSuspect() || !isOwed(log)) {
            return Long.MAX_VALUE;
        }
        long unknown = carried < SEGMENT ? FIRST_SEGMENT : 0;
        return Math.max(silentSince, owedSince(log)) + unknown + path.liveness().suspicion(path.rtt(), now);
    }

    private boolean isOwed(SentLog log) {
        return !log.isEmpty() || probeWanted();
    }

    private long owedSince(SentLog log) {
        return log.isEmpty() ? probeWantedSince : log.oldestSentAt();
    }

    /** When the carrier counts as dead, if nothing is confirmed; {@link Long#MAX_VALUE} while it is not suspect. */
    long deadAt() {
        boolean counting = isSuspect() && unanswered >= PROBES_BEFORE_DEATH;
        return counting ? unansweredSince + Liveness.deadAfter(path.rtt()) : Long.MAX_VALUE;
    }

    /** When a suspect is probed again. */
    long nextProbeAt() {
        if (!isSuspect()) {
            return Long.MAX_VALUE;
        }
        return Math.max(lastProbeAt, suspectSince) + (unanswered <= PROBES_BEFORE_DEATH ? FAST_PROBE : SLOW_PROBE);
    }

    long deadline(SentLog log, long now) {
        return Math.min(Math.min(suspectAt(log, now), deadAt()), nextProbeAt());
    }

    /** Does not count {@code nanos} of this end's own sleep, which is over, as the peer's silence. */
    void excuse(SentLog log, long nanos, long now) {
        wokeAt = now;
        long silent = isOwed(log) ? Math.max(silentSince, owedSince(log)) : silentSince;
        silentSince = Math.min(now, silent + nanos);
        if (unansweredSince != NEVER) {
            unansweredSince += nanos;
        }
    }
}
