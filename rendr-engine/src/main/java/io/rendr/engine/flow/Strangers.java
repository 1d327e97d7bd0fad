// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CloseReason;
import io.rendr.FlowAbortedException;
import io.rendr.InstanceId;
import io.rendr.PeerRestartedException;
import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.spi.ChannelSecurity;

/**
 * What refused ATTACHes tell: that the flow has ended, if that is proven; or that another runtime answers where the peer
 * used to be.
 *
 * <p>A balancer may lead to another runtime now and then, so one such answer ends nothing. The peer counts as restarted
 * when no carrier lives and every path that connects says so twice, or is known to lead elsewhere by the flow's
 * {@link PeerGroup}. A refusal that proves nothing, which anybody on the way may have sent, is no news for the group.
 */
final class Strangers {
    private static final int ANSWERS = 2;

    private final Flow flow;

    Strangers(Flow flow) {
        this.flow = flow;
    }

    /** An acceptor refused an ATTACH on a path. */
    void refused(FlowPath path, HandshakeFailure refusal, ChannelSecurity carrier, long now) {
        if (refusal.code() == RefuseCode.FLOW_ENDED && refusal.authenticated()) {
            flow.closing()
                    .peerForgot(
                            refusal.b() == 0,
                            new FlowAbortedException(flow.id(), refusal.a(), true),
                            CloseReason.of(CloseReason.Kind.RESET, "the flow has ended at the peer"),
                            now);
        } else if (refusal.code() == RefuseCode.UNKNOWN_FLOW || refusal.code() == RefuseCode.WRONG_INSTANCE) {
            if (!flow.paths().anyCarrier()) {
                // While a carrier lives so does the peer: a balancer's choice, or an ATTACH that overtook a CONFIRM.
                path.strangerAnswered(refusal.instance());
            }
            boolean proven = refusal.authenticated() || carrier == ChannelSecurity.AUTHENTICATED;
            InstanceId by = refusal.instance();
            PeerGroup group = path.group();
            if (proven && by != null && !by.equals(flow.peer()) && group != null) {
                group.refused(by, now);
            }
        }
    }

    /** Ends the flow if the peer was restarted. */
    void judge(long now) {
        if (!flow.isDialer() || flow.paths().anyCarrier() || !flow.closing().isOpen()) {
            return;
        }
        InstanceId found = null;
        for (FlowPath path : flow.paths().all()) {
            if (path.isRemoved()) {
                continue; // it only waits for the peer to know, which a successor never does
            }
            Redialer redialer = path.redialer();
            PeerGroup group = path.group();
            InstanceId successor = group == null ? null : group.successor();
            if (path.strangerAnswers() >= ANSWERS) {
                found = path.stranger();
            } else if (successor != null) {
                found = successor;
            } else if (redialer == null || !redialer.isUnreachable()) {
                return;
            }
        }
        if (found != null) {
            flow.closing()
                    .end(
                            CloseReason.of(CloseReason.Kind.RESET, "the peer was restarted"),
                            new PeerRestartedException(flow.id(), flow.peer(), found),
                            now);
        }
    }
}
