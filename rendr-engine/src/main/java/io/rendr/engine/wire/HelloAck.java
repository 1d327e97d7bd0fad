// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;

/**
 * HELLO_ACK: the acceptor agrees.
 *
 * @param version the version in use from here on
 * @param ephemeral the acceptor's X25519 key, 32 bytes
 * @param confirm proof that the acceptor has the keys, 32 bytes
 */
public record HelloAck(int version, FlowAnswer answer, byte[] ephemeral, byte[] confirm) {

    /** The whole frame. */
    public byte[] encode() {
        ByteBuf out = Message.begin(FrameType.HELLO_ACK).writeByte(version);
        FlowOffer.write(out, answer.protection());
        Message.id(out, answer.instance());
        Message.exactly(out, ephemeral, Message.KEY)
                .writeLong(answer.credit())
                .writeInt(answer.budgetMillis())
                .writeShort(answer.maxPacket())
                .writeLong(answer.cid());
        return Message.finish(Message.exactly(out, confirm, Message.MAC));
    }

    /**
     * Reads a whole frame.
     *
     * @throws WireException if it is not a HELLO_ACK
     */
    public static HelloAck decode(byte[] frame) {
        Body b = Message.open(frame, FrameType.HELLO_ACK);
        int version = b.u8();
        var protection = FlowOffer.protection(b);
        var instance = Message.instanceId(b);
        byte[] ephemeral = b.bytes(Message.KEY);
        FlowAnswer answer = new FlowAnswer(protection, instance, b.offset(), b.u31(), b.u16(), b.i64());
        byte[] confirm = b.bytes(Message.MAC);
        b.end();
        return new HelloAck(version, answer, ephemeral, confirm);
    }
}
