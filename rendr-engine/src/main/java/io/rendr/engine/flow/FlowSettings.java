// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.FlowKind;
import io.rendr.Protection;
import java.util.Map;

/**
 * How one end runs its flows. Durations in nanoseconds.
 *
 * @param migrationBudget how long a flow outlives its last path; the smaller one of both ends counts
 * @param linger how long the tail of a closed flow may take to be read
 * @param probeInterval between probes of a path while the flow is in use
 * @param zombieMaxMigrations moves without progress that are put up with
 * @param zombieCooldown after which such moves are forgotten
 * @param redialFirst first pause between attempts to dial a path
 * @param redialLast longest pause between attempts
 * @param repairTtl how long a lost packet is worth repeating, to the millisecond; 0 for streams
 * @param maxPacket the largest packet in bytes that this end asks for; 0 for streams
 * @param metadata what the peer's application is told
 */
public record FlowSettings(
        long migrationBudget,
        long linger,
        long probeInterval,
        int zombieMaxMigrations,
        long zombieCooldown,
        long redialFirst,
        long redialLast,
        Protection protection,
        long repairTtl,
        int maxPacket,
        Map<String, String> metadata) {
    public FlowSettings {
        metadata = Map.copyOf(metadata);
    }

    /** The documented defaults. */
    public static FlowSettings defaults() {
        return new FlowSettings(
                SECONDS.toNanos(90),
                SECONDS.toNanos(30),
                SECONDS.toNanos(1),
                2,
                SECONDS.toNanos(30),
                MILLISECONDS.toNanos(250),
                SECONDS.toNanos(4),
                Protection.SEALED,
                0,
                0,
                Map.of());
    }

    public FlowSettings withProtection(Protection other) {
        return with(other, repairTtl, maxPacket);
    }

    /** The same for packet flows. */
    public FlowSettings forPackets(long ttl, int largest) {
        return with(protection, ttl, largest);
    }

    private FlowSettings with(Protection other, long ttl, int largest) {
        return new FlowSettings(
                migrationBudget,
                linger,
                probeInterval,
                zombieMaxMigrations,
                zombieCooldown,
                redialFirst,
                redialLast,
                other,
                ttl,
                largest,
                metadata);
    }

    /** What flows are made with these. */
    public FlowKind kind() {
        return maxPacket > 0 ? FlowKind.PACKET : FlowKind.STREAM;
    }
}
