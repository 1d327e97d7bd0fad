// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.CloseReason;
import io.rendr.FlowKind;
import io.rendr.FlowRefusedException;
import io.rendr.engine.keys.AcceptorHandshake;
import io.rendr.engine.keys.AttachAcceptor;
import io.rendr.engine.keys.CarrierKeys;
import io.rendr.engine.keys.CarrierProtection;
import io.rendr.engine.keys.Established;
import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.keys.Psk;
import io.rendr.engine.keys.RefusalKey;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.wire.FlowAnswer;
import io.rendr.engine.wire.FrameType;
import io.rendr.engine.wire.HandshakeReader;
import io.rendr.engine.wire.Hello;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.engine.wire.WireException;
import io.rendr.spi.ChannelSecurity;
import org.jspecify.annotations.Nullable;

/**
 * The accepting side of one new carrier, until it belongs to a flow: reads HELLO or ATTACH, answers, reads CONFIRM.
 *
 * <p>Nothing is believed before CONFIRM: a flow comes into being only then, and carrier numbers are compared only then.
 */
public final class Acceptance implements CarrierEvents {
    private final Acceptances shared;
    private final CarrierPort port;
    private final HandshakeReader reader = new HandshakeReader();
    private final long deadline;
    private boolean open = true;
    private long answeredAt;

    private @Nullable AcceptorHandshake hello;
    private @Nullable FlowMemory memory;
    private @Nullable String pskId;
    private @Nullable AttachAcceptor attach;
    private @Nullable Flow target;

    /** Takes a raw carrier over and listens to it. */
    public Acceptance(Acceptances shared, CarrierPort port, long now) {
        this.shared = shared;
        this.port = port;
        this.deadline = now + shared.handshakeTimeout();
        port.events(this);
    }

    /** When {@link #onTimer} has to be called, unless the acceptance is over by then. */
    public long deadline() {
        return deadline;
    }

    public CarrierPort port() {
        return port;
    }

    public void onTimer(long now) {
        if (open && now >= deadline) {
            end(CloseReason.of(CloseReason.Kind.TIMEOUT, "the handshake took too long"));
        }
    }

    @Override
    public void received(ByteBuf bytes, long now) {
        try {
            while (open && bytes.isReadable()) {
                byte[] message = reader.read(bytes);
                if (message == null) {
                    return;
                }
                take(message, bytes, now);
            }
        } catch (HandshakeFailure e) {
            end(Failures.reason(e));
        } catch (WireException e) {
            end(Failures.reason(e));
        }
    }

    private void take(byte[] message, ByteBuf rest, long now) throws HandshakeFailure {
        if (hello != null) {
            confirmFlow(hello, message, rest, now);
        } else if (attach != null) {
            confirmCarrier(attach, message, rest, now);
        } else if ((message[0] & 0xFF) == FrameType.HELLO) {
            openFlow(message, now);
        } else {
            openCarrier(message, now);
        }
    }

    // ---- a new flow

    private void openFlow(byte[] message, long now) throws HandshakeFailure {
        AcceptorHandshake handshake = AcceptorHandshake.parse(message);
        Hello asked = handshake.hello();
        if (asked.offer().kind() != FlowKind.STREAM) {
            refuse(handshake, RefuseCode.NOT_ADMITTED, FlowRefusedException.NOBODY_ACCEPTS);
            return;
        }
        if (!shared.host().accepting()) {
            refuse(handshake, RefuseCode.SHUTTING_DOWN, 0);
            return;
        }
        Psk psk = null;
        if (!asked.pskId().isEmpty()) {
            psk = shared.psk(asked.pskId());
        }
        if (psk == null
                && (!asked.pskId().isEmpty() || !shared.instance().psks().isEmpty())) {
            refuse(handshake, asked.pskId().isEmpty() ? RefuseCode.PSK_REQUIRED : RefuseCode.UNKNOWN_PSK, 0);
            return;
        }
        try {
            handshake.verify(psk);
            CarrierProtection.check(
                    FlowAnswer.to(
                                    asked.offer(),
                                    shared.settings().protection(),
                                    shared.instance().id(),
                                    0,
                                    1,
                                    0,
                                    0)
                            .protection(),
                    asked.offer().sealed(),
                    encrypted());
        } catch (HandshakeFailure e) {
            refuse(handshake, e.code(), 0);
            return;
        }
        FlowMemory admitted = FlowMemory.admit(shared.instance().pool());
        if (admitted == null) {
            refuse(handshake, RefuseCode.BUSY, 0);
            return;
        }
        if (psk != null) {
            shared.host().proved(this);
        }
        memory = admitted;
        hello = handshake;
        pskId = psk == null ? null : psk.id();
        FlowAnswer answer = FlowAnswer.to(
                asked.offer(),
                shared.settings().protection(),
                shared.instance().id(),
                admitted.receive().limit(),
                (int) (shared.settings().migrationBudget() / 1_000_000),
                0,
                0);
        send(handshake.answer(
                answer, shared.instance().keyAgreement(), shared.instance().entropy(32)));
        answeredAt = now;
    }

    private void refuse(AcceptorHandshake handshake, RefuseCode code, int a) {
        send(handshake.refuse(code, shared.instance().id(), a, 0));
        handshake.destroy();
        end(refused(code));
    }

    private void confirmFlow(AcceptorHandshake handshake, byte[] message, ByteBuf rest, long now)
            throws HandshakeFailure {
        Established established = handshake.confirm(message);
        FlowMemory admitted = memory;
        if (admitted == null) {
            throw new IllegalStateException("a flow without memory");
        }
        Flow flow = Flow.accepted(
                shared.instance(),
                shared.settings(),
                established,
                pskId,
                admitted,
                shared.host().flowHost(port),
                now);
        if (!shared.flows().add(flow)) {
            established.keys().destroy();
            established.secrets().destroy();
            throw new HandshakeFailure(RefuseCode.PROTOCOL, "the id of the flow is taken");
        }
        memory = null;
        over();
        shared.host().opened(flow);
        flow.attach(
                new Attachment(
                        established.offer().pathId(),
                        0,
                        shared.endpoint(),
                        port,
                        established.keys(),
                        rest,
                        now - answeredAt),
                now);
    }

    // ---- a further carrier

    private void openCarrier(byte[] message, long now) throws HandshakeFailure {
        AttachAcceptor handshake = AttachAcceptor.parse(message);
        var offer = handshake.attach().offer();
        if (!offer.instance().equals(shared.instance().id())) {
            refuse(handshake, RefuseCode.WRONG_INSTANCE, 0, pskKey(handshake));
            return;
        }
        Flow flow = shared.flows().find(offer.flow());
        if (flow == null) {
            FlowTable.Tombstone tombstone = shared.flows().tombstone(offer.flow(), now);
            if (tombstone != null) {
                refuse(handshake, RefuseCode.FLOW_ENDED, tombstone.code(), tombstone.key());
            } else {
                refuse(handshake, RefuseCode.UNKNOWN_FLOW, 0, pskKey(handshake));
            }
            return;
        }
        try {
            handshake.verify(flow.secrets());
            CarrierProtection.check(flow.protection(), offer.sealed(), encrypted());
        } catch (HandshakeFailure e) {
            refuse(handshake, e.code(), 0, null);
            return;
        }
        shared.host().proved(this);
        attach = handshake;
        target = flow;
        send(handshake.answer(shared.instance().entropy(16), 0));
        answeredAt = now;
    }

    private @Nullable RefusalKey pskKey(AttachAcceptor handshake) {
        Psk psk = shared.psk(handshake.attach().pskId());
        return psk == null ? null : RefusalKey.of(psk);
    }

    private void refuse(AttachAcceptor handshake, RefuseCode code, int a, @Nullable RefusalKey key) {
        send(handshake.refuse(code, shared.instance().id(), a, 0, key));
        end(refused(code));
    }

    private void confirmCarrier(AttachAcceptor handshake, byte[] message, ByteBuf rest, long now)
            throws HandshakeFailure {
        CarrierKeys keys = handshake.confirm(message);
        Flow flow = target;
        if (flow == null) {
            throw new IllegalStateException("a carrier without a flow");
        }
        var offer = handshake.attach().offer();
        over();
        shared.host()
                .attach(
                        flow,
                        new Attachment(
                                offer.pathId(),
                                offer.carrierNo(),
                                shared.endpoint(),
                                port,
                                keys,
                                rest,
                                now - answeredAt),
                        now);
    }

    // ---- both

    /** An orderly end, so that the carrier still delivers the REFUSE. */
    private static CloseReason refused(RefuseCode code) {
        return CloseReason.of(CloseReason.Kind.LOCAL, "refused: " + code.text());
    }

    private boolean encrypted() {
        return port.security() != ChannelSecurity.NONE;
    }

    private void send(byte[] message) {
        port.write(Unpooled.wrappedBuffer(message));
        port.flush();
    }

    @Override
    public void readComplete(long now) {
        // Every message is answered when it is complete.
    }

    @Override
    public void writable(long now) {
        // A handshake fits any carrier's first credit.
    }

    @Override
    public void closed(CloseReason why, long now) {
        if (open) {
            end(why);
        }
    }

    private void over() {
        open = false;
        shared.host().over(this);
    }

    private void end(CloseReason why) {
        if (!open) {
            return;
        }
        if (memory != null) {
            memory.close();
            memory = null;
        }
        if (hello != null) {
            hello.destroy();
        }
        port.close(why);
        over();
    }
}
