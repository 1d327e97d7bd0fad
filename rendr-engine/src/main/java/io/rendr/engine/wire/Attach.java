// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;

/**
 * ATTACH: the dialer asks to add a carrier to a flow.
 *
 * @param version the version of the flow
 * @param nonce 16 fresh bytes
 * @param cookie what a RETRY gave, or empty
 * @param pskId the pre-shared key of the flow or empty, so that an acceptor that has lost the flow can still
 *     authenticate its refusal
 * @param mac proof of the flow's key, 32 bytes
 */
public record Attach(int version, CarrierOffer offer, byte[] nonce, byte[] cookie, String pskId, byte[] mac) {

    /** The whole frame. */
    public byte[] encode() {
        ByteBuf out = Message.begin(FrameType.ATTACH)
                .writeInt(Message.MAGIC)
                .writeByte(version)
                .writeBoolean(offer.sealed());
        Message.id(Message.id(out, offer.flow()), offer.instance())
                .writeInt(offer.pathId())
                .writeInt(offer.carrierNo());
        Message.exactly(out, nonce, Message.NONCE).writeLong(offer.cid());
        Message.shortBytes(out, cookie, Message.MAX_COOKIE);
        Text.writeShort(out, pskId, Message.MAX_PSK_ID);
        return Message.finish(Message.exactly(out, mac, Message.MAC));
    }

    /**
     * Reads a whole frame.
     *
     * @throws WireException if it is not an ATTACH
     */
    public static Attach decode(byte[] frame) {
        Body b = Message.open(frame, FrameType.ATTACH);
        Message.magic(b);
        int version = b.u8();
        boolean sealed = b.bool();
        var flow = Message.flowId(b);
        var instance = Message.instanceId(b);
        int pathId = b.u31();
        int carrierNo = b.u31();
        byte[] nonce = b.bytes(Message.NONCE);
        CarrierOffer offer = new CarrierOffer(sealed, flow, instance, pathId, carrierNo, b.i64());
        byte[] cookie = b.shortBytes(Message.MAX_COOKIE);
        String pskId = b.shortText(Message.MAX_PSK_ID);
        byte[] mac = b.bytes(Message.MAC);
        b.end();
        if (carrierNo == 0) {
            throw b.bad("has carrier number 0, which belongs to HELLO");
        }
        return new Attach(version, offer, nonce, cookie, pskId, mac);
    }
}
