// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import io.rendr.FlowId;
import io.rendr.FlowKind;
import io.rendr.InstanceId;
import io.rendr.Protection;

/**
 * What a dialer asks for in HELLO.
 *
 * @param protection what the dialer chose for the flow
 * @param sealed whether this carrier needs the engine's seal when the flow is protected: true unless the dialer has
 *     verified the acceptor by the transport's own TLS
 * @param flow the id of the flow, fresh for every HELLO
 * @param instance the dialing runtime
 * @param pathId the path that this carrier serves, 0 to 2^31 - 1; its carrier number is 0
 * @param credit what the acceptor may send at once: an offset, as in ACK
 * @param budgetMillis migration budget in milliseconds, at least 1
 * @param repairTtlMillis for how long a lost packet is worth repeating, in milliseconds, 0 to 65,535; 0 for streams
 * @param maxPacket largest packet in bytes, 1 to {@link Frames#MAX_PACKET_PAYLOAD}; 0 for streams
 * @param cid the connection id that datagrams to the dialer shall carry; 0 on stream carriers
 */
public record FlowOffer(
        FlowKind kind,
        Protection protection,
        boolean sealed,
        FlowId flow,
        InstanceId instance,
        int pathId,
        long credit,
        int budgetMillis,
        int repairTtlMillis,
        int maxPacket,
        long cid) {

    static void checkPacketSize(Body body, FlowKind kind, int maxPacket) {
        boolean packets = kind == FlowKind.PACKET;
        if (packets == (maxPacket == 0) || maxPacket > Frames.MAX_PACKET_PAYLOAD) {
            throw body.bad("has a packet size of " + maxPacket + " for a " + kind + " flow");
        }
    }

    static int number(FlowKind kind) {
        return kind == FlowKind.PACKET ? 1 : 0;
    }

    static void write(ByteBuf out, Protection protection) {
        out.writeByte(protection == Protection.SEALED ? 1 : 0);
    }

    static Protection protection(Body body) {
        return body.bool() ? Protection.SEALED : Protection.NONE;
    }
}
