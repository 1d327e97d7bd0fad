// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/** What a packet flow does about packets that a path lost. */
@Provisional
public enum DeliveryClass {
    /** A lost packet is sent again while it is younger than {@link DialerConfig#repairTtl()}. */
    REPAIRED,
    /** A lost packet stays lost: {@link DialerConfig#repairTtl()} is zero. */
    BEST_EFFORT
}
