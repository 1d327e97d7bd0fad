// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Scenario.bulk;
import static io.rendr.simulator.Scenario.fin;
import static io.rendr.simulator.Scenario.trickle;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.simulator.Schedule.FaultKind;
import java.util.List;

/** Somebody on the way who listens, speaks, or changes bytes. */
final class AttackScenarios {
    private static final long FAST = 3_000_000;

    private AttackScenarios() {}

    static List<Scenario> all() {
        return List.of(
                attacked("sealed-bytes-tell-nothing", Rule.SEALED, FaultKind.REPLAY)
                        .sealed()
                        .expect(sim -> sim.adversary().heard(new Pattern(2))
                                ? "what the application wrote can be read on the network"
                                : null),
                corrupted("bytes-change-on-the-way", Rule.CORRUPTION, 1).expect(sim -> {
                    long errors = sim.end(1, ACCEPTOR).flow().counters().protocolErrors()
                            + sim.end(1, DIALER).flow().counters().protocolErrors();
                    return errors > 0 ? null : "no protocol error was counted";
                }),
                corrupted("bytes-change-again-and-again", Rule.POISON, 5)
                        .expect(sim -> sim.end(1, DIALER).failure() != null
                                        && sim.end(1, ACCEPTOR).failure() != null
                                ? null
                                : "the flow goes on"),
                attacked("a-recorded-handshake-opens-nothing", Rule.REPLAY, FaultKind.REPLAY),
                attacked("a-handshake-without-keys-opens-nothing", Rule.FORGERY, FaultKind.REPLAY)
                        .fault(132_000, 10, FaultKind.FORGE, 1)
                        .fault(132_100, 10, FaultKind.FORGE, 1),
                attacked("a-handshake-that-goes-nowhere", Rule.FLOOD, FaultKind.FLOOD));
    }

    /** A short flow, whose handshake somebody hears and uses when the flow is over. */
    private static Scenario attacked(String name, Rule rule, FaultKind attack) {
        Scenario scenario = new Scenario(name, rule)
                .link(20, FAST)
                .flow(0, fin(bulk(2_000)), fin(bulk(2_000)))
                .lasting(150_000);
        // The acceptor remembers the ids of flows for two minutes.
        for (int i = 0; i < 8; i++) {
            scenario.fault(125_000 + 500 * i, 10, attack, 1);
        }
        return scenario;
    }

    private static Scenario corrupted(String name, Rule rule, int times) {
        Scenario scenario = new Scenario(name, rule)
                .link(20, FAST)
                .sealed()
                .flow(0, trickle(1_000_000, 20), trickle(1_000_000, 20))
                .lasting(30_000);
        for (int i = 0; i < times; i++) {
            scenario.fault(3_000 + 3_000 * i, 200, FaultKind.CORRUPT, 1);
        }
        return scenario;
    }
}
