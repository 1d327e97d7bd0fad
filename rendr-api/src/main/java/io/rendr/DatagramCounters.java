// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/**
 * What the datagram carriers of a flow met, as one end counts it over all of them; all 0 over stream carriers.
 *
 * @param forged datagrams that carried a carrier's connection id and were not genuine: cut short, changed, or made up; dropped
 * @param replayed datagrams whose number had been there before, or was too old to tell (RFC 4303, section 3.4.3); dropped
 *     before it is known whether they are genuine
 * @param probeTimeouts times that nothing was acknowledged for a probe time-out (RFC 9002, section 6.2)
 * @param addressesChecked times that the newest genuine datagram came from another address than the one before, upon which
 *     both addresses are asked (RFC 9000, section 9.3.3)
 * @param addressesFollowed times that the peer answered from such an address, and was followed there
 */
@Provisional
public record DatagramCounters(
        long forged, long replayed, long probeTimeouts, long addressesChecked, long addressesFollowed) {
    /** Nothing has happened. */
    public static final DatagramCounters ZERO = new DatagramCounters(0, 0, 0, 0, 0);
}
