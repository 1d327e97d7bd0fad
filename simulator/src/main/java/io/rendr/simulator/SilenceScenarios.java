// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Expectations.active;
import static io.rendr.simulator.Expectations.carriersKept;
import static io.rendr.simulator.Expectations.firstMove;
import static io.rendr.simulator.Expectations.firstMoveAt;
import static io.rendr.simulator.Expectations.unmoved;
import static io.rendr.simulator.Expectations.waitedLess;
import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.app;
import static io.rendr.simulator.Scenario.bulk;
import static io.rendr.simulator.Scenario.trickle;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.MigrationCause;
import io.rendr.PathState;
import io.rendr.engine.flow.FlowPath;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.Writing;
import java.util.List;

/** Paths that fall silent, stall, flap, or are better than others. */
final class SilenceScenarios {
    private static final long SLOW = 300_000;
    private static final long FAST = 3_000_000;

    private SilenceScenarios() {}

    static List<Scenario> all() {
        return List.of(
                ownSleep(),
                new Scenario("suspicion-on-a-short-link", Rule.SUSPECT)
                        .link(1, FAST)
                        .link(1, FAST)
                        .flow(0, trickle(1_000_000, 10), SILENT)
                        .fault(3_000, 5_000, FaultKind.BLACKHOLE, 1)
                        .expect(sim -> firstMove(sim, DIALER, MigrationCause.DEATH, 3_000, 3_165)),
                new Scenario("one-way-black-hole-on-a-short-link", Rule.SUSPECT)
                        .link(1, FAST)
                        .link(1, FAST)
                        .flow(0, trickle(1_000_000, 10), trickle(1_000_000, 10))
                        .fault(3_000, 5_000, FaultKind.BLACKHOLE_FORWARD, 1)
                        .expect(sim -> firstMove(sim, DIALER, MigrationCause.DEATH, 3_000, 3_165)),
                new Scenario("one-way-black-hole-against-bulk", Rule.SUSPECT)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), bulk(30_000_000))
                        .fault(3_000, 5_000, FaultKind.BLACKHOLE_FORWARD, 1)
                        .expect(sim -> firstMove(sim, DIALER, MigrationCause.DEATH, 3_000, 3_700)),
                new Scenario("one-way-black-hole-on-a-slow-link", Rule.SUSPECT)
                        .link(20, 50_000)
                        .link(30, 50_000)
                        .flow(0, bulk(3_000_000), bulk(3_000_000))
                        .fault(3_000, 9_000, FaultKind.BLACKHOLE_FORWARD, 1)
                        .expect(sim -> firstMove(sim, DIALER, MigrationCause.DEATH, 3_000, 5_000)),
                new Scenario("bulk-leaves-a-silent-path", Rule.MOVE_FROM_SUSPECT)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 10_000, FaultKind.BLACKHOLE, 1)
                        .expect(sim -> firstMove(sim, DIALER, MigrationCause.DEATH, 3_000, 4_000)),
                new Scenario("one-way-black-hole", Rule.SUSPECT)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 10_000, FaultKind.BLACKHOLE_FORWARD, 1)
                        .expect(sim -> firstMove(sim, DIALER, MigrationCause.DEATH, 3_000, 4_000)),
                new Scenario("a-half-that-still-speaks", Rule.LIFE)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), trickle(1_000_000, 20))
                        .fault(3_000, 10_000, FaultKind.BLACKHOLE_FORWARD, 1)
                        .figure("the move, in ms after the fault,", sim -> firstMoveAt(sim) - 3_000),
                new Scenario("three-of-four-share-a-fate", Rule.FATE)
                        .link(20, FAST)
                        .fate(1)
                        .link(20, FAST)
                        .fate(1)
                        .link(20, FAST)
                        .fate(1)
                        .link(20, FAST)
                        .fate(2)
                        .flow(0, trickle(1_000_000, 20), SILENT)
                        .fault(3_300, 10_000, FaultKind.BLACKHOLE, 1)
                        .fault(3_300, 10_000, FaultKind.BLACKHOLE, 2)
                        .fault(3_300, 10_000, FaultKind.BLACKHOLE, 3)
                        .figure("the move, in ms after the fault,", sim -> firstMoveAt(sim) - 3_300),
                flappingPath(),
                flapping(),
                new Scenario("only-one-end-hears-of-a-reset", Rule.PATH_STATE)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), bulk(30_000_000))
                        .fault(3_100, 10, FaultKind.RST_ONE_END, 1)
                        .figure(
                                "the reader's longest wait, in ms,",
                                sim -> Math.max(
                                        sim.end(1, ACCEPTOR).history().longestWaitMs(),
                                        sim.end(1, DIALER).history().longestWaitMs())),
                new Scenario("a-silent-standby-is-given-up", Rule.DEAD_BY_SILENCE)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, trickle(1_000_000, 50), SILENT)
                        .fault(3_000, 16_000, FaultKind.BLACKHOLE, 2)
                        .at(14_000, sim -> {
                            FlowPath path = sim.end(1, ACCEPTOR).pathOver(2);
                            return path != null && path.state() == PathState.DOWN
                                    ? null
                                    : "the path is " + (path == null ? "not known" : path.state());
                        }),
                new Scenario("one-of-three-answers", Rule.PROBE_OTHERS)
                        .link(20, FAST)
                        .link(30, FAST)
                        .link(40, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_300, 10_000, FaultKind.BLACKHOLE, 1)
                        .fault(3_300, 10_000, FaultKind.BLACKHOLE, 2)
                        .figure("the move, in ms after the fault,", sim -> firstMoveAt(sim) - 3_300),
                new Scenario("a-closer-backup-waits-for-a-preferred-path", Rule.BACKUP)
                        .link(20, FAST)
                        .link(60, FAST)
                        .backup(5, FAST)
                        .flow(0, bulk(30_000_000), bulk(30_000_000))
                        .fault(3_300, 10_000, FaultKind.BLACKHOLE, 1)
                        .at(6_000, active(DIALER, 2))
                        .at(6_000, active(ACCEPTOR, 2)),
                new Scenario("a-backup-waits-no-longer-than-a-time-out", Rule.BACKUP)
                        .link(20, FAST)
                        .link(60, FAST)
                        .backup(5, FAST)
                        .flow(0, trickle(1_000_000, 1_000), SILENT)
                        .fault(3_500, 10_000, FaultKind.BLACKHOLE, 1)
                        .fault(3_500, 10_000, FaultKind.BLACKHOLE, 2)
                        .expect(sim -> firstMove(sim, DIALER, MigrationCause.DEATH, 4_700, 4_950))
                        .at(6_000, active(DIALER, 3)),
                new Scenario("a-backup-is-asked-beside-two-others", Rule.PROBE_OTHERS)
                        .link(20, FAST)
                        .link(60, FAST)
                        .backup(5, FAST)
                        .link(60, FAST)
                        .flow(0, trickle(1_000_000, 1_000), SILENT)
                        .fault(3_500, 10_000, FaultKind.BLACKHOLE, 1)
                        .fault(3_500, 10_000, FaultKind.BLACKHOLE, 2)
                        .fault(3_500, 10_000, FaultKind.BLACKHOLE, 4)
                        .expect(sim -> firstMove(sim, DIALER, MigrationCause.DEATH, 4_700, 4_950))
                        .at(6_000, active(DIALER, 3)),
                new Scenario("a-pause-of-the-peer-moves-nothing", Rule.PEER_STALL)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 900, FaultKind.HOST_STALL, 1)
                        .expect(unmoved()),
                ownPauses(),
                new Scenario("a-link-that-pauses-is-learned", Rule.FALSE_SUSPICION)
                        .link(20, FAST)
                        .flow(0, trickle(200_000, 20), SILENT)
                        .lasting(60_000)
                        .fault(3_000, 350, FaultKind.STALL, 1)
                        .fault(8_000, 350, FaultKind.STALL, 1)
                        .fault(13_000, 350, FaultKind.STALL, 1)
                        .fault(18_000, 350, FaultKind.STALL, 1)
                        .fault(23_000, 350, FaultKind.STALL, 1)
                        .fault(28_000, 350, FaultKind.STALL, 1)
                        .fault(33_000, 350, FaultKind.STALL, 1)
                        .at(50_000, sim -> {
                            long wrong = sim.end(1, DIALER).flow().counters().spuriousSuspicions();
                            return wrong <= 3 ? null : "it was suspected in vain " + wrong + " times";
                        }),
                new Scenario("silent-death-of-the-only-path", Rule.DEAD_BY_SILENCE)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 10, FaultKind.NAT_SILENT, 1)
                        .expect(waitedLess(ACCEPTOR, 5_000)),
                new Scenario("a-carrier-without-room-for-a-probe", Rule.SUSPECT)
                        .link(20, FAST)
                        .buffer(1)
                        .flow(0, SILENT, app(Writing.BURSTS, 40_000, 40_000, 1_000))
                        .fault(1_122, 10, FaultKind.NAT_SILENT, 1)
                        .at(
                                6_000,
                                sim -> sim.end(1, DIALER).history().connects() == 1
                                        ? null
                                        : "the dialer did not find its carrier dead"),
                new Scenario("a-path-that-recovers-keeps-its-carrier", Rule.MAKE_BEFORE_BREAK)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 2_500, FaultKind.STALL, 1)
                        .fault(2_900, 8_000, FaultKind.CONNECT_HANG, 1)
                        .expect(waitedLess(ACCEPTOR, 3_000))
                        .at(
                                15_000,
                                sim -> sim.end(1, DIALER)
                                                        .flow()
                                                        .counters()
                                                        .snapshot()
                                                        .carriersLost()
                                                == 0
                                        ? null
                                        : "the carrier was given up"),
                new Scenario("idle-carriers-are-kept-warm", Rule.KEEP_WARM)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, trickle(100, 100), SILENT)
                        .lasting(180_000)
                        .expect(sim -> {
                            int pings = sim.end(1, DIALER).history().pings();
                            return pings >= 30 && pings <= 60 ? null : pings + " PINGs in three idle minutes";
                        }),
                new Scenario("an-acceptor-forgets-a-vanished-dialer", Rule.ACCEPTOR_PROBE)
                        .link(20, FAST)
                        .flow(0, trickle(100, 100), SILENT)
                        .budget(10_000)
                        .lasting(150_000)
                        .fault(30_000, 119_000, FaultKind.HOST_POWER_LOSS, 0)
                        .at(
                                145_000,
                                sim -> sim.end(1, ACCEPTOR).isOver()
                                        ? null
                                        : "the acceptor still keeps a flow whose dialer is gone"),
                new Scenario("no-fault-no-move", Rule.RECEIPTS)
                        .link(20, SLOW)
                        .link(30, SLOW)
                        .flow(0, bulk(4_000_000), trickle(10_000, 50))
                        .lasting(30_000)
                        .expect(unmoved()),
                new Scenario("backup-carries-nothing-while-another-answers", Rule.BACKUP)
                        .backup(5, FAST)
                        .link(40, FAST)
                        .flow(0, bulk(4_000_000), SILENT)
                        .at(3_000, active(DIALER, 2)),
                new Scenario("failback-from-backup", Rule.FAILBACK)
                        .link(20, FAST)
                        .backup(30, FAST)
                        .flow(0, trickle(1_000_000, 20), SILENT)
                        .lasting(60_000)
                        .fault(3_000, 4_000, FaultKind.BLACKHOLE, 1)
                        .at(5_500, active(DIALER, 2))
                        .at(40_000, active(DIALER, 1))
                        .expect(sim -> sim.end(1, DIALER).history().moves(MigrationCause.QUALITY) == 1
                                ? null
                                : "it did not return once, for quality"),
                new Scenario("armed-quality-finds-the-better-path", Rule.QUALITY)
                        .link(40, FAST)
                        .link(10, FAST)
                        .armed()
                        .flow(0, trickle(1_000_000, 20), SILENT)
                        .lasting(60_000)
                        .at(50_000, active(DIALER, 2)),
                new Scenario("a-path-that-is-hardly-better", Rule.HYSTERESIS)
                        .link(20, FAST)
                        .link(19, FAST)
                        .armed()
                        .flow(0, trickle(1_000_000, 20), SILENT)
                        .lasting(60_000)
                        .expect(unmoved()),
                new Scenario("rescue-of-the-oldest-bytes", Rule.RESCUE)
                        .link(20, FAST)
                        .link(150, FAST)
                        .flow(0, trickle(1_000_000, 20), SILENT)
                        .fault(3_000, 3_000, FaultKind.BLACKHOLE, 1)
                        .expect(waitedLess(ACCEPTOR, 450)));
    }

    /** A pause while an answer is on its way must not look like a link that takes as long. */
    private static Scenario ownSleep() {
        return new Scenario("own-sleep-is-no-round-trip", Rule.LATE_LOOP)
                .link(10, FAST)
                .link(20, FAST)
                .flow(0, trickle(1_000_000, 20), trickle(1_000_000, 20))
                .fault(3_000, 3_000, FaultKind.HOST_STALL, 0)
                .fault(6_005, 5_000, FaultKind.BLACKHOLE, 1)
                .expect(sim -> firstMove(sim, DIALER, MigrationCause.DEATH, 6_005, 6_700));
    }

    /** A link that falls silent for a moment again and again, beside a backup: the flow must not follow each time. */
    private static Scenario flapping() {
        Scenario scenario = new Scenario("a-flapping-path-is-left-for-longer", Rule.PENALTY)
                .link(10, FAST)
                .backup(20, FAST)
                .lasting(150_000)
                .flow(0, trickle(1_000_000, 50), trickle(1_000_000, 50));
        for (int i = 0; i < 15; i++) {
            scenario.fault(3_000 + 9_000 * i, 1_500, FaultKind.BLACKHOLE, 1);
        }
        return scenario.at(140_000, sim -> {
            int moves = sim.end(1, DIALER).history().moves().size();
            return moves <= 12 ? null : "15 pauses moved the flow " + moves + " times";
        });
    }

    /** Falls silent again and again, shortly after the flow has come back to it. */
    private static Scenario flappingPath() {
        Scenario scenario = new Scenario("a-path-that-flaps", Rule.PENALTY)
                .link(20, FAST)
                .backup(30, FAST)
                .lasting(90_000)
                .flow(0, trickle(1_000_000, 20), SILENT);
        for (int i = 0; i < 10; i++) {
            scenario.fault(3_000 + 8_000 * i, 600, FaultKind.BLACKHOLE, 1);
        }
        return scenario.figure(
                "moves", sim -> sim.end(1, DIALER).history().moves().size());
    }

    /** Many short stops at odd moments, so that timers and reads meet in every order. */
    private static Scenario ownPauses() {
        Scenario scenario = new Scenario("own-pauses-move-nothing", Rule.LATE_LOOP)
                .link(50, FAST)
                .link(10, FAST)
                .lasting(60_000)
                .flow(0, trickle(1_000_000, 50), trickle(1_000_000, 50));
        for (int i = 0; i < 40; i++) {
            scenario.fault(3_000 + 1_337 * i, 700 + 7 * i, FaultKind.HOST_STALL, 0);
        }
        return scenario.at(
                        59_000,
                        sim -> sim.end(1, DIALER).history().moves().isEmpty()
                                ? null
                                : "the dialer judged its own sleep")
                .at(59_000, sim -> {
                    long wrong = sim.end(1, DIALER).flow().counters().spuriousSuspicions();
                    return wrong == 0 ? null : "the dialer suspected paths for its own sleep, " + wrong + " times";
                })
                .at(59_000, carriersKept());
    }
}
