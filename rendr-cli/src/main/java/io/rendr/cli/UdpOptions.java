// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.DialerConfig;
import io.rendr.InvalidConfigException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of {@code rendr forward} that say that it carries UDP, and how. */
final class UdpOptions {
    @Option(
            names = "--udp",
            required = true,
            description = "Take UDP datagrams instead of TCP connections; the accepting end needs it too. Each client"
                    + " address has a flow of its own.")
    private boolean udp;

    @Option(
            names = "--udp-idle",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = Units.Time.class,
            description = "A client's flow ends after that time without a datagram, either way. Default:"
                    + " ${DEFAULT-VALUE}.")
    private Duration idle;

    @Option(
            names = "--udp-clients",
            paramLabel = "COUNT",
            defaultValue = "1000",
            description = "How many clients may have a flow at a time; datagrams of others are dropped. Default:"
                    + " ${DEFAULT-VALUE}.")
    private int clients;

    @Option(
            names = "--repair-ttl",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = Units.Time.class,
            description = "For how long a datagram that a path has lost is sent again; 0s = never. Default:"
                    + " ${DEFAULT-VALUE}.")
    private Duration repairTtl;

    @Option(
            names = "--max-packet",
            paramLabel = "BYTES",
            defaultValue = "1400",
            description = "The largest datagram that is carried, either way; larger ones are dropped. Default:"
                    + " ${DEFAULT-VALUE}, what every kind of path carries over a network with an MTU of 1500.")
    private int maxPacket;

    void applyTo(DialerConfig.Builder config) {
        config.repairTtl(repairTtl).maxPacketSize(maxPacket);
    }

    UdpIngress.Limits limits() {
        List<String> problems = new ArrayList<>();
        if (idle.isZero()) {
            problems.add("--udp-idle 0s would end every flow at once; take a time such as 60s");
        }
        if (clients < 1) {
            problems.add("--udp-clients " + clients + " would serve nobody; take 1 or more");
        }
        if (!problems.isEmpty()) {
            throw new InvalidConfigException("rendr forward", problems);
        }
        return new UdpIngress.Limits(idle, clients);
    }
}
