// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/**
 * What a {@link LinkEmulator} did, so that a test can prove that its fault happened. Taken at one instant on the link's own thread. Everything but
 * {@link #live()} and {@link Way#heldNow()} only grows.
 *
 * @param connections accepted connections, whatever became of them
 * @param live connections that are open now, hung ones included
 * @param refused connections accepted and reset at once ({@link LinkConnects#RESET})
 * @param hung connections accepted and never answered ({@link LinkConnects#HANG})
 * @param targetFailures connections that were reset because the target could not be reached
 * @param resets RSTs the link sent of its own will; a connection that is reset counts two, one for each end
 * @param natExpired connections whose mapping was found expired
 * @param connected connections opened to each target, by its address; a target that was never reached is not in it
 * @param up the direction from the client to the target
 * @param down the direction from the target to the client
 */
public record LinkCounters(
        long connections,
        int live,
        long refused,
        long hung,
        long targetFailures,
        long resets,
        long natExpired,
        Map<InetSocketAddress, Long> connected,
        Way up,
        Way down) {
    /** Copies the map. */
    public LinkCounters {
        connected = Map.copyOf(connected);
    }

    /**
     * One direction.
     *
     * @param forwarded bytes handed to the receiving end's kernel
     * @param held bytes that were caught in a black hole, a stall or an expired mapping, also when they were delivered later
     * @param heldNow bytes caught at this instant
     * @param swallowed bytes that were read from the sender and will never be delivered
     * @param fins orderly ends the link injected
     * @param blackHoles black holes and stalls begun
     * @param blackHoled time spent in them, the current one included
     */
    public record Way(
            long forwarded, long held, long heldNow, long swallowed, long fins, long blackHoles, Duration blackHoled) {}

    /** How many connections were opened to a target. */
    public long connectedTo(InetSocketAddress target) {
        return connected.getOrDefault(target, 0L);
    }

    /** The counters of one direction. */
    public Way way(LinkDirection direction) {
        return direction == LinkDirection.UP ? up : down;
    }
}
