// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.ConnCounters;
import io.rendr.DatagramCounters;
import io.rendr.MigrationCause;
import io.rendr.PacketCounters;
import io.rendr.ResendCause;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** What a flow counts. Written under the flow's exclusion. */
public final class Counters {
    private final long[] resent = new long[ResendCause.values().length];
    private final long[] migrations = new long[MigrationCause.values().length];
    long bytesSent;
    long bytesReceived;
    long duplicates;
    long packetsSent;
    long packetsRepaired;
    long packetsExpired;
    long packetsDelivered;
    long packetsDuplicate;
    long packetsDropped;
    long packetsForged;
    long packetsReplayed;
    long probeTimeouts;
    long addressesChecked;
    long addressesFollowed;
    long longestGap;
    long longestHold;
    long carriersLost;
    long protocolErrors;
    long spuriousSuspicions;
    long peerStalls;

    void resent(ResendCause cause, long bytes) {
        resent[cause.ordinal()] += bytes;
    }

    void migrated(MigrationCause cause) {
        migrations[cause.ordinal()]++;
    }

    /** Payload bytes sent for the first time. */
    public long bytesSent() {
        return bytesSent;
    }

    /** Payload bytes that arrived for the first time. */
    public long bytesReceived() {
        return bytesReceived;
    }

    /** Payload bytes that arrived again. */
    public long duplicates() {
        return duplicates;
    }

    public long resent(ResendCause cause) {
        return resent[cause.ordinal()];
    }

    public long totalResent() {
        long sum = 0;
        for (long bytes : resent) {
            sum += bytes;
        }
        return sum;
    }

    public long migrations(MigrationCause cause) {
        return migrations[cause.ordinal()];
    }

    public long totalMigrations() {
        long sum = 0;
        for (long count : migrations) {
            sum += count;
        }
        return sum;
    }

    public long spuriousSuspicions() {
        return spuriousSuspicions;
    }

    public long protocolErrors() {
        return protocolErrors;
    }

    /** Packets that were given up because they were too old to be sent again. */
    public long packetsExpired() {
        return packetsExpired;
    }

    /** A copy of what is counted of packets, for applications. */
    public PacketCounters packets() {
        return new PacketCounters(
                packetsSent, packetsRepaired, packetsExpired, packetsDelivered, packetsDuplicate, packetsDropped);
    }

    /** A copy of what is counted of datagrams, for applications. */
    public DatagramCounters datagrams() {
        return new DatagramCounters(packetsForged, packetsReplayed, probeTimeouts, addressesChecked, addressesFollowed);
    }

    /** A copy for applications. */
    public ConnCounters snapshot() {
        Map<ResendCause, Long> byCause = new EnumMap<>(ResendCause.class);
        for (ResendCause cause : ResendCause.values()) {
            byCause.put(cause, resent(cause));
        }
        Map<MigrationCause, Long> moves = new EnumMap<>(MigrationCause.class);
        for (MigrationCause cause : MigrationCause.values()) {
            moves.put(cause, migrations(cause));
        }
        return new ConnCounters(
                byCause,
                moves,
                Duration.ofNanos(longestGap),
                Duration.ofNanos(longestHold),
                carriersLost,
                protocolErrors,
                spuriousSuspicions,
                peerStalls);
    }
}
