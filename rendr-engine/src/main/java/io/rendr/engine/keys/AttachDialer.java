// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.rendr.engine.wire.Attach;
import io.rendr.engine.wire.AttachAck;
import io.rendr.engine.wire.CarrierOffer;
import io.rendr.engine.wire.Confirm;
import io.rendr.engine.wire.FrameType;
import io.rendr.engine.wire.Message;
import io.rendr.engine.wire.Refuse;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.engine.wire.Retry;
import io.rendr.engine.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * The dialing side of a further carrier: send {@link #attach}, give every message of the peer to {@link #receive} and
 * send what comes back, until {@link #keys} are there. Not thread-safe.
 */
public final class AttachDialer {
    private final CarrierOffer offer;
    private final FlowSecrets secrets;
    private final byte[] nonce;
    private byte[] attach;
    private boolean retried;
    private @Nullable AttachAck ack;
    private @Nullable CarrierKeys keys;

    /** @param nonce 16 random bytes, used for nothing else */
    public AttachDialer(CarrierOffer offer, FlowSecrets secrets, byte[] nonce) {
        this.offer = offer;
        this.secrets = secrets;
        this.nonce = nonce.clone();
        this.attach = make(new byte[0]);
    }

    private byte[] make(byte[] cookie) {
        byte[] frame = new Attach(Message.VERSION, offer, nonce, cookie, secrets.pskId, new byte[Message.MAC]).encode();
        return KeySchedule.withMac(frame, KeySchedule.mac1(secrets.attachKeyD, frame));
    }

    /** The first message to send. */
    public byte[] attach() {
        return attach;
    }

    /**
     * Takes the next message of the peer: ATTACH_ACK, RETRY or REFUSE.
     *
     * @return what to send now. {@link #keys} tells whether this is the CONFIRM that ends the handshake
     * @throws HandshakeFailure if the peer refuses, or its message is wrong; close the carrier
     */
    public byte[] receive(byte[] frame) throws HandshakeFailure {
        if (keys != null) {
            throw new IllegalStateException("the handshake is over");
        }
        try {
            return switch (Message.type(frame)) {
                case FrameType.RETRY -> retry(Retry.decode(frame));
                case FrameType.REFUSE -> throw refused(frame);
                default -> confirm(AttachAck.decode(frame), frame);
            };
        } catch (WireException e) {
            throw new HandshakeFailure(e);
        }
    }

    private byte[] retry(Retry retry) throws HandshakeFailure {
        if (retried) {
            throw new HandshakeFailure(RefuseCode.PROTOCOL, "the peer asks for a second retry");
        }
        retried = true;
        attach = make(retry.cookie());
        return attach;
    }

    private HandshakeFailure refused(byte[] frame) {
        Refuse refuse = Refuse.decode(frame);
        RefusalKey psk = secrets.pskRefusals;
        boolean proved = KeySchedule.same(KeySchedule.refuse(secrets.attachKeyA, attach, frame), refuse.mac())
                || psk != null && psk.proves(attach, frame, refuse.mac());
        return new HandshakeFailure(refuse, proved);
    }

    private byte[] confirm(AttachAck received, byte[] frame) throws HandshakeFailure {
        byte[] tha = KeySchedule.tha(attach, frame);
        if (!KeySchedule.same(KeySchedule.mac2(secrets.attachKeyA, tha), received.mac())) {
            throw new HandshakeFailure(RefuseCode.BAD_PROOF, "the peer does not have the key of the flow");
        }
        ack = received;
        keys = secrets.carrier(tha, true, offer.sealed());
        return new Confirm(KeySchedule.confirmAttach(secrets.attachKeyD, tha, received.mac())).encode();
    }

    /** The keys of the carrier, null before {@link #receive} has returned a CONFIRM. */
    public @Nullable CarrierKeys keys() {
        return keys;
    }

    /** The peer's ATTACH_ACK, null before it came. */
    public @Nullable AttachAck ack() {
        return ack;
    }
}
