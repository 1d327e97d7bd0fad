// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Expectations.answered;
import static io.rendr.simulator.Expectations.at;
import static io.rendr.simulator.Expectations.delivered;
import static io.rendr.simulator.Expectations.lastRead;
import static io.rendr.simulator.Expectations.resent;
import static io.rendr.simulator.Expectations.waitedLess;
import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.app;
import static io.rendr.simulator.Scenario.bulk;
import static io.rendr.simulator.Scenario.reading;
import static io.rendr.simulator.Scenario.trickle;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.MigrationCause;
import io.rendr.ResendCause;
import io.rendr.engine.flow.Flow;
import io.rendr.simulator.Schedule.Cuts;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.MoveKind;
import io.rendr.simulator.Schedule.Reading;
import io.rendr.simulator.Schedule.Writing;
import java.util.List;

/** Bytes, buffers, credit, and what carriers make of them. */
final class ByteScenarios {
    private static final long SLOW = 300_000;
    private static final long FAST = 3_000_000;

    private ByteScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("rescue-of-the-windows-head", Rule.RESCUE)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 16_000, FaultKind.SLOW, 1)
                        .move(3_200, DIALER, MoveKind.MIGRATE, 2)
                        .at(3_900, delivered(ACCEPTOR, 9_100_000)),
                new Scenario("copies-are-a-twentieth-at-most", Rule.COPY_LIMIT)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(600, 16_000, FaultKind.SLOW, 1)
                        .move(800, DIALER, MoveKind.MIGRATE, 2)
                        .at(
                                1_600,
                                sim -> sim.end(1, DIALER).flow().counters().resent(ResendCause.RESCUE) > 65_536
                                        ? null
                                        : "there was nothing to limit"),
                new Scenario("reset-under-bulk", Rule.REPAIR)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(4_000_000), bulk(2_000_000))
                        .fault(500, 10, FaultKind.RST, 1)
                        .fault(900, 10, FaultKind.RST, 2)
                        .at(8_000, delivered(ACCEPTOR, 4_000_000))
                        .expect(waitedLess(ACCEPTOR, 600)),
                new Scenario("black-hole-under-bulk-loses-nothing", Rule.REPAIR)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(4_000_000), SILENT)
                        .fault(400, 19_000, FaultKind.BLACKHOLE, 1)
                        .at(9_000, delivered(ACCEPTOR, 4_000_000)),
                new Scenario("a-parked-writer-goes-on", Rule.PARK)
                        .link(20, FAST)
                        .flow(0, bulk(6_000_000), SILENT)
                        .at(10_000, delivered(ACCEPTOR, 6_000_000)),
                new Scenario("credit-follows-the-reader", Rule.WINDOW)
                        .link(100, 20_000_000)
                        .flow(0, bulk(8_000_000), SILENT)
                        .figure("the last byte, in ms,", lastRead(ACCEPTOR)),
                new Scenario("a-trickle-is-acknowledged", Rule.ACK)
                        .link(20, FAST)
                        .flow(0, trickle(1_000_000, 200), SILENT)
                        .at(3_000, sim -> {
                            Flow flow = sim.end(1, DIALER).flow();
                            long owed = flow.progress().sent() - flow.progress().settled();
                            return owed <= 40 ? null : owed + " bytes are not acknowledged";
                        }),
                new Scenario("ranges-spare-what-arrived", Rule.ACK_RANGES)
                        .link(150, SLOW)
                        .link(5, FAST)
                        .link(20, SLOW)
                        .flow(0, bulk(30_000_000), SILENT)
                        .move(2_000, DIALER, MoveKind.MIGRATE, 1)
                        .fault(3_980, 8_000, FaultKind.BLACKHOLE, 1)
                        .move(4_000, DIALER, MoveKind.MIGRATE, 2)
                        .fault(4_200, 8_000, FaultKind.BLACKHOLE_BACK, 2)
                        .figure(
                                "bytes that arrived twice",
                                sim -> sim.end(1, ACCEPTOR).flow().counters().duplicates()),
                new Scenario("an-acknowledgement-goes-down-with-its-carrier", Rule.ACK_FIRST)
                        .link(20, FAST)
                        .flow(0, app(Writing.BURSTS, 20, 20, 1_000), SILENT)
                        .fault(1_150, 10, FaultKind.RST, 1)
                        .at(
                                6_000,
                                sim -> sim.end(1, DIALER).flow().progress().settled() == 20
                                        ? null
                                        : "what arrived was never acknowledged")
                        .figure("bytes sent again", resent(DIALER)),
                new Scenario("acknowledgements-overtake-each-other", Rule.ACK_MONOTONE)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, app(Writing.BURSTS, 40_000, 20_000, 1_000), SILENT)
                        .fault(1_135, 2_500, FaultKind.STALL, 1)
                        .move(1_200, DIALER, MoveKind.MIGRATE, 2)
                        .at(8_000, delivered(ACCEPTOR, 40_000)),
                new Scenario("a-path-cut-at-every-byte", Rule.CUT_READS)
                        .link(20, FAST)
                        .cuts(Cuts.BYTES)
                        .flow(0, bulk(100_000), trickle(10_000, 50))
                        .at(5_000, delivered(ACCEPTOR, 100_000)),
                new Scenario("a-slow-path-with-a-large-buffer", Rule.IN_FLIGHT)
                        .link(20, SLOW)
                        .buffer(4 << 20)
                        .link(30, FAST)
                        .flow(0, bulk(8_000_000), SILENT)
                        .fault(4_000, 10, FaultKind.RST, 1)
                        .figure("bytes sent again", resent(DIALER)),
                new Scenario("both-write-first", Rule.NEVER_PAUSE)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(
                                0,
                                reading(bulk(2_000_000), Reading.LATE, 6_000, 0),
                                reading(bulk(2_000_000), Reading.LATE, 6_000, 0))
                        .move(4_000, DIALER, MoveKind.MIGRATE, 2)
                        .at(5_000, answered(DIALER))
                        .at(
                                5_900,
                                sim -> sim.end(1, DIALER).history().moves(MigrationCause.DEATH) == 0
                                        ? null
                                        : "a slow reader looked dead")
                        .at(14_000, delivered(ACCEPTOR, 2_000_000))
                        .at(14_000, delivered(DIALER, 2_000_000)),
                new Scenario("idle-credit-comes-back", Rule.CREDIT_RETURN)
                        .link(5, FAST)
                        .flow(0, app(Writing.BURSTS, 300_000, 300_000, 500), SILENT)
                        .lasting(30_000)
                        .at(25_000, sim -> {
                            long reserved = sim.hosts()
                                    .get(1)
                                    .instance()
                                    .pool()
                                    .receiving()
                                    .reserved();
                            return reserved == 0 ? null : "an idle flow still has a grant of " + reserved + " bytes";
                        }),
                new Scenario("burst-after-return", Rule.BLOCKED)
                        .link(150, FAST)
                        .flow(0, app(Writing.BURSTS, 1_000_000, 500_000, 15_000), SILENT)
                        .lasting(40_000)
                        .at(32_000, delivered(ACCEPTOR, 1_000_000)),
                crossingReturns(),
                new Scenario("slow-reader-is-held-back", Rule.CREDIT)
                        .link(5, 20_000_000)
                        .flow(0, bulk(20_000_000), reading(SILENT, Reading.SLOW, 100, 10_000))
                        .lasting(15_000)
                        .at(14_000, sim -> {
                            long used = sim.hosts()
                                    .get(1)
                                    .instance()
                                    .pool()
                                    .receiving()
                                    .used();
                            return used < 2_000_000
                                    ? null
                                    : "a reader of 100 kB/s was sent " + used + " bytes in advance";
                        }),
                hungryFlows("everybody-wants-the-whole-pool", Rule.POOL_GUARD),
                hungryFlows("a-full-pool-serves-one-more", Rule.SHARE)
                        .flow(3_000, bulk(40_000), SILENT)
                        .at(
                                12_000,
                                sim -> at(sim, 7, ACCEPTOR) >= 40_000
                                        ? null
                                        : "only " + at(sim, 7, ACCEPTOR) + " bytes fit beside the others"),
                hungryFlows("a-full-pool-serves-packets-too", Rule.SHARE)
                        .flow(3_000, bulk(40_000), SILENT)
                        .packets(60_000)
                        .at(
                                12_000,
                                sim -> at(sim, 7, ACCEPTOR) >= 40_000
                                        ? null
                                        : "only " + at(sim, 7, ACCEPTOR) + " bytes of packets fit beside the others"),
                crowd(),
                new Scenario("two-flows-share-a-small-pool", Rule.SHARE)
                        .link(5, FAST)
                        .memory(1 << 20)
                        .flow(0, bulk(2_000_000), reading(SILENT, Reading.NEVER, 0, 0))
                        .flow(1_000, bulk(300_000), SILENT)
                        .at(
                                15_000,
                                sim -> at(sim, 2, ACCEPTOR) >= 300_000
                                        ? null
                                        : "one slow reader starves another flow: " + at(sim, 2, ACCEPTOR)));
    }

    /** Grants and returns of credit that pass each other on a long way, at many distances. */
    private static Scenario crossingReturns() {
        Scenario scenario = new Scenario("a-grant-that-crosses-its-return", Rule.STALE_CREDIT).link(200, FAST);
        for (int i = 0; i < 18; i++) {
            scenario.flow(
                    0, app(Writing.BURSTS, 800_000, 200_000, 8_000), reading(SILENT, Reading.LATE, 14_300 + 65 * i, 0));
        }
        return scenario.lasting(30_000).at(29_000, delivered(ACCEPTOR, 600_000));
    }

    private static Scenario hungryFlows(String name, Rule rule) {
        Scenario scenario = new Scenario(name, rule).link(5, FAST).memory(1 << 20);
        for (int i = 0; i < 6; i++) {
            scenario.flow(0, bulk(500_000), reading(SILENT, Reading.NEVER, 0, 0));
        }
        return scenario;
    }

    private static Scenario crowd() {
        Scenario scenario =
                new Scenario("a-flow-too-many", Rule.BUSY).link(5, FAST).memory(1 << 20);
        for (int i = 0; i < 40; i++) {
            scenario.flow(10 * i, trickle(10_000, 100), SILENT);
        }
        return scenario.at(5_000, sim -> {
            int flows = sim.hosts().get(1).flows().size();
            return flows == 32 ? null : flows + " flows were admitted where there is room for 32";
        });
    }
}
