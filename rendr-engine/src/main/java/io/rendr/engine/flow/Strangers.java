// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CloseReason;
import io.rendr.FlowAbortedException;
import io.rendr.InstanceId;
import io.rendr.PeerRestartedException;
import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.wire.RefuseCode;

/**
 * What refused ATTACHes tell: that the flow has ended, if that is proven; or that another runtime answers where the peer
 * used to be.
 *
 * <p>A balancer may lead to another runtime now and then, so one such answer ends nothing. The peer counts as restarted
 * when no carrier lives and every path that connects says so twice.
 */
final class Strangers {
    private static final int ANSWERS = 2;

    private final Flow flow;

    Strangers(Flow flow) {
        this.flow = flow;
    }

    /** An acceptor refused an ATTACH on a path. */
    void refused(FlowPath path, HandshakeFailure refusal, long now) {
        if (refusal.code() == RefuseCode.FLOW_ENDED && refusal.authenticated()) {
            flow.closing()
                    .peerForgot(
                            new FlowAbortedException(flow.id(), refusal.a(), true),
                            CloseReason.of(CloseReason.Kind.RESET, "the flow has ended at the peer"),
                            now);
        } else if (!flow.paths().anyCarrier()
                && (refusal.code() == RefuseCode.UNKNOWN_FLOW || refusal.code() == RefuseCode.WRONG_INSTANCE)) {
            // While a carrier lives so does the peer: a balancer's choice, or an ATTACH that overtook a CONFIRM.
            path.strangerAnswered(refusal.instance());
        }
    }

    /** Ends the flow if the peer was restarted. */
    void judge(long now) {
        if (!flow.isDialer() || flow.paths().anyCarrier() || !flow.closing().isOpen()) {
            return;
        }
        InstanceId found = null;
        for (FlowPath path : flow.paths().all()) {
            if (path.strangerAnswers() >= ANSWERS) {
                found = path.stranger();
            } else if (path.redialer() == null || !path.redialer().isUnreachable()) {
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
