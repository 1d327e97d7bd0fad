// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.PathSpec;
import io.rendr.engine.keys.CarrierKeys;

/**
 * A carrier whose handshake is done, on its way to its flow.
 *
 * @param spec what the path is called at this end
 * @param port the carrier; whoever moves it to another exclusion wraps it
 * @param rest bytes that arrived after the handshake; the flow reads and does not release them
 * @param rtt the round trip of the handshake in nanoseconds; {@link #UNMEASURED} if it says nothing
 */
public record Attachment(
        int pathId, int carrierNo, PathSpec spec, CarrierPort port, CarrierKeys keys, ByteBuf rest, long rtt) {
    static final long UNMEASURED = -1;

    /** The same carrier, seen through another port. */
    public Attachment through(CarrierPort other) {
        return new Attachment(pathId, carrierNo, spec, other, keys, rest, rtt);
    }
}
