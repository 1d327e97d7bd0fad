// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.rendr.CloseReason;
import io.rendr.RendrException;
import java.util.List;

/**
 * The end of every event of a flow: silence is judged, a path chosen, acknowledgements marked, carriers with room
 * filled, the timer set. What an event changes is only noted where it belongs; what follows from it is decided here, in
 * one order.
 */
final class Settlement {
    private static final long LATE = MILLISECONDS.toNanos(50);

    private final Flow flow;
    private long armedAt = Long.MAX_VALUE;
    /** Whether the carriers know already that the timer is late. */
    private boolean excused;

    private boolean settling;

    Settlement(Flow flow) {
        this.flow = flow;
    }

    /** The time given to {@link FlowHost#wakeAt} has come. */
    void timeUp(long now) {
        awake(now);
        armedAt = Long.MAX_VALUE;
        excused = false;
        settle(now);
    }

    /** Whether the timer is due for so long that this end must have slept: a pause of the process, or of its loop. */
    private boolean isOverdue(long now) {
        return armedAt != Long.MAX_VALUE && now - armedAt > LATE;
    }

    /**
     * Something happens, be it the timer or a read that comes before it. If this end has slept, that is not the peer's
     * silence.
     */
    void awake(long now) {
        if (isOverdue(now) && !excused) {
            excused = true;
            long late = now - armedAt;
            for (FlowPath path : flow.paths().all()) {
                Link link = path.link();
                if (link != null) {
                    link.health().excuse(link.log(), late + LATE, now); // so long it has to read first
                }
            }
        }
    }

    void settle(long now) {
        Closing closing = flow.closing();
        if (settling || closing.isReleased()) {
            return;
        }
        settling = true;
        try {
            judge(now);
            closing.update(now);
            if (!closing.isReleased()) {
                act(now);
            }
            if (!closing.isReleased()) {
                arm(now);
            }
        } catch (RuntimeException e) {
            closing.end(
                    CloseReason.of(e),
                    new RendrException(flow.id(), "the engine failed on this flow; please report it: " + e, e),
                    now);
            throw e;
        } finally {
            settling = false;
        }
    }

    private void judge(long now) {
        // Overdue, the timer comes as soon as the carriers were read; until then their silence proves nothing.
        if (!isOverdue(now)) {
            flow.suspicion().judge(now);
            flow.failover().choose(now);
        }
        flow.admin().retire(now);
        // Before the hold is checked: the last carrier that answers may be one that leaves now.
        flow.paths().purge(now);
        flow.keepalive().onTimer(now);
        flow.hold().check(flow, now);
        flow.zombies().check(flow, now);
    }

    private void act(long now) {
        Receiver receiver = flow.receiver();
        if (receiver.hasNews()) {
            flow.host().readable();
        }
        if (now >= receiver.ackAt()) {
            receiver.acknowledge(flow.paths().longestRtt(), now);
        }
        if (flow.sender().onTimer(now)) {
            flow.host().writable();
        }
        List<FlowPath> paths = flow.paths().all();
        for (int i = 0; i < paths.size(); i++) {
            Link link = paths.get(i).link();
            if (link != null) {
                link.onTimer(now);
            }
        }
        flow.reinjection().onTimer(now);
        for (int i = 0; i < paths.size(); i++) {
            Redialer redialer = paths.get(i).redialer();
            if (redialer != null) {
                redialer.onTimer(now);
            }
        }
        flow.strangers().judge(now);
        for (int i = 0; i < paths.size(); i++) {
            Link link = paths.get(i).link();
            if (link != null) {
                link.pump(now);
            }
        }
    }

    private void arm(long now) {
        Sender sender = flow.sender();
        long at = Math.min(flow.receiver().ackAt(), sender.returnAt());
        if (flow.closing().isOpen()) {
            at = Math.min(at, Math.min(flow.hold().deadline(), flow.zombies().deadline()));
        }
        at = Math.min(at, Math.min(flow.closing().deadline(), flow.failover().deadline(now)));
        at = Math.min(
                at, Math.min(flow.keepalive().deadline(), flow.reinjection().deadline(now)));
        // A BLOCKED that is due already waits for a carrier with room.
        long blockedAt = sender.blockedAt(now);
        at = Math.min(at, blockedAt > now ? blockedAt : Long.MAX_VALUE);
        List<FlowPath> paths = flow.paths().all();
        for (int i = 0; i < paths.size(); i++) {
            FlowPath path = paths.get(i);
            at = Math.min(at, path.drainUntil());
            Link link = path.link();
            if (link != null) {
                at = Math.min(at, link.deadline(now));
            }
            Redialer redialer = path.redialer();
            if (redialer != null) {
                at = Math.min(at, redialer.deadline());
            }
        }
        if (at < armedAt) {
            armedAt = at;
            flow.host().wakeAt(at);
        }
    }
}
