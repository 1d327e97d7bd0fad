// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/**
 * What became of the packets of a flow, as one end counts them; all 0 on a stream flow.
 *
 * <p>Once both ends have nothing more to send, {@code sent} of one end is {@code delivered} of the other, plus what the
 * sender gave up ({@code expired}) and did not arrive in time all the same, plus {@code dropped} of the receiver.
 *
 * @param sent packets that went out here for the first time
 * @param repaired packets that went out here once more, because they may have been lost
 * @param expired packets that this end gave up: lost, and older than {@link DialerConfig#repairTtl()}
 * @param delivered packets that arrived here and were put in line for the application
 * @param duplicates packets that arrived here again, or after the peer had given them up
 * @param dropped packets that this end did not take, because too many before them were missing
 */
@Provisional
public record PacketCounters(long sent, long repaired, long expired, long delivered, long duplicates, long dropped) {
    /** Nothing has happened. */
    public static final PacketCounters ZERO = new PacketCounters(0, 0, 0, 0, 0, 0);
}
