// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

/**
 * How much one datagram carrier may have in flight. What stands behind it depends on who controls congestion there: the
 * engine ({@link Cubic}), or the carrier itself ({@link DeliveryWindow}). Sizes in bytes, times in nanoseconds.
 */
public interface CongestionWindow {
    /** What may be in flight. */
    long window();

    /** How many windows may leave in a smoothed round-trip time; 0 if nothing is held back. */
    double pacing();

    /** How many bytes a full datagram has from now on. */
    void datagram(int bytes);

    /**
     * A packet is sent that asks for an acknowledgement.
     *
     * @param flying what was in flight before
     */
    void sent(long number, long flying, long now);

    /**
     * A packet was acknowledged.
     *
     * @param number of the packet
     * @param bytes that it had in flight
     * @param sentAt when
     * @param rtt what this acknowledgement measured; 0 if nothing
     * @param srtt smoothed round-trip time
     * @param limited whether the window was what held the sender back; a window that is not used does not grow (RFC
     *     9002, section 7.8)
     */
    void acknowledged(long number, int bytes, long sentAt, long rtt, long srtt, boolean limited, long now);

    /**
     * A packet was lost.
     *
     * @param sentAt when the newest of those that were lost was sent
     * @return whether it is a congestion that was not answered yet
     */
    boolean lost(long sentAt, long now);

    /** Everything sent over a long time was lost (RFC 9002, section 7.6). */
    void persistentlyCongested(long now);
}
