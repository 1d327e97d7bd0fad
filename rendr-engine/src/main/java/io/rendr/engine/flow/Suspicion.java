// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.ResendCause;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Judges the silence of every carrier of a flow: suspects it, probes it and others, believes it again, finds it dead.
 * Where the flow goes is {@link Failover}'s to say.
 */
final class Suspicion {
    private final Flow flow;

    Suspicion(Flow flow) {
        this.flow = flow;
    }

    /** Judges every carrier. */
    void judge(long now) {
        List<FlowPath> paths = flow.paths().all();
        for (int i = 0; i < paths.size(); i++) {
            FlowPath path = paths.get(i);
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

    /** What a path that was left still holds must not wait for its death once it is silent while another answers. */
    private void repairDrained(FlowPath path, Link link, long now) {
        boolean holds = link.isOpen() && link.health().isSuspect() && link.log().payload() > 0;
        if (holds
                && flow.failover().bestAnswering(path, link.health().suspectSince(), now) != null
                && !flow.failover().willLeave(path, link.health().suspectSince(), now)) {
            flow.reinjection().repair(link, ResendCause.DEATH, now);
        }
    }

    private void suspect(FlowPath path, Link link, long now) {
        link.health().suspect(now);
        flow.slots().lost(link);
        flow.receiver().forget(link);
        flow.paths().refreshState(path, now);
        path.stateSlot().touch();
        path.carrierFailed(now);
        probeCandidates(path, now);
        FlowPath best = flow.failover().best(path, now);
        if (best != null) {
            flow.reinjection().suspected(best, now);
        }
    }

    private void trust(FlowPath path, Link link, long now) {
        LinkHealth health = link.health();
        boolean alone = flow.failover().bestAnswering(path, health.suspectSince(), now) == null;
        if (health.isAbandoned()) {
            path.liveness().returned(now);
        } else {
            path.liveness().falselySuspected(now);
            flow.counters().spuriousSuspicions++;
            flow.counters().peerStalls += alone && path.id() == flow.policy().active() ? 1 : 0;
        }
        health.trust();
        flow.paths().refreshState(path, now);
        path.stateSlot().touch();
    }

    /** Probes the best two others, the best of another fate group, and the first backup in case that none of them answers. */
    private void probeCandidates(FlowPath suspect, long now) {
        int probed = 0;
        boolean otherFate = false;
        boolean backup = false;
        String fate = flow.paths().fateOf(suspect);
        List<FlowPath> others = new ArrayList<>(flow.paths().all());
        others.sort(Comparator.comparing(FlowPath::isBackup));
        for (FlowPath path : others) {
            Link link = path.link();
            if (path == suspect || link == null || !link.isUsable()) {
                continue;
            }
            boolean other = fate == null || !fate.equals(flow.paths().fateOf(path));
            if (probed < 2 || other && !otherFate || path.isBackup() && !backup) {
                link.health().probe(now);
                probed++;
                otherFate |= other;
                backup |= path.isBackup();
            }
        }
    }
}
