// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.rendr.FlowKind;
import io.rendr.HandshakeRefusal;
import io.rendr.engine.flow.Acceptance;
import io.rendr.engine.flow.Acceptances;
import io.rendr.engine.flow.Attachment;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowHost;
import org.jspecify.annotations.Nullable;

/** Drives what comes in at an accepting host: handshakes, new flows and their admission, further carriers. */
final class Incoming implements Acceptances.Host {
    private final Simulation world;
    private final Host host;
    private @Nullable FlowEnd next;

    Incoming(Simulation world, Host host) {
        this.world = world;
        this.host = host;
    }

    /** A connection was accepted. */
    void start(CarrierPort port) {
        Acceptance acceptance =
                new Acceptance(host.acceptances(), port, world.timeline().now());
        arm(acceptance, port);
    }

    private void arm(Acceptance acceptance, CarrierPort port) {
        host.timer(acceptance.deadline(), () -> {
            if (!(port instanceof Endpoint end) || !end.isClosed()) {
                acceptance.onTimer(world.timeline().now());
            }
        });
    }

    @Override
    public boolean accepting() {
        return true;
    }

    @Override
    public void over(Acceptance acceptance, @Nullable HandshakeRefusal refusal) {
        // Its timer finds the carrier closed, or the deadline meaningless.
        if (refusal == HandshakeRefusal.NO_ROOM && !host.instance().pool().hasRoom()) {
            excuseWhoMayHaveAsked();
        }
    }

    /** A datagram does not tell whose it is; on a stream link the connection does. */
    private void excuseWhoMayHaveAsked() {
        for (Conversation conversation : world.conversations()) {
            boolean datagrams = conversation.routes().stream()
                    .anyMatch(route -> route.plan().datagrams());
            if (datagrams && conversation.end(Schedule.Side.ACCEPTOR) == null) {
                conversation.excuse(Conversation.Excuse.MEMORY);
            }
        }
    }

    @Override
    public FlowHost flowHost(FlowKind kind, CarrierPort first) {
        next = new FlowEnd(world, host, Schedule.Side.ACCEPTOR);
        return next;
    }

    @Override
    public void opened(Flow flow) {
        FlowEnd end = next;
        next = null;
        Conversation conversation = world.conversationOf(flow.id());
        if (end == null || conversation == null) {
            world.violation(Violation.Kind.INTRUSION, host.name() + " has flow " + flow.id() + ", which nobody dialed");
            return;
        }
        if (conversation.end(Schedule.Side.ACCEPTOR) != null) {
            world.violation(Violation.Kind.INTRUSION, host.name() + " has flow " + flow.id() + " a second time");
            return;
        }
        end.bind(conversation, flow);
        conversation.opened(end);
        world.established(end);
        end.log("opened");
        end.whenIntroduced(() -> decide(end, conversation));
    }

    private void decide(FlowEnd end, Conversation conversation) {
        switch (conversation.plan().admission()) {
            case AT_ONCE -> host.io(() -> admit(end));
            case DEFERRED -> host.timer(world.timeline().now() + MILLISECONDS.toNanos(700), () -> admit(end));
            case REFUSED -> {
                conversation.excuse(Conversation.Excuse.REFUSED);
                host.io(() -> end.flow().refuse(7, world.timeline().now()));
            }
        }
    }

    private void admit(FlowEnd end) {
        if (!end.isOver()) {
            end.flow().accept(world.timeline().now());
            end.application();
        }
    }

    @Override
    public void attach(Flow flow, Attachment attachment, long now) {
        flow.attach(attachment, now);
    }
}
