// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/**
 * What a packet flow does about packets that a path lost. A packet that was taken and has not left yet is not lost: while no
 * path answers it waits, as many as there is credit for, and {@link PacketConn#trySend(java.nio.ByteBuffer)} takes no more.
 */
@Provisional
public enum DeliveryClass {
    /** A lost packet is sent again while it is younger than {@link DialerConfig#repairTtl()}. */
    REPAIRED,
    /** A lost packet stays lost: {@link DialerConfig#repairTtl()} is zero. */
    BEST_EFFORT
}
