// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.rendr.InstanceId;
import io.rendr.Protection;
import io.rendr.engine.wire.Confirm;
import io.rendr.engine.wire.FlowAnswer;
import io.rendr.engine.wire.Hello;
import io.rendr.engine.wire.HelloAck;
import io.rendr.engine.wire.Message;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.engine.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * The accepting side of a new flow, in steps, because what lies between them is the caller's: {@link #parse} the HELLO,
 * look at {@link #hello} for limits and the id of the pre-shared key, {@link #verify} (cheap), {@link #answer} (about
 * 400 microseconds), {@link #confirm}. A step that fails has said its last word: answer with {@link #refuse}, except
 * after {@link #answer}, when the dialer no longer expects plain messages and the carrier is just closed. Not
 * thread-safe. {@link #destroy} a handshake that is given up.
 */
public final class AcceptorHandshake {
    private final byte[] frame;
    private final Hello hello;
    private byte @Nullable [] early;
    private @Nullable RefusalKey pskRefusals;
    private byte @Nullable [] flow;
    private byte @Nullable [] th2;
    private @Nullable HelloAck ack;

    private AcceptorHandshake(byte[] frame, Hello hello) {
        this.frame = frame;
        this.hello = hello;
    }

    /**
     * Reads a HELLO.
     *
     * @param frame the whole frame; kept, not copied
     * @throws HandshakeFailure {@link RefuseCode#VERSION} or {@link RefuseCode#PROTOCOL}
     */
    public static AcceptorHandshake parse(byte[] frame) throws HandshakeFailure {
        try {
            if (!Hello.speaks(frame, Message.VERSION)) {
                throw new HandshakeFailure(RefuseCode.VERSION, RefuseCode.VERSION.text());
            }
            return new AcceptorHandshake(frame, Hello.decode(frame));
        } catch (WireException e) {
            throw new HandshakeFailure(e);
        }
    }

    public Hello hello() {
        return hello;
    }

    /**
     * Checks the proof of the pre-shared key. To be called before anything expensive is done for this dialer.
     *
     * @param psk the key that {@link Hello#pskId} names; null if and only if that is empty
     * @throws HandshakeFailure {@link RefuseCode#BAD_PROOF}
     */
    public void verify(@Nullable Psk psk) throws HandshakeFailure {
        if (!hello.pskId().equals(psk == null ? "" : psk.id())) {
            throw new IllegalArgumentException("HELLO names the pre-shared key '" + hello.pskId() + "'");
        }
        byte[] secret = KeySchedule.early(psk);
        if (!KeySchedule.same(KeySchedule.binder(secret, frame), hello.binder())) {
            KeySchedule.wipe(secret);
            throw new HandshakeFailure(RefuseCode.BAD_PROOF, RefuseCode.BAD_PROOF.text());
        }
        early = secret;
        pskRefusals = psk == null ? null : RefusalKey.of(psk);
    }

    /**
     * Agrees.
     *
     * @param answer see {@link FlowAnswer#to}
     * @param entropy 32 random bytes, used for nothing else
     * @return the HELLO_ACK to send
     * @throws HandshakeFailure if the dialer's key is worthless
     */
    public byte[] answer(FlowAnswer answer, KeyAgreement agreement, byte[] entropy) throws HandshakeFailure {
        byte[] secret = early;
        if (secret == null || ack != null) {
            throw new IllegalStateException("the steps are parse, verify, answer, confirm");
        }
        if (!answer.fits(hello.offer())) {
            throw new IllegalArgumentException("the dialer did not offer " + answer);
        }
        byte[] shared = agreement.agree(entropy, hello.ephemeral());
        byte[] helloAck =
                new HelloAck(Message.VERSION, answer, agreement.publicKey(entropy), new byte[Message.MAC]).encode();
        th2 = KeySchedule.th2(frame, helloAck);
        flow = KeySchedule.flow(secret, shared, th2);
        KeySchedule.wipe(shared);
        KeySchedule.wipe(secret);
        KeySchedule.withMac(helloAck, KeySchedule.confirmA(flow, th2));
        ack = HelloAck.decode(helloAck);
        return helloAck;
    }

    /**
     * Takes the CONFIRM. One that is refused leaves all as it was.
     *
     * @throws HandshakeFailure if it is something else or its proof is wrong; close the carrier, if it can only be the
     *     dialer who sent it
     */
    public Established confirm(byte[] frame) throws HandshakeFailure {
        byte[] secret = flow;
        byte[] transcript = th2;
        HelloAck sent = ack;
        if (secret == null || transcript == null || sent == null) {
            throw new IllegalStateException("the steps are parse, verify, answer, confirm");
        }
        Confirm confirm;
        try {
            confirm = Confirm.decode(frame);
        } catch (WireException e) {
            throw new HandshakeFailure(e);
        }
        if (!KeySchedule.same(KeySchedule.confirmD(secret, transcript, sent.confirm()), confirm.mac())) {
            throw new HandshakeFailure(RefuseCode.BAD_PROOF, RefuseCode.BAD_PROOF.text());
        }
        flow = null;
        FlowSecrets secrets = new FlowSecrets(secret, pskRefusals, hello.pskId());
        boolean sealed =
                sent.answer().protection() == Protection.SEALED && hello.offer().sealed();
        return new Established(secrets, secrets.carrier(transcript, false, sealed), hello.offer(), sent.answer());
    }

    /** A REFUSE to send. It carries a proof if {@link #verify} found that both ends have a pre-shared key. */
    public byte[] refuse(RefuseCode code, InstanceId me, int a, int b) {
        return RefusalKey.refuse(frame, code, me, a, b, pskRefusals);
    }

    /** Overwrites the secrets of a handshake that is given up. What {@link #confirm} returned is not touched. */
    public void destroy() {
        KeySchedule.wipe(early);
        KeySchedule.wipe(flow);
        flow = null;
    }
}
