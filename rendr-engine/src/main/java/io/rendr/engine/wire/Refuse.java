// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import io.rendr.InstanceId;

/**
 * REFUSE: the acceptor's answer to a HELLO or an ATTACH that it turns away.
 *
 * @param code why
 * @param instance the runtime that answers
 * @param a what {@link RefuseCode} says about it, else 0
 * @param b what {@link RefuseCode} says about it, else 0
 * @param mac proof that covers the refused message, 32 bytes; zeros when the acceptor has no key to prove with
 */
public record Refuse(RefuseCode code, InstanceId instance, int a, int b, byte[] mac) {

    /** The whole frame. */
    public byte[] encode() {
        ByteBuf out = Message.begin(FrameType.REFUSE).writeShort(code.number());
        Message.id(out, instance).writeInt(a).writeInt(b);
        return Message.finish(Message.exactly(out, mac, Message.MAC));
    }

    /**
     * Reads a whole frame.
     *
     * @throws WireException if it is not a REFUSE
     */
    public static Refuse decode(byte[] frame) {
        Body b = Message.open(frame, FrameType.REFUSE);
        RefuseCode code = RefuseCode.of(b.u16());
        Refuse refuse = new Refuse(code, Message.instanceId(b), b.i32(), b.i32(), b.bytes(Message.MAC));
        b.end();
        return refuse;
    }
}
