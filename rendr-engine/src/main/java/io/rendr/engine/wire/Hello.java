// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import io.rendr.FlowKind;

/**
 * HELLO: the dialer asks for a new flow.
 *
 * @param verMin lowest version that the dialer speaks; the message is laid out in this one
 * @param verMax highest version that it speaks
 * @param ephemeral the dialer's X25519 key, 32 bytes
 * @param cookie what a RETRY gave, or empty
 * @param pskId the pre-shared key in use, or empty
 * @param padding zero bytes that make the message as large as its answers
 * @param binder proof of the pre-shared key, 32 bytes
 */
public record Hello(
        int verMin,
        int verMax,
        FlowOffer offer,
        byte[] ephemeral,
        byte[] cookie,
        String pskId,
        int padding,
        byte[] binder) {

    /** The whole frame. */
    public byte[] encode() {
        ByteBuf out = Message.begin(FrameType.HELLO)
                .writeInt(Message.MAGIC)
                .writeByte(verMin)
                .writeByte(verMax)
                .writeByte(FlowOffer.number(offer.kind()));
        FlowOffer.write(out, offer.protection());
        out.writeBoolean(offer.sealed());
        Message.id(Message.id(out, offer.flow()), offer.instance());
        Message.exactly(out, ephemeral, Message.KEY)
                .writeInt(offer.pathId())
                .writeLong(offer.credit())
                .writeInt(offer.budgetMillis())
                .writeShort(offer.repairTtlMillis())
                .writeShort(offer.maxPacket())
                .writeLong(offer.cid());
        Message.shortBytes(out, cookie, Message.MAX_COOKIE);
        Text.writeShort(out, pskId, Message.MAX_PSK_ID);
        out.writeShort(padding).writeZero(padding);
        return Message.finish(Message.exactly(out, binder, Message.MAC));
    }

    /**
     * Reads a whole frame.
     *
     * @throws WireException if it is not a HELLO of version 1; see {@link #speaks}
     */
    public static Hello decode(byte[] frame) {
        Body b = Message.open(frame, FrameType.HELLO);
        Message.magic(b);
        int verMin = b.u8();
        int verMax = b.u8();
        if (verMin == 0 || verMin > verMax) {
            throw b.bad("has the versions " + verMin + " to " + verMax);
        }
        FlowKind kind = b.bool() ? FlowKind.PACKET : FlowKind.STREAM;
        var protection = FlowOffer.protection(b);
        boolean sealed = b.bool();
        var flow = Message.flowId(b);
        var instance = Message.instanceId(b);
        byte[] ephemeral = b.bytes(Message.KEY);
        int pathId = b.u31();
        long credit = b.offset();
        int budget = b.u31();
        int repairTtl = b.u16();
        int maxPacket = b.u16();
        long cid = b.i64();
        byte[] cookie = b.shortBytes(Message.MAX_COOKIE);
        String pskId = b.shortText(Message.MAX_PSK_ID);
        int padding = b.u16();
        for (int i = 0; i < padding; i++) {
            if (b.u8() != 0) {
                throw b.bad("is padded with something else than zeros");
            }
        }
        byte[] binder = b.bytes(Message.MAC);
        b.end();
        FlowOffer.checkPacketSize(b, kind, maxPacket);
        if (budget == 0 || kind == FlowKind.STREAM && repairTtl != 0) {
            throw b.bad("has a migration budget of " + budget + " ms and a repair time of " + repairTtl + " ms");
        }
        FlowOffer offer = new FlowOffer(
                kind, protection, sealed, flow, instance, pathId, credit, budget, repairTtl, maxPacket, cid);
        return new Hello(verMin, verMax, offer, ephemeral, cookie, pskId, padding, binder);
    }

    /**
     * Whether {@code version} is among those that a HELLO offers. Looks only at the fields whose place never changes:
     * the magic number and the two versions.
     *
     * @throws WireException if it is no HELLO at all
     */
    public static boolean speaks(byte[] frame, int version) {
        Body b = Message.open(frame, FrameType.HELLO);
        Message.magic(b);
        int verMin = b.u8();
        int verMax = b.u8();
        return verMin <= version && version <= verMax;
    }
}
