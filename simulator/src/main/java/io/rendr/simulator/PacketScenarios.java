// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Expectations.delivered;
import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.bulk;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.PacketCounters;
import io.rendr.simulator.Schedule.Cuts;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.MoveKind;
import io.rendr.simulator.Schedule.Side;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Packets: their boundaries, their repair, and the end of it. */
final class PacketScenarios {
    private static final long SLOW = 300_000;
    private static final long FAST = 3_000_000;
    private static final int WORTHWHILE = 60_000;

    private PacketScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("packets-keep-their-boundaries", Rule.BOUNDARIES)
                        .link(20, FAST)
                        .cuts(Cuts.RANDOM)
                        .flow(0, bulk(1_000_000), bulk(300_000))
                        .packets(WORTHWHILE)
                        .at(5_000, delivered(ACCEPTOR, 1_000_000))
                        .at(5_000, delivered(DIALER, 300_000)),
                new Scenario("a-packet-that-came-twice", Rule.AT_MOST_ONCE)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(4_000_000), SILENT)
                        .packets(WORTHWHILE)
                        .fault(500, 2_000, FaultKind.BLACKHOLE_BACK, 1)
                        .at(9_000, delivered(ACCEPTOR, 4_000_000))
                        .expect(counted(ACCEPTOR, "duplicates", PacketCounters::duplicates)),
                new Scenario("a-packet-overtakes-others", Rule.UNORDERED)
                        .link(20, SLOW)
                        .link(30, FAST)
                        .flow(0, bulk(800_000), SILENT)
                        .packets(WORTHWHILE)
                        .fault(1_000, 3_000, FaultKind.STALL, 1)
                        .move(1_020, DIALER, MoveKind.MIGRATE, 2)
                        .at(1_300, delivered(ACCEPTOR, 370_000)),
                new Scenario("reset-under-packets", Rule.PACKET_REPAIR)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(4_000_000), bulk(2_000_000))
                        .packets(WORTHWHILE)
                        .fault(500, 10, FaultKind.RST, 1)
                        .fault(900, 10, FaultKind.RST, 2)
                        .at(8_000, delivered(ACCEPTOR, 4_000_000))
                        .at(8_000, delivered(DIALER, 2_000_000))
                        .expect(counted(DIALER, "repaired", PacketCounters::repaired)),
                new Scenario("nobody-waits-for-what-is-given-up", Rule.EXPIRY)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(4_000_000), bulk(2_000_000))
                        .packets(0)
                        .fault(500, 10, FaultKind.RST, 1)
                        .fault(900, 10, FaultKind.RST, 2)
                        .at(8_000, delivered(ACCEPTOR, 3_400_000))
                        .expect(counted(DIALER, "expired", PacketCounters::expired)),
                new Scenario("what-is-old-is-not-sent-again", Rule.EXPIRY)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(4_000_000), SILENT)
                        .packets(100)
                        .fault(500, 2_000, FaultKind.BLACKHOLE, 1)
                        .at(9_000, delivered(ACCEPTOR, 3_500_000))
                        .expect(counted(DIALER, "expired", PacketCounters::expired)));
    }

    private static Function<Simulation, @Nullable String> counted(
            Side side, String what, ToLongFunction<PacketCounters> counter) {
        return sim -> counter.applyAsLong(sim.end(1, side).flow().counters().packets()) > 0
                ? null
                : "no packets were counted as " + what;
    }
}
