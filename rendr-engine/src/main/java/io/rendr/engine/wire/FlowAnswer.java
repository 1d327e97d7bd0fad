// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.rendr.FlowKind;
import io.rendr.InstanceId;
import io.rendr.Protection;

/**
 * What an acceptor answers in HELLO_ACK. Everything in it is agreed: both ends hold to it.
 *
 * @param protection {@link Protection#NONE} only if both ends chose it
 * @param instance the accepting runtime
 * @param credit what the dialer may send at once: an offset, as in ACK
 * @param budgetMillis the smaller of both budgets, in milliseconds
 * @param maxPacket the smaller of both packet sizes in bytes, 0 for streams
 * @param cid the connection id that datagrams to the acceptor shall carry; 0 on stream carriers
 */
public record FlowAnswer(
        Protection protection, InstanceId instance, long credit, int budgetMillis, int maxPacket, long cid) {

    /** The answer of an acceptor with these settings of its own: the stricter of both sides wins in every field. */
    public static FlowAnswer to(
            FlowOffer offer,
            Protection protection,
            InstanceId instance,
            long credit,
            int budgetMillis,
            int maxPacket,
            long cid) {
        boolean open = offer.protection() == Protection.NONE && protection == Protection.NONE;
        return new FlowAnswer(
                open ? Protection.NONE : Protection.SEALED,
                instance,
                credit,
                Math.min(offer.budgetMillis(), budgetMillis),
                offer.kind() == FlowKind.PACKET ? Math.min(offer.maxPacket(), maxPacket) : 0,
                cid);
    }

    /** Whether this is an answer that {@code offer} allows. */
    public boolean fits(FlowOffer offer) {
        boolean packets = offer.kind() == FlowKind.PACKET;
        return !(offer.protection() == Protection.SEALED && protection == Protection.NONE)
                && budgetMillis > 0
                && budgetMillis <= offer.budgetMillis()
                && maxPacket <= offer.maxPacket()
                && packets == (maxPacket > 0);
    }
}
