// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Expectations.at;
import static io.rendr.simulator.Expectations.delivered;
import static io.rendr.simulator.Expectations.failedBy;
import static io.rendr.simulator.Expectations.sawEnd;
import static io.rendr.simulator.Expectations.unharmed;
import static io.rendr.simulator.Expectations.waitedLess;
import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.bulk;
import static io.rendr.simulator.Scenario.fin;
import static io.rendr.simulator.Scenario.reading;
import static io.rendr.simulator.Scenario.trickle;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.FlowAbortedException;
import io.rendr.MigrationBudgetExceededException;
import io.rendr.ZombiePeerException;
import io.rendr.simulator.Schedule.Admission;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.MoveKind;
import io.rendr.simulator.Schedule.Reading;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How flows end, and what must not end them. */
final class EndingScenarios {
    private static final long SLOW = 300_000;
    private static final long FAST = 3_000_000;

    private EndingScenarios() {}

    static List<Scenario> all() {
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
                new Scenario("one-end-is-done-long-before", Rule.CLEAN_END)
                        .link(20, SLOW)
                        .flow(0, fin(bulk(1_000)), fin(bulk(2_000_000)))
                        .at(15_000, delivered(DIALER, 2_000_000)),
                new Scenario("nobody-reads-the-tail", Rule.LINGER_END)
                        .link(20, FAST)
                        .flow(0, bulk(3_000_000), reading(SILENT, Reading.NEVER, 0, 0))
                        .lasting(40_000)
                        .move(2_000, DIALER, MoveKind.CLOSE, 0)
                        .expect(failedBy(DIALER, FlowAbortedException.class, 31_900, 33_000)),
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
                        .move(5_000, ACCEPTOR, MoveKind.CLOSE, 0)
                        .move(5_000, DIALER, MoveKind.CLOSE, 0)
                        .at(6_000, sim -> sim.end(1, DIALER).isOver() ? null : "the writer's end never comes"),
                new Scenario("what-the-peer-drops-was-not-read", Rule.FINISH)
                        .link(20, FAST)
                        .flow(0, fin(bulk(100_000)), reading(SILENT, Reading.NEVER, 0, 0))
                        .move(3_000, ACCEPTOR, MoveKind.SHUT_INPUT, 0)
                        .at(
                                4_000,
                                sim -> sim.end(1, DIALER).flow().isOutputRefused() ? null : "the writer was not told"),
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
                new Scenario("an-impostor-says-that-the-flow-has-ended", Rule.PROVEN_REFUSAL)
                        .link(20, FAST)
                        .flow(0, trickle(1_000_000, 50), SILENT)
                        .fault(2_900, 3_000, FaultKind.IMPOSTOR, 1)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .expect(waitedLess(ACCEPTOR, 6_000)),
                new Scenario("back-within-the-budget-again", Rule.RESUME)
                        .link(20, FAST)
                        .budget(20_000)
                        .flow(0, trickle(1_000_000, 50), SILENT)
                        .lasting(50_000)
                        .fault(3_000, 6_000, FaultKind.BLACKHOLE, 1)
                        .fault(20_000, 6_000, FaultKind.BLACKHOLE, 1)
                        .expect(unharmed()),
                new Scenario("the-smaller-budget-counts", Rule.BUDGET_AGREED)
                        .link(20, FAST)
                        .budget(30_000)
                        .acceptorBudget(10_000)
                        .flow(0, trickle(1_000_000, 50), trickle(1_000_000, 50))
                        .lasting(60_000)
                        .fault(3_000, 55_000, FaultKind.BLACKHOLE, 1)
                        .expect(failedBy(DIALER, MigrationBudgetExceededException.class, 13_000, 15_000)),
                vainMovesAndProgress(),
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
                        .expect(failedBy(DIALER, ZombiePeerException.class, 4_000, 50_000))
                        .expect(endedSoonAfterMove(3)),
                new Scenario("attached-is-not-answered", Rule.HOLD)
                        .link(20, FAST)
                        .budget(10_000)
                        .flow(0, trickle(1_000_000, 50), trickle(1_000_000, 50))
                        .lasting(60_000)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 55_000, FaultKind.TARPIT, 1)
                        .expect(failedBy(DIALER, MigrationBudgetExceededException.class, 13_000, 15_000)));
    }

    /** Two moves in vain, then progress, again and again within the time that moves in vain are remembered. */
    private static Scenario vainMovesAndProgress() {
        Scenario scenario = new Scenario("vain-moves-with-progress-between", Rule.ZOMBIE_SPARES)
                .link(20, FAST)
                .link(30, FAST)
                .lasting(60_000)
                .flow(0, bulk(60_000_000), SILENT);
        for (int i = 0; i < 5; i++) {
            scenario.fault(3_000 + 10_000 * i, 6_000, FaultKind.BLACKHOLE, 1 + i % 2);
            scenario.fault(3_000 + 10_000 * i, 6_000, FaultKind.MTU, 2 - i % 2);
        }
        return scenario.expect(unharmed());
    }

    /** When paths move is for redials and their pauses to say; a move too many has a second to bring progress. */
    private static Function<Simulation, @Nullable String> endedSoonAfterMove(int count) {
        return sim -> {
            History history = sim.end(1, DIALER).history();
            long after = history.endedAtMs() - history.moves().get(count - 1).atMs();
            return after <= 1_100 ? null : "the dialer ended " + after + " ms after move " + count;
        };
    }
}
