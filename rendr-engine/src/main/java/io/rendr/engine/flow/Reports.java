// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.RendrException;
import io.rendr.ResendCause;
import io.rendr.engine.policy.Range;
import io.rendr.engine.wire.AbortCode;
import io.rendr.engine.wire.AckView;
import io.rendr.engine.wire.WireException;

/** What the carriers of a flow report to it: what they brought, what they took, how they ended. */
final class Reports {
    private final Flow flow;
    private final Poison poison = new Poison();
    private int blockedTurn;

    Reports(Flow flow) {
        this.flow = flow;
    }

    void data(Link from, long offset, ByteBuf bytes, int index, int length, boolean fin) {
        if (flow.closing().isOpen()) {
            flow.keepalive().moved(from.now());
            flow.receiver().data(from, offset, bytes, index, length, fin, from.now());
        }
    }

    void packet(Link from, long offset, ByteBuf bytes, int index, int length) {
        if (flow.closing().isOpen()) {
            flow.keepalive().moved(from.now());
            flow.receiver().packet(from, offset, bytes, index, length, from.now());
        }
    }

    void acknowledged(AckView ack, long now) {
        Sender sender = flow.sender();
        long waited = sender.hasOutstanding() ? now - sender.lastProgressAt() : 0;
        if (sender.acknowledged(ack, now)) {
            Counters counters = flow.counters();
            counters.longestGap = Math.max(counters.longestGap, waited);
            flow.keepalive().moved(now);
            flow.zombies().progress();
        }
        if (sender.buffer().hasAmpleRoom()) {
            flow.host().writable();
        }
    }

    /** Payload was handed to a carrier of {@code path}. */
    void sent(FlowPath path, Range range, int payload, long now) {
        path.sent(payload);
        flow.keepalive().moved(now);
        flow.sender().sent(range.end(), now);
        ResendCause cause = range.cause();
        if (cause == null) {
            flow.counters().bytesSent += payload;
            flow.reinjection().sent(payload);
        } else {
            flow.counters().resent(cause, payload);
        }
    }

    /** Whether it is this carrier's turn to say that credit is wanted. */
    boolean blockedDue(Link link, long now) {
        return flow.closing().isOpen()
                && now >= flow.sender().blockedAt(now)
                && flow.paths().rotating(blockedTurn) == link;
    }

    void blockedSent(long now) {
        blockedTurn++;
        flow.sender().blockedSent(now);
    }

    void closed(Link link, CloseReason why, long now) {
        flow.closing().carrierClosed(link, why);
        flow.paths().drop(link, why, link.path().isRemoved() ? ResendCause.DETACH : ResendCause.DEATH, now);
    }

    /** A carrier broke the protocol: it ends, the flow does not, unless that happens again and again. */
    void protocolError(Link link, WireException why, long now) {
        flow.counters().protocolErrors++;
        flow.paths().drop(link, Failures.reason(why), ResendCause.DEATH, now);
        if (poison.strike(now)) {
            String text = Poison.LIMIT + " carriers broke the protocol within 60 s, the last one: " + why.getMessage();
            flow.closing()
                    .abort(
                            AbortCode.PROTOCOL,
                            CloseReason.of(CloseReason.Kind.PROTOCOL, text),
                            new RendrException(flow.id(), text, why),
                            now);
        }
    }
}
