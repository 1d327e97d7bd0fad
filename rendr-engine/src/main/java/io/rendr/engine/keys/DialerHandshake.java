// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.rendr.InstanceId;
import io.rendr.Protection;
import io.rendr.engine.wire.Confirm;
import io.rendr.engine.wire.FlowOffer;
import io.rendr.engine.wire.FrameType;
import io.rendr.engine.wire.Hello;
import io.rendr.engine.wire.HelloAck;
import io.rendr.engine.wire.Message;
import io.rendr.engine.wire.Refuse;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.engine.wire.Retry;
import io.rendr.engine.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * The dialing side of a new flow: send {@link #hello}, give every message of the peer to {@link #receive} and send what
 * comes back, until {@link #established} is there. Not thread-safe. {@link #destroy} a handshake that is given up.
 */
public final class DialerHandshake {
    private final FlowOffer offer;
    private final String pskId;
    private final @Nullable RefusalKey pskRefusals;
    private final @Nullable InstanceId expected;
    private final KeyAgreement agreement;
    private final byte[] early;
    private final byte[] privateKey;
    private final byte[] publicKey;
    private byte[] hello;
    private boolean retried;
    private @Nullable Established established;

    /**
     * Computes the key of this end: about 200 microseconds with {@link X25519}.
     *
     * @param psk the pre-shared key, or null
     * @param expected the only runtime to talk to, or null
     * @param size bytes that HELLO shall have at least, so that no answer is larger; 0 on streams
     * @param entropy 32 random bytes, used for nothing else; copied
     */
    public DialerHandshake(
            FlowOffer offer,
            @Nullable Psk psk,
            @Nullable InstanceId expected,
            int size,
            KeyAgreement agreement,
            byte[] entropy) {
        this.offer = offer;
        this.pskId = psk == null ? "" : psk.id();
        this.pskRefusals = psk == null ? null : RefusalKey.of(psk);
        this.expected = expected;
        this.agreement = agreement;
        this.early = KeySchedule.early(psk);
        this.privateKey = entropy.clone();
        this.publicKey = agreement.publicKey(privateKey);
        this.hello = make(new byte[0], size);
    }

    private byte[] make(byte[] cookie, int size) {
        byte[] bare = frame(cookie, 0);
        byte[] frame = size > bare.length ? frame(cookie, size - bare.length) : bare;
        return KeySchedule.withMac(frame, KeySchedule.binder(early, frame));
    }

    private byte[] frame(byte[] cookie, int padding) {
        byte[] noBinder = new byte[Message.MAC];
        return new Hello(Message.VERSION, Message.VERSION, offer, publicKey, cookie, pskId, padding, noBinder).encode();
    }

    /** The first message to send. */
    public byte[] hello() {
        return hello;
    }

    /**
     * Takes the next message of the peer: HELLO_ACK, RETRY or REFUSE.
     *
     * @return what to send now. {@link #established} tells whether this is the CONFIRM that ends the handshake
     * @throws HandshakeFailure if the peer refuses, or its message is wrong; close the carrier
     */
    public byte[] receive(byte[] frame) throws HandshakeFailure {
        if (established != null) {
            throw new IllegalStateException("the handshake is over");
        }
        try {
            return switch (Message.type(frame)) {
                case FrameType.RETRY -> retry(Retry.decode(frame));
                case FrameType.REFUSE -> throw refused(frame);
                default -> confirm(HelloAck.decode(frame), frame);
            };
        } catch (WireException e) {
            destroy();
            throw new HandshakeFailure(e);
        } catch (HandshakeFailure e) {
            destroy();
            throw e;
        }
    }

    private byte[] retry(Retry retry) throws HandshakeFailure {
        if (retried) {
            throw new HandshakeFailure(RefuseCode.PROTOCOL, "the peer asks for a second retry");
        }
        retried = true;
        hello = make(retry.cookie(), hello.length);
        return hello;
    }

    private HandshakeFailure refused(byte[] frame) {
        Refuse refuse = Refuse.decode(frame);
        return new HandshakeFailure(refuse, pskRefusals != null && pskRefusals.proves(hello, frame, refuse.mac()));
    }

    private byte[] confirm(HelloAck ack, byte[] frame) throws HandshakeFailure {
        if (ack.version() != Message.VERSION) {
            throw new HandshakeFailure(RefuseCode.VERSION, "the peer chose version " + ack.version());
        }
        if (!ack.answer().fits(offer)) {
            throw new HandshakeFailure(RefuseCode.PROTOCOL, "the peer answered with more than was offered");
        }
        byte[] shared = agreement.agree(privateKey, ack.ephemeral());
        byte[] th2 = KeySchedule.th2(hello, frame);
        byte[] flow = KeySchedule.flow(early, shared, th2);
        KeySchedule.wipe(shared);
        if (!KeySchedule.same(KeySchedule.confirmA(flow, th2), ack.confirm())) {
            KeySchedule.wipe(flow);
            throw new HandshakeFailure(RefuseCode.BAD_PROOF, RefuseCode.BAD_PROOF.text());
        }
        if (expected != null && !expected.equals(ack.answer().instance())) {
            KeySchedule.wipe(flow);
            throw new HandshakeFailure(
                    RefuseCode.WRONG_INSTANCE,
                    "expected the instance " + expected + " and reached "
                            + ack.answer().instance());
        }
        FlowSecrets secrets = new FlowSecrets(flow, pskRefusals, pskId);
        boolean sealed = ack.answer().protection() == Protection.SEALED && offer.sealed();
        established = new Established(secrets, secrets.carrier(th2, true, sealed), offer, ack.answer());
        KeySchedule.wipe(early);
        KeySchedule.wipe(privateKey);
        return new Confirm(KeySchedule.confirmD(flow, th2, ack.confirm())).encode();
    }

    /** What the handshake leaves behind, null before {@link #receive} has returned a CONFIRM. */
    public @Nullable Established established() {
        return established;
    }

    /** Overwrites the secrets of a handshake that is given up. What {@link #established} returned is not touched. */
    public void destroy() {
        KeySchedule.wipe(early);
        KeySchedule.wipe(privateKey);
        if (established == null && pskRefusals != null) {
            pskRefusals.destroy();
        }
    }
}
