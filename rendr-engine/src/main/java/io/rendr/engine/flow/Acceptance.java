// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static io.rendr.HandshakeRefusal.BAD_CONFIRM;
import static io.rendr.HandshakeRefusal.BAD_PROOF;
import static io.rendr.HandshakeRefusal.FLOW_ENDED;
import static io.rendr.HandshakeRefusal.MALFORMED;
import static io.rendr.HandshakeRefusal.NO_ROOM;
import static io.rendr.HandshakeRefusal.PROTECTION;
import static io.rendr.HandshakeRefusal.PSK_REQUIRED;
import static io.rendr.HandshakeRefusal.REPLAYED;
import static io.rendr.HandshakeRefusal.SHUTTING_DOWN;
import static io.rendr.HandshakeRefusal.UNKNOWN_FLOW;
import static io.rendr.HandshakeRefusal.UNKNOWN_PSK;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.CloseReason;
import io.rendr.FlowRefusedException;
import io.rendr.HandshakeRefusal;
import io.rendr.engine.keys.AcceptorHandshake;
import io.rendr.engine.keys.AttachAcceptor;
import io.rendr.engine.keys.CarrierKeys;
import io.rendr.engine.keys.CarrierProtection;
import io.rendr.engine.keys.Established;
import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.keys.KeyAgreement;
import io.rendr.engine.keys.Psk;
import io.rendr.engine.keys.RecordScratch;
import io.rendr.engine.keys.RefusalKey;
import io.rendr.engine.memory.ChunkPool;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.wire.AbortCode;
import io.rendr.engine.wire.FlowAnswer;
import io.rendr.engine.wire.FrameType;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.HandshakeReader;
import io.rendr.engine.wire.Hello;
import io.rendr.engine.wire.Message;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.engine.wire.WireException;
import io.rendr.spi.ChannelSecurity;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The accepting side of one new carrier, until it belongs to a flow: reads HELLO or ATTACH, answers, reads CONFIRM.
 *
 * <p>Nothing is believed before CONFIRM: a flow comes into being only then, with its place in the memory budget, and
 * carrier numbers are compared only then.
 */
public final class Acceptance implements CarrierEvents {
    /**
     * What a dialer may send before it hears more: the room that every flow is sure of. More is only given to those who
     * have proved themselves, or handshakes that are never finished would hold memory.
     */
    private static final long FIRST_CREDIT = ChunkPool.SMALL;

    /** How long a dialer should wait that is refused because its source, or everybody, has used up its share. */
    private static final int SOURCE_PAUSE_MILLIS = 1000;

    private static final int CPU_PAUSE_MILLIS = 200;

    private final Acceptances shared;
    private final CarrierPort port;
    private final HandshakeReader reader = new HandshakeReader();
    private final long deadline;
    private boolean open = true;
    private long answeredAt;

    private @Nullable AcceptorHandshake hello;
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
            end(CloseReason.of(CloseReason.Kind.TIMEOUT, "the handshake took too long"), HandshakeRefusal.TIMED_OUT);
        }
    }

    /** Ends the acceptance from outside. */
    public void giveUp(CloseReason why, HandshakeRefusal refusal) {
        end(why, refusal);
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
            if (!mayBeAnybodys()) {
                end(Failures.reason(e), e.code() == RefuseCode.BAD_PROOF ? BAD_CONFIRM : MALFORMED);
            }
        } catch (WireException e) {
            if (!mayBeAnybodys()) {
                end(Failures.reason(e), MALFORMED);
            }
        }
    }

    /** Who answers a HELLO_ACK with nonsense may be somebody who saw it pass: the true CONFIRM may still come. */
    private boolean mayBeAnybodys() {
        return port instanceof PacketPort && (hello != null || attach != null);
    }

    private void take(byte[] message, ByteBuf rest, long now) throws HandshakeFailure {
        if (hello != null) {
            confirmFlow(hello, message, rest, now);
        } else if (attach != null) {
            confirmCarrier(attach, message, rest, now);
        } else {
            begin(message, now);
        }
    }

    private void begin(byte[] message, long now) throws HandshakeFailure {
        AcceptorHandshake flow = null;
        AttachAcceptor carrier = null;
        try {
            if (Message.type(message) == FrameType.HELLO) {
                flow = AcceptorHandshake.parse(message);
            } else {
                carrier = AttachAcceptor.parse(message);
            }
        } catch (HandshakeFailure e) {
            if (e.code() != RefuseCode.VERSION) {
                throw e;
            }
            send(RefusalKey.refuse(message, e.code(), shared.instance().id(), Message.VERSION, Message.VERSION, null));
            end(refused(e.code()), HandshakeRefusal.VERSION);
            return;
        }
        if (flow != null) {
            openFlow(flow, now);
        } else {
            openCarrier(Objects.requireNonNull(carrier), now);
        }
    }

    // ---- a new flow

    private void openFlow(AcceptorHandshake handshake, long now) throws HandshakeFailure {
        Hello asked = handshake.hello();
        port.peerConnectionId(asked.offer().cid());
        if (!shared.host().accepting()) {
            refuse(handshake, RefuseCode.SHUTTING_DOWN, 0, SHUTTING_DOWN);
            return;
        }
        Psk psk = null;
        if (!asked.pskId().isEmpty()) {
            psk = shared.psk(asked.pskId());
            if (psk == null) {
                refuse(handshake, RefuseCode.UNKNOWN_PSK, 0, UNKNOWN_PSK);
                return;
            }
        } else if (!shared.instance().psks().isEmpty()) {
            refuse(handshake, RefuseCode.PSK_REQUIRED, 0, PSK_REQUIRED);
            return;
        }
        FlowAnswer answer = FlowAnswer.to(
                asked.offer(),
                shared.settings().protection(),
                shared.instance().id(),
                FIRST_CREDIT,
                (int) (shared.settings().migrationBudget() / 1_000_000),
                Frames.MAX_PACKET_PAYLOAD,
                port.connectionId());
        try {
            handshake.verify(psk);
            CarrierProtection.check(
                    answer.protection(), asked.offer().sealed(), encrypted(), port instanceof PacketPort);
        } catch (HandshakeFailure e) {
            refuse(handshake, e.code(), 0, e.code() == RefuseCode.BAD_PROOF ? BAD_PROOF : PROTECTION);
            return;
        }
        if (shared.flows().knows(asked.offer().flow(), now)) {
            refuse(handshake, RefuseCode.PROTOCOL, 0, REPLAYED);
            return;
        }
        if (!shared.instance().pool().hasRoom()) {
            refuse(handshake, RefuseCode.BUSY, 0, NO_ROOM);
            return;
        }
        if (psk != null) {
            shared.host().proved(this);
        }
        HandshakeRefusal limit = shared.host().overLimit(this);
        if (limit != null) {
            int pause = limit == HandshakeRefusal.SOURCE_LIMIT ? SOURCE_PAUSE_MILLIS : CPU_PAUSE_MILLIS;
            refuse(handshake, RefuseCode.BUSY, pause, limit);
            return;
        }
        hello = handshake;
        pskId = psk == null ? null : psk.id();
        KeyAgreement agreement =
                shared.host().keyAgreement(this, shared.instance().keyAgreement());
        send(handshake.answer(answer, agreement, shared.instance().entropy(32)));
        answeredAt = now;
    }

    private void refuse(AcceptorHandshake handshake, RefuseCode code, int a, HandshakeRefusal refusal) {
        send(handshake.refuse(code, shared.instance().id(), a, 0));
        handshake.destroy();
        end(refused(code), refusal);
    }

    private void confirmFlow(AcceptorHandshake handshake, byte[] message, ByteBuf rest, long now)
            throws HandshakeFailure {
        Established established = handshake.confirm(message);
        FlowMemory memory = FlowMemory.admit(shared.instance().pool());
        if (memory == null) {
            turnAway(established);
            return;
        }
        Flow flow = Flow.accepted(
                shared.instance(),
                shared.settings(),
                established,
                pskId,
                memory,
                shared.host().flowHost(established.offer().kind(), port),
                now);
        if (!shared.flows().add(flow)) {
            memory.close();
            destroy(established);
            end(CloseReason.of(CloseReason.Kind.PROTOCOL, "the id of the flow is taken"), REPLAYED);
            return;
        }
        over(null);
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

    /** The last place went to another flow since HELLO. What follows CONFIRM can only be said in frames. */
    private void turnAway(Established established) {
        ByteBuf frame = Unpooled.buffer(Frames.CODE);
        Frames.abort(frame, AbortCode.refused(FlowRefusedException.BUSY));
        if (port instanceof PacketPort packets) {
            ByteBuf packet = Unpooled.buffer();
            established.keys().packetEncoder(new RecordScratch()).encode(frame, packets.peerConnectionId(), packet);
            packets.write(packet, packet.readableBytes());
        } else if (established.keys().sealed()) {
            ByteBuf sealed = Unpooled.buffer();
            established.keys().sealer(new RecordScratch()).seal(frame, sealed);
            port.write(sealed);
        } else {
            port.write(frame);
        }
        port.flush();
        destroy(established);
        end(refused(RefuseCode.BUSY), NO_ROOM);
    }

    private static void destroy(Established established) {
        established.keys().destroy();
        established.secrets().destroy();
    }

    // ---- a further carrier

    private void openCarrier(AttachAcceptor handshake, long now) {
        var offer = handshake.attach().offer();
        port.peerConnectionId(offer.cid());
        if (!offer.instance().equals(shared.instance().id())) {
            refuse(handshake, RefuseCode.WRONG_INSTANCE, 0, 0, pskKey(handshake), UNKNOWN_FLOW);
            return;
        }
        Flow flow = shared.flows().find(offer.flow());
        if (flow == null) {
            FlowTable.Tombstone tombstone = shared.flows().tombstone(offer.flow(), now);
            if (tombstone != null) {
                int broken = tombstone.inOrder() ? 0 : 1;
                refuse(handshake, RefuseCode.FLOW_ENDED, tombstone.code(), broken, tombstone.key(), FLOW_ENDED);
            } else {
                refuse(handshake, RefuseCode.UNKNOWN_FLOW, 0, 0, pskKey(handshake), UNKNOWN_FLOW);
            }
            return;
        }
        try {
            handshake.verify(flow.secrets());
            CarrierProtection.check(flow.protection(), offer.sealed(), encrypted(), port instanceof PacketPort);
        } catch (HandshakeFailure e) {
            refuse(handshake, e.code(), 0, 0, null, e.code() == RefuseCode.BAD_PROOF ? BAD_PROOF : PROTECTION);
            return;
        }
        shared.host().proved(this);
        attach = handshake;
        target = flow;
        send(handshake.answer(shared.instance().entropy(16), port.connectionId()));
        answeredAt = now;
    }

    private @Nullable RefusalKey pskKey(AttachAcceptor handshake) {
        Psk psk = shared.psk(handshake.attach().pskId());
        return psk == null ? null : RefusalKey.of(psk);
    }

    private void refuse(
            AttachAcceptor handshake,
            RefuseCode code,
            int a,
            int b,
            @Nullable RefusalKey key,
            HandshakeRefusal refusal) {
        send(handshake.refuse(code, shared.instance().id(), a, b, key));
        end(refused(code), refusal);
    }

    private void confirmCarrier(AttachAcceptor handshake, byte[] message, ByteBuf rest, long now)
            throws HandshakeFailure {
        CarrierKeys keys = handshake.confirm(message);
        Flow flow = target;
        if (flow == null) {
            throw new IllegalStateException("a carrier without a flow");
        }
        var offer = handshake.attach().offer();
        over(null);
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
        end(why, why.kind() == CloseReason.Kind.TLS ? HandshakeRefusal.TLS : HandshakeRefusal.ABANDONED);
    }

    private void over(@Nullable HandshakeRefusal refusal) {
        open = false;
        shared.host().over(this, refusal);
    }

    private void end(CloseReason why, HandshakeRefusal refusal) {
        if (!open) {
            return;
        }
        if (hello != null) {
            hello.destroy();
        }
        // Whoever sees the carrier close finds it counted.
        over(refusal);
        port.close(why);
    }
}
