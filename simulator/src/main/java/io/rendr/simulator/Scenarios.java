// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.app;
import static io.rendr.simulator.Scenario.bulk;
import static io.rendr.simulator.Scenario.fin;
import static io.rendr.simulator.Scenario.reading;
import static io.rendr.simulator.Scenario.trickle;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.FlowAbortedException;
import io.rendr.FlowRefusedException;
import io.rendr.MigrationBudgetExceededException;
import io.rendr.MigrationCause;
import io.rendr.PathState;
import io.rendr.PeerRestartedException;
import io.rendr.RendrException;
import io.rendr.ResendCause;
import io.rendr.ZombiePeerException;
import io.rendr.engine.flow.FlowPath;
import io.rendr.simulator.Schedule.Admission;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.MoveKind;
import io.rendr.simulator.Schedule.Reading;
import io.rendr.simulator.Schedule.Side;
import io.rendr.simulator.Schedule.Writing;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** All named scenarios: for each rule without which something waits too long, a world in which that shows. */
final class Scenarios {
    private static final long SLOW = 300_000;
    private static final long FAST = 3_000_000;

    private Scenarios() {}

    static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>();
        all.addAll(bytes());
        all.addAll(silence());
        all.addAll(dialing());
        all.addAll(steering());
        all.addAll(ending());
        return all;
    }

    // ---- bytes and credit

    private static List<Scenario> bytes() {
        return List.of(
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
                new Scenario("a-tarpit-keeps-nobody-from-the-other-paths", Rule.REDIAL)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(1_000, bulk(100_000), SILENT)
                        .fault(0, 60_000, FaultKind.TARPIT, 1)
                        .at(6_000, delivered(ACCEPTOR, 100_000)),
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
                new Scenario("two-flows-share-a-small-pool", Rule.POOL_GUARD)
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

    // ---- silence

    private static List<Scenario> silence() {
        return List.of(
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
                new Scenario("black-hole-back", Rule.PROBE_OTHERS)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 10_000, FaultKind.BLACKHOLE_BACK, 1)
                        .expect(sim -> firstMove(sim, DIALER, MigrationCause.DEATH, 3_000, 3_750)),
                new Scenario("a-pause-of-the-peer-moves-nothing", Rule.PEER_STALL)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 900, FaultKind.HOST_STALL, 1)
                        .expect(unmoved()),
                flapping(),
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
                slow(20_000, 1, 4 << 20),
                slow(20_000, 150, 1),
                slow(100_000, 20, 256 << 10),
                slow(400_000, 1, 4 << 20),
                new Scenario("flows-that-share-a-slow-link-stay", Rule.RECEIPTS)
                        .link(5, 40_000)
                        .link(5, 40_000)
                        .flow(0, bulk(200_000), bulk(200_000))
                        .flow(1_000, trickle(20_000, 50), bulk(200_000))
                        .flow(2_000, app(Writing.BURSTS, 100_000, 30_000, 3_000), trickle(20_000, 50))
                        .flow(3_000, bulk(200_000), SILENT)
                        .lasting(30_000)
                        .expect(unmoved()),
                new Scenario("the-first-bytes-wait-behind-other-flows", Rule.RECEIPTS)
                        .link(1, 50_000)
                        .flow(0, bulk(400_000), SILENT)
                        .flow(0, bulk(400_000), SILENT)
                        .flow(0, bulk(400_000), SILENT)
                        .link(3, FAST)
                        .flow(0, bulk(300_000), SILENT)
                        .expect(sim -> sim.end(4, DIALER).history().moves().isEmpty() ? null : "the flow moved"),
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
                new Scenario("rescue-of-the-oldest-bytes", Rule.SUSPICION_COPY)
                        .link(20, FAST)
                        .link(150, FAST)
                        .flow(0, trickle(1_000_000, 20), SILENT)
                        .fault(3_000, 3_000, FaultKind.BLACKHOLE, 1)
                        .expect(waitedLess(ACCEPTOR, 450)),
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
                                        : "there was nothing to limit"));
    }

    /** Bulk both ways over slow links: nothing but a fault moves a flow, however long its receipts wait. */
    private static Scenario slow(int rate, int delayMs, int buffer) {
        return new Scenario("bulk-over-a-slow-link-" + rate + "-" + delayMs, Rule.RECEIPTS)
                .link(delayMs, rate)
                .buffer(buffer)
                .link(delayMs, FAST)
                .flow(0, bulk(20 * rate), bulk(20 * rate))
                .lasting(25_000)
                .expect(unmoved())
                .expect(sim -> sim.end(1, DIALER).flow().counters().spuriousSuspicions() == 0
                        ? null
                        : "the slow link was suspected");
    }

    /** Many short stops at odd moments, so that timers and reads meet in every order. */
    private static Scenario ownPauses() {
        Scenario scenario = new Scenario("own-pauses-move-nothing", Rule.LATE_LOOP)
                .link(20, FAST)
                .link(30, FAST)
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
                .at(59_000, carriersKept());
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

    // ---- dialing

    private static List<Scenario> dialing() {
        return List.of(
                new Scenario("redial-after-reset", Rule.REDIAL)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .expect(waitedLess(ACCEPTOR, 1_500)),
                new Scenario("connects-that-hang", Rule.CONNECT_TIMEOUT)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 6_000, FaultKind.CONNECT_HANG, 1)
                        .expect(waitedLess(ACCEPTOR, 11_000)),
                new Scenario("carriers-that-swallow-the-handshake", Rule.ATTACH_TIMEOUT)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .lasting(30_000)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 4_000, FaultKind.CONNECT_MUTE, 1)
                        .expect(waitedLess(ACCEPTOR, 13_000)),
                new Scenario("the-first-path-does-not-answer", Rule.HELLO_RETRY)
                        .link(20, FAST)
                        .link(40, FAST)
                        .fault(0, 19_000, FaultKind.BLACKHOLE, 1)
                        .flow(0, bulk(100_000), SILENT)
                        .at(1_500, delivered(ACCEPTOR, 100_000)),
                new Scenario("eager-bytes-do-not-wait", Rule.EAGER)
                        .link(50, FAST)
                        .flow(0, Admission.DEFERRED, true, bulk(1_000), SILENT)
                        .at(
                                600,
                                sim -> sim.end(1, ACCEPTOR)
                                                        .flow()
                                                        .receiveBuffer()
                                                        .available()
                                                == 1_000
                                        ? null
                                        : "the bytes waited for the peer's admission"),
                new Scenario("a-refused-dial", Rule.REFUSED)
                        .link(20, FAST)
                        .flow(0, Admission.REFUSED, false, bulk(1_000), SILENT)
                        .expect(failedBy(DIALER, FlowRefusedException.class, 0, 2_000)),
                new Scenario("a-balancer-before-two-acceptors", Rule.WRONG_INSTANCE)
                        .link(20, FAST)
                        .link(20, FAST)
                        .balanced()
                        .flow(0, bulk(30_000_000), SILENT)
                        .lasting(40_000)
                        .fault(3_000, 10, FaultKind.RST, 2)
                        .fault(6_000, 10, FaultKind.RST, 2)
                        .fault(9_000, 10, FaultKind.RST, 2)
                        .fault(12_000, 10, FaultKind.RST, 2)
                        .fault(15_000, 10, FaultKind.RST, 2)
                        .fault(18_000, 10, FaultKind.RST, 2)
                        .at(35_000, usable(DIALER, 2)),
                new Scenario("the-peer-restarted", Rule.PEER_RESTART)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 500, FaultKind.HOST_CRASH, 1)
                        .expect(failedBy(DIALER, PeerRestartedException.class, 3_000, 12_000)));
    }

    // ---- steering

    private static List<Scenario> steering() {
        return List.of(
                new Scenario("migrate-and-the-peer-follows", Rule.POLICY)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), bulk(30_000_000))
                        .move(3_000, DIALER, MoveKind.MIGRATE, 2)
                        .at(3_500, active(DIALER, 2))
                        .at(4_000, active(ACCEPTOR, 2))
                        .expect(sim -> sim.end(1, DIALER).flow().counters().totalResent() == 0
                                ? null
                                : "an explicit migration re-sent bytes"),
                new Scenario("migrate-at-the-acceptor", Rule.MIGRATE)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), bulk(30_000_000))
                        .move(3_000, ACCEPTOR, MoveKind.MIGRATE, 2)
                        .at(4_000, active(ACCEPTOR, 2)),
                new Scenario("migrate-to-a-silent-path-fails", Rule.MIGRATE_REFUSED)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, trickle(1_000_000, 20), SILENT)
                        .fault(2_950, 16_000, FaultKind.BLACKHOLE, 2)
                        .move(3_000, DIALER, MoveKind.MIGRATE, 2)
                        .at(
                                6_000,
                                sim -> sim.end(1, DIALER).history().refusals().isEmpty()
                                        ? "migrate to a silent path did not fail"
                                        : null)
                        .at(6_000, active(DIALER, 1)),
                new Scenario("a-path-is-added", Rule.ADD_PATH)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .over(1)
                        .move(2_000, DIALER, MoveKind.ADD_PATH, 2)
                        .at(3_000, answered(DIALER))
                        .at(3_000, usable(DIALER, 2))
                        .at(3_000, usable(ACCEPTOR, 2)),
                new Scenario("a-path-is-removed-before-it-was-there", Rule.ADD_PATH)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .over(1)
                        .fault(1_900, 5_000, FaultKind.CONNECT_HANG, 2)
                        .move(2_000, DIALER, MoveKind.ADD_PATH, 2)
                        .move(2_500, DIALER, MoveKind.REMOVE_PATH, 2)
                        .at(
                                2_600,
                                sim -> sim.end(1, DIALER).history().refusals().size() == 1
                                        ? null
                                        : "whoever added the path waits for ever"),
                new Scenario("the-active-path-is-removed", Rule.REMOVE_PATH)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .move(2_000, DIALER, MoveKind.REMOVE_PATH, 1)
                        .at(
                                5_000,
                                sim -> sim.end(1, DIALER).flow().pathList().size() == 1
                                                && sim.end(1, ACCEPTOR)
                                                                .flow()
                                                                .pathList()
                                                                .size()
                                                        == 1
                                        ? null
                                        : "the removed path is still there")
                        .at(5_000, active(DIALER, 2)),
                new Scenario("the-network-changed", Rule.REDIAL)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .lasting(30_000)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 12_000, FaultKind.CONNECT_REFUSED, 1)
                        .move(14_950, DIALER, MoveKind.NETWORK_CHANGED, 1)
                        .expect(waitedLess(ACCEPTOR, 12_500)));
    }

    // ---- ending

    private static List<Scenario> ending() {
        return List.of(
                new Scenario("half-close", Rule.HALF_CLOSE)
                        .link(20, FAST)
                        .flow(0, fin(bulk(100_000)), trickle(1_000, 200))
                        .at(
                                10_000,
                                sim -> at(sim, 1, DIALER) == 980 || at(sim, 1, DIALER) == 1_000
                                        ? null
                                        : "the other direction ended too: " + at(sim, 1, DIALER))
                        .at(2_000, sim -> sawEnd(sim, ACCEPTOR) ? null : "the end was not told"),
                new Scenario("close-delivers-the-tail", Rule.LINGER)
                        .link(20, FAST)
                        .link(20, FAST)
                        .flow(0, bulk(1_000_000), SILENT)
                        .move(300, DIALER, MoveKind.CLOSE, 0)
                        .fault(250, 6_000, FaultKind.BLACKHOLE, 1)
                        .fault(250, 6_000, FaultKind.BLACKHOLE, 2)
                        .expect(sim ->
                                at(sim, 1, ACCEPTOR) == sim.end(1, DIALER).app().written()
                                        ? null
                                        : "the tail is missing"),
                new Scenario("stop-ends-the-peers-writes", Rule.STOP)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .move(3_000, ACCEPTOR, MoveKind.SHUT_INPUT, 0)
                        .at(
                                4_000,
                                sim -> sim.end(1, DIALER).flow().isWriteStopped() ? null : "the writer was not told"),
                new Scenario("stop-that-comes-twice", Rule.STOP)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), reading(SILENT, Reading.NEVER, 0, 0))
                        .move(3_000, ACCEPTOR, MoveKind.SHUT_INPUT, 0)
                        .fault(2_990, 100, FaultKind.BLACKHOLE_FORWARD, 1)
                        .fault(3_050, 10, FaultKind.RST, 1)
                        .at(
                                6_000,
                                sim -> sim.end(1, DIALER).flow().isOutputConsumed()
                                        ? null
                                        : "the writer still waits for the end to be read"),
                new Scenario("abort-reaches-the-peer", Rule.ABORT)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .move(3_000, DIALER, MoveKind.ABORT, 77)
                        .expect(failedBy(ACCEPTOR, FlowAbortedException.class, 3_000, 4_000))
                        .expect(sim ->
                                sim.end(1, ACCEPTOR).failure() instanceof FlowAbortedException e && e.code() == 77
                                        ? null
                                        : "without its code"),
                new Scenario("abort-survives-the-death-of-its-path", Rule.SLOT_REPAIR)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, trickle(1_000_000, 50), SILENT)
                        .fault(2_990, 15_000, FaultKind.BLACKHOLE, 1)
                        .move(3_000, DIALER, MoveKind.ABORT, 77)
                        .expect(failedBy(ACCEPTOR, FlowAbortedException.class, 3_000, 5_000)),
                new Scenario("acceptance-survives-the-death-of-its-path", Rule.SLOT_REPAIR)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, Admission.DEFERRED, false, bulk(1_000), SILENT)
                        .fault(700, 15_000, FaultKind.BLACKHOLE, 1)
                        .at(4_000, delivered(ACCEPTOR, 1_000)),
                new Scenario("late-attach-to-an-ended-flow", Rule.TOMBSTONE)
                        .link(20, FAST)
                        .flow(0, trickle(1_000_000, 50), SILENT)
                        .lasting(40_000)
                        .fault(2_900, 6_000, FaultKind.BLACKHOLE, 1)
                        .move(3_000, ACCEPTOR, MoveKind.ABORT, 77)
                        .expect(failedBy(DIALER, FlowAbortedException.class, 3_000, 17_000)),
                new Scenario("back-within-the-budget", Rule.RESUME)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), bulk(30_000_000))
                        .lasting(60_000)
                        .fault(3_000, 25_000, FaultKind.BLACKHOLE, 1)
                        .fault(3_000, 25_000, FaultKind.BLACKHOLE, 2)
                        .expect(sim -> sim.end(1, DIALER).failure() == null
                                        && sim.end(1, ACCEPTOR).failure() == null
                                ? null
                                : "it failed")
                        .expect(waitedLess(ACCEPTOR, 36_000)),
                new Scenario("beyond-the-budget", Rule.BUDGET)
                        .link(20, FAST)
                        .link(30, FAST)
                        .budget(10_000)
                        .flow(0, bulk(30_000_000), bulk(30_000_000))
                        .lasting(60_000)
                        .fault(3_000, 55_000, FaultKind.BLACKHOLE, 1)
                        .fault(3_000, 55_000, FaultKind.BLACKHOLE, 2)
                        .expect(failedBy(DIALER, MigrationBudgetExceededException.class, 13_000, 15_000))
                        .expect(failedBy(ACCEPTOR, MigrationBudgetExceededException.class, 18_000, 20_000)),
                new Scenario("moves-without-progress", Rule.ZOMBIE)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .lasting(60_000)
                        .fault(3_000, 55_000, FaultKind.MTU, 1)
                        .fault(3_000, 55_000, FaultKind.MTU, 2)
                        .expect(failedBy(DIALER, ZombiePeerException.class, 4_000, 33_000)),
                new Scenario("attached-is-not-answered", Rule.HOLD)
                        .link(20, FAST)
                        .budget(10_000)
                        .flow(0, trickle(1_000_000, 50), trickle(1_000_000, 50))
                        .lasting(60_000)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 55_000, FaultKind.TARPIT, 1)
                        .expect(failedBy(DIALER, MigrationBudgetExceededException.class, 13_000, 15_000)));
    }

    // ---- what is asked

    private static long at(Simulation sim, int flow, Side side) {
        Application app = sim.end(flow, side).app();
        return app == null ? 0 : app.read();
    }

    private static boolean sawEnd(Simulation sim, Side side) {
        Application app = sim.end(1, side).app();
        return app != null && app.sawEnd();
    }

    private static Function<Simulation, @Nullable String> delivered(Side side, long bytes) {
        return sim -> at(sim, 1, side) >= bytes
                ? null
                : "only " + at(sim, 1, side) + " of " + bytes + " bytes were read by now";
    }

    private static Function<Simulation, @Nullable String> unmoved() {
        return sim -> {
            int moves = sim.end(1, DIALER).history().moves().size()
                    + sim.end(1, ACCEPTOR).history().moves().size();
            return moves == 0 ? null : "the flow moved " + moves + " times";
        };
    }

    private static @Nullable String firstMove(Simulation sim, Side side, MigrationCause cause, long from, long to) {
        List<History.Moved> moves = sim.end(1, side).history().moves();
        if (moves.isEmpty()) {
            return "the flow did not move";
        }
        History.Moved first = moves.get(0);
        return first.cause() == cause && first.atMs() >= from && first.atMs() <= to
                ? null
                : "the first move was " + first;
    }

    private static Function<Simulation, @Nullable String> carriersKept() {
        return sim -> sim.end(1, DIALER).flow().counters().snapshot().carriersLost() == 0
                ? null
                : "the dialer gave carriers up";
    }

    private static Function<Simulation, @Nullable String> waitedLess(Side side, long ms) {
        return sim -> {
            long waited = sim.end(1, side).history().longestWaitMs();
            return waited <= ms ? null : "the reader waited " + waited + " ms";
        };
    }

    private static Function<Simulation, @Nullable String> failedBy(
            Side side, Class<? extends RendrException> type, long from, long to) {
        return sim -> {
            FlowEnd end = sim.end(1, side);
            long at = end.history().endedAtMs();
            boolean typed = type.isInstance(end.failure());
            return typed && at >= from && at <= to
                    ? null
                    : side + " ended at " + at + " ms with " + end.failure() + ", expected was " + type.getSimpleName()
                            + " between " + from + " and " + to + " ms";
        };
    }

    private static Function<Simulation, @Nullable String> active(Side side, int link) {
        return sim -> {
            FlowPath path = sim.end(1, side).pathOver(link);
            boolean is = path != null && sim.end(1, side).flow().activePath() == path.id();
            return is
                    ? null
                    : side + ": link " + link + " is not active: "
                            + sim.end(1, side).describe();
        };
    }

    private static Function<Simulation, @Nullable String> usable(Side side, int link) {
        return sim -> {
            FlowPath path = sim.end(1, side).pathOver(link);
            PathState state = path == null ? null : path.state();
            return state != null && state.isUsable() ? null : side + ": link " + link + " is " + state;
        };
    }

    private static Function<Simulation, @Nullable String> answered(Side side) {
        return sim -> sim.end(1, side).history().answers().isEmpty() ? "the request was not carried out by now" : null;
    }
}
