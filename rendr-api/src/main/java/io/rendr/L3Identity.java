// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * The original addresses of a connection that was captured at layer 3 and now travels as a flow, so that the accepting
 * end can act for it.
 *
 * @param ipProtocol the protocol number of the IP header, 0 to 255: 6 = TCP, 17 = UDP
 * @param source where the captured connection came from
 * @param destination where it was going
 */
@Provisional
public record L3Identity(int ipProtocol, InetSocketAddress source, InetSocketAddress destination) {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the protocol number is not 0 to 255, or an address is not resolved
     */
    public L3Identity {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(destination, "destination");
        if (ipProtocol < 0 || ipProtocol > 255) {
            throw new IllegalArgumentException("ipProtocol must be 0 to 255, not " + ipProtocol);
        }
        if (source.isUnresolved() || destination.isUnresolved()) {
            throw new IllegalArgumentException(
                    "an L3 identity holds numeric addresses, not names: " + source + " -> " + destination);
        }
    }
}
