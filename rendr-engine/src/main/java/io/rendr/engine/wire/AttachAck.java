// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;

/**
 * ATTACH_ACK: the acceptor has the flow.
 *
 * @param nonce 16 fresh bytes
 * @param cid the connection id that datagrams to the acceptor shall carry; 0 on stream carriers
 * @param mac proof of the flow's key, 32 bytes
 */
public record AttachAck(byte[] nonce, long cid, byte[] mac) {

    /** The whole frame. */
    public byte[] encode() {
        ByteBuf out = Message.exactly(Message.begin(FrameType.ATTACH_ACK), nonce, Message.NONCE)
                .writeLong(cid);
        return Message.finish(Message.exactly(out, mac, Message.MAC));
    }

    /**
     * Reads a whole frame.
     *
     * @throws WireException if it is not an ATTACH_ACK
     */
    public static AttachAck decode(byte[] frame) {
        Body b = Message.open(frame, FrameType.ATTACH_ACK);
        AttachAck ack = new AttachAck(b.bytes(Message.NONCE), b.i64(), b.bytes(Message.MAC));
        b.end();
        return ack;
    }
}
