// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.CloseReason;
import io.rendr.engine.keys.AttachDialer;
import io.rendr.engine.keys.CarrierKeys;
import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.wire.AttachAck;
import io.rendr.engine.wire.CarrierOffer;
import io.rendr.engine.wire.HandshakeReader;
import io.rendr.engine.wire.WireException;

/** The dialing side of the handshake that brings a further carrier to a flow: ATTACH, ATTACH_ACK, CONFIRM. */
final class Attaching implements CarrierEvents {
    private final Flow flow;
    private final Redialer redialer;
    private final FlowPath path;
    private final CarrierPort port;
    private final int carrierNo;
    private final AttachDialer handshake;
    private final HandshakeReader reader = new HandshakeReader();
    private long askedAt;
    private final Repeats repeats;
    private boolean open = true;
    private boolean answered;

    Attaching(Flow flow, Redialer redialer, FlowPath path, CarrierPort port, long now) {
        this.flow = flow;
        this.redialer = redialer;
        this.path = path;
        this.port = port;
        this.askedAt = now;
        this.repeats = new Repeats(Math.min(Repeats.FIRST, path.rtt().rto()));
        this.carrierNo = path.nextCarrierNo();
        boolean sealed = Sealing.needed(flow.protection(), port.security(), path.spec());
        this.handshake = new AttachDialer(
                new CarrierOffer(sealed, flow.id(), flow.peer(), path.id(), carrierNo, port.connectionId()),
                flow.secrets(),
                flow.instance().entropy(16));
    }

    void start() {
        port.events(this);
        port.write(Unpooled.wrappedBuffer(handshake.attach()));
        port.flush();
        repeats.sent(port, askedAt);
    }

    /** Whether this is a carrier of datagrams on which nothing has come back. */
    boolean isUnanswered() {
        return port instanceof PacketPort && !answered;
    }

    /** When {@link #onTimer} has something to do; {@link Long#MAX_VALUE} if it has not. */
    long deadline() {
        return repeats.at();
    }

    void onTimer(long now) {
        repeats.onTimer(now);
    }

    @Override
    public void received(ByteBuf bytes, long now) {
        if (!open) {
            return;
        }
        try {
            byte[] message = reader.read(bytes);
            if (message != null) {
                if (isUnanswered()) {
                    answered = true;
                    redialer.reached(now);
                }
                answer(handshake.receive(message), bytes, now);
            }
        } catch (HandshakeFailure e) {
            flow.strangers().refused(path, e, port.security(), now);
            fail(Failures.reason(e), now);
        } catch (WireException e) {
            fail(Failures.reason(e), now);
        }
    }

    private void answer(byte[] message, ByteBuf rest, long now) {
        if (path.isUsable()) {
            redialer.calledOff(now);
            return;
        }
        CarrierKeys keys = handshake.keys();
        AttachAck ack = handshake.ack();
        if (ack != null) {
            port.peerConnectionId(ack.cid());
        }
        port.write(Unpooled.wrappedBuffer(message));
        if (keys == null) {
            port.flush();
            askedAt = now;
            repeats.sent(port, now);
            return;
        }
        open = false;
        redialer.attached(now);
        long rtt = repeats.isAmbiguous() ? Attachment.UNMEASURED : now - askedAt;
        flow.attach(new Attachment(path.id(), carrierNo, path.spec(), port, keys, rest, rtt), now);
        // The carrier may have no room left for a batch that would take the CONFIRM along.
        port.flush();
    }

    @Override
    public void readComplete(long now) {
        flow.settle(now);
    }

    @Override
    public void writable(long now) {
        // A handshake fits any carrier's first credit.
    }

    @Override
    public void closed(CloseReason why, long now) {
        fail(why, now);
    }

    private void fail(CloseReason why, long now) {
        if (open) {
            redialer.failed(why, now);
            flow.settle(now);
        }
    }

    void close(CloseReason why) {
        if (open) {
            open = false;
            port.close(why);
        }
    }
}
