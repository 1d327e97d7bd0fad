// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.List;

/**
 * When to probe a carrier that says nothing by itself.
 *
 * <p>A flow in use probes every carrier each probe interval. One idle for 10 s leaves it to the dialer, who keeps each
 * carrier warm every 20 s, give or take a fifth, which is below what address translators forget after; and at least twice
 * within the migration budget, or an acceptor whose carriers were cut would give up before the dialer notices. An
 * acceptor that heard nothing for 75 s asks whether the dialer still exists. If quality may move it, one idle flow goes on
 * to probe each probe interval, for all of its {@link PeerGroup}, and each takes over what was measured when it wakes.
 */
final class Keepalive {
    private static final long IN_USE = SECONDS.toNanos(10);
    private static final long WARM = SECONDS.toNanos(20);
    private static final long VANISHED = SECONDS.toNanos(75);

    private final Flow flow;
    private long warm;
    private long movedAt;
    private long nextAt;

    Keepalive(Flow flow, long now) {
        this.flow = flow;
        this.movedAt = now;
        this.nextAt = now;
        this.warm = draw();
    }

    /** Drawn anew for every probe, or the flows of a peer would stay in step. */
    private long draw() {
        long interval = Math.min(WARM, flow.hold().budget() / 2);
        return interval * 4 / 5 + flow.instance().random().nextLong(interval * 2 / 5);
    }

    /** Notes that payload was sent, received or acknowledged. */
    void moved(long now) {
        if (!isBusy(now)) {
            woke();
        }
        movedAt = now;
    }

    private void woke() {
        if (measures()) {
            flow.paths().all().forEach(FlowPath::refreshQuality);
        }
    }

    /** Whether the flow wants to know how good its paths are, also while it is idle. */
    private boolean measures() {
        return flow.isDialer() && flow.policy().isQualityArmed();
    }

    /** The application wrote: the first bytes after a pause take a probe along. */
    void wrote(long now) {
        if (now - movedAt > flow.settings().probeInterval()) {
            FlowPath active = flow.paths().find(flow.policy().active());
            Link link = active == null ? null : active.link();
            if (link != null) {
                link.health().probe(now);
            }
        }
        moved(now);
    }

    boolean isBusy(long now) {
        return now - movedAt < IN_USE;
    }

    void onTimer(long now) {
        boolean busy = isBusy(now);
        nextAt = Long.MAX_VALUE;
        if (!busy) {
            flow.receiver().trim();
        }
        List<FlowPath> paths = flow.paths().all();
        for (int i = 0; i < paths.size(); i++) {
            FlowPath path = paths.get(i);
            Link link = path.link();
            if (link == null || link.health().isSuspect() || path.isRemoved()) {
                continue;
            }
            long due = dueAt(path, link, busy, now);
            if (now >= due) {
                link.health().probe(now);
                warm = draw();
                due = dueAfterProbe(path, busy, now);
            }
            nextAt = Math.min(nextAt, due);
        }
    }

    private long dueAt(FlowPath path, Link link, boolean busy, long now) {
        long probedAt = link.health().lastProbeAt();
        if (busy) {
            return probedAt + flow.settings().probeInterval();
        }
        if (!flow.isDialer()) {
            return Math.max(probedAt, link.receivedAt()) + VANISHED;
        }
        return Math.min(probedAt + warm, Math.max(probedAt + flow.settings().probeInterval(), sampleAt(path, now)));
    }

    private long dueAfterProbe(FlowPath path, boolean busy, long now) {
        long interval = flow.settings().probeInterval();
        return now + (busy || sampleAt(path, now) < Long.MAX_VALUE ? interval : warm);
    }

    /** When the path is to be probed for all flows of its group; never if another flow does that, or none wants it. */
    private long sampleAt(FlowPath path, long now) {
        Redialer member = path.redialer();
        return member == null || !measures()
                ? Long.MAX_VALUE
                : member.group().sampleAt(member, flow.settings().probeInterval(), now);
    }

    long deadline() {
        return nextAt;
    }
}
