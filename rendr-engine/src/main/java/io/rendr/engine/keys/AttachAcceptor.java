// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.rendr.InstanceId;
import io.rendr.engine.wire.Attach;
import io.rendr.engine.wire.AttachAck;
import io.rendr.engine.wire.Confirm;
import io.rendr.engine.wire.Message;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.engine.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * The accepting side of a further carrier, in steps, because what lies between them is the caller's: {@link #parse} the
 * ATTACH, find the flow by {@link #attach}, {@link #verify}, {@link #answer}, {@link #confirm}, and only then compare
 * the carrier number: until the CONFIRM, the ATTACH may be a recording. A step that fails has said its last word: answer
 * with {@link #refuse}, except after {@link #answer}, when the dialer no longer expects plain messages and the carrier
 * is just closed. Not thread-safe.
 */
public final class AttachAcceptor {
    private final byte[] frame;
    private final Attach attach;
    private @Nullable FlowSecrets secrets;
    private byte @Nullable [] tha;
    private byte @Nullable [] mac2;

    private AttachAcceptor(byte[] frame, Attach attach) {
        this.frame = frame;
        this.attach = attach;
    }

    /**
     * Reads an ATTACH.
     *
     * @param frame the whole frame; kept, not copied
     * @throws HandshakeFailure {@link RefuseCode#VERSION} or {@link RefuseCode#PROTOCOL}
     */
    public static AttachAcceptor parse(byte[] frame) throws HandshakeFailure {
        Attach attach;
        try {
            attach = Attach.decode(frame);
        } catch (WireException e) {
            throw new HandshakeFailure(e);
        }
        if (attach.version() != Message.VERSION) {
            throw new HandshakeFailure(RefuseCode.VERSION, RefuseCode.VERSION.text());
        }
        return new AttachAcceptor(frame, attach);
    }

    public Attach attach() {
        return attach;
    }

    /**
     * Checks the proof of the flow's key.
     *
     * @param secrets of the flow that the ATTACH names
     * @throws HandshakeFailure {@link RefuseCode#BAD_PROOF}
     */
    public void verify(FlowSecrets secrets) throws HandshakeFailure {
        if (!KeySchedule.same(KeySchedule.mac1(secrets.attachKeyD, frame), attach.mac())) {
            throw new HandshakeFailure(RefuseCode.BAD_PROOF, RefuseCode.BAD_PROOF.text());
        }
        this.secrets = secrets;
    }

    /**
     * Agrees.
     *
     * @param nonce 16 random bytes, used for nothing else
     * @param cid the connection id that datagrams to this end shall carry; 0 on stream carriers
     * @return the ATTACH_ACK to send
     */
    public byte[] answer(byte[] nonce, long cid) {
        FlowSecrets known = secrets;
        if (known == null || tha != null) {
            throw new IllegalStateException("the steps are parse, verify, answer, confirm");
        }
        byte[] ack = new AttachAck(nonce, cid, new byte[Message.MAC]).encode();
        tha = KeySchedule.tha(frame, ack);
        mac2 = KeySchedule.mac2(known.attachKeyA, tha);
        return KeySchedule.withMac(ack, mac2);
    }

    /**
     * Takes the CONFIRM. The caller then compares the carrier number, and closes the carrier if a higher one of the same
     * path is there already.
     *
     * @throws HandshakeFailure if it is something else or its proof is wrong; close the carrier
     */
    public CarrierKeys confirm(byte[] frame) throws HandshakeFailure {
        FlowSecrets known = secrets;
        byte[] transcript = tha;
        byte[] mine = mac2;
        if (known == null || transcript == null || mine == null) {
            throw new IllegalStateException("the steps are parse, verify, answer, confirm");
        }
        Confirm confirm;
        try {
            confirm = Confirm.decode(frame);
        } catch (WireException e) {
            throw new HandshakeFailure(e);
        }
        if (!KeySchedule.same(KeySchedule.confirmAttach(known.attachKeyD, transcript, mine), confirm.mac())) {
            throw new HandshakeFailure(RefuseCode.BAD_PROOF, RefuseCode.BAD_PROOF.text());
        }
        return known.carrier(transcript, false, attach.offer().sealed());
    }

    /**
     * A REFUSE to send.
     *
     * @param key the flow's or its tombstone's, or that of the pre-shared key that {@link Attach#pskId} names; null if
     *     there is neither
     */
    public byte[] refuse(RefuseCode code, InstanceId me, int a, int b, @Nullable RefusalKey key) {
        return RefusalKey.refuse(frame, code, me, a, b, key);
    }
}
