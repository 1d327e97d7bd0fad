// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Expectations.at;
import static io.rendr.simulator.Expectations.delivered;
import static io.rendr.simulator.Expectations.unharmed;
import static io.rendr.simulator.Expectations.unmoved;
import static io.rendr.simulator.Expectations.waitedLess;
import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.app;
import static io.rendr.simulator.Scenario.bulk;
import static io.rendr.simulator.Scenario.trickle;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.PathState;
import io.rendr.ResendCause;
import io.rendr.engine.flow.FlowPath;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.MoveKind;
import io.rendr.simulator.Schedule.Side;
import io.rendr.simulator.Schedule.Writing;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Races, bonds, and trees of groups: what they are for, and how they change while the flow lives. */
final class TreeScenarios {
    private static final long FAST = 3_000_000;
    private static final long SLOW = 100_000;

    private TreeScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("a-race-does-not-notice-a-hole", Rule.RACE)
                        .link(10, FAST)
                        .link(15, FAST)
                        .flow(0, bulk(9_000_000), SILENT)
                        .shape(Shape.RACE)
                        .fault(1_000, 5_000, FaultKind.BLACKHOLE, 1)
                        .expect(unmoved())
                        .expect(waitedLess(ACCEPTOR, 60))
                        .figure(
                                "the reader's longest wait, in ms",
                                sim -> sim.end(1, ACCEPTOR).history().longestWaitMs()),
                new Scenario("a-race-of-packets-does-not-notice-a-hole", Rule.RACE)
                        .link(10, FAST)
                        .link(15, FAST)
                        .flow(0, bulk(6_000_000), SILENT)
                        .packets(0)
                        .shape(Shape.RACE)
                        .fault(1_000, 5_000, FaultKind.BLACKHOLE, 1)
                        .at(8_000, delivered(ACCEPTOR, 6_000_000))
                        .expect(unmoved()),
                new Scenario("a-slow-path-costs-a-race-nothing", Rule.RACE)
                        .link(10, FAST)
                        .link(10, 15_000)
                        .flow(0, bulk(6_000_000), SILENT)
                        .shape(Shape.RACE)
                        .at(2_400, delivered(ACCEPTOR, 6_000_000))
                        .expect(unmoved()),
                new Scenario("a-racer-falls-behind-and-dies", Rule.LAGGARD)
                        .link(10, 300_000)
                        .link(10, 30_000)
                        .flow(0, bulk(1_500_000), SILENT)
                        .shape(Shape.RACE)
                        .fault(1_000, 10, FaultKind.RST, 1)
                        .fault(1_020, 15_000, FaultKind.BLACKHOLE, 2)
                        .at(
                                19_000,
                                sim -> sim.end(1, DIALER).flow().counters().resent(ResendCause.RECEIPT_GAP) == 0
                                        ? null
                                        : "what waited for the dead one was found a second later"),
                new Scenario("a-racer-falls-behind-and-is-removed", Rule.LAGGARD)
                        .link(10, 300_000)
                        .link(10, 30_000)
                        .flow(0, bulk(1_500_000), SILENT)
                        .shape(Shape.RACE)
                        .fault(1_000, 10, FaultKind.RST, 1)
                        .move(1_040, DIALER, MoveKind.REMOVE_PATH, 2)
                        .at(
                                19_000,
                                sim -> sim.end(1, DIALER).flow().counters().resent(ResendCause.RECEIPT_GAP) == 0
                                        ? null
                                        : "what waited for the removed one was found a second later"),
                new Scenario("a-bond-adds-up", Rule.BOND)
                        .link(10, 1_000_000)
                        .link(15, 1_000_000)
                        .flow(0, bulk(6_000_000), SILENT)
                        .shape(Shape.BOND)
                        .at(3_700, delivered(ACCEPTOR, 6_000_000))
                        .expect(unmoved())
                        .expect(sentOnce())
                        .figure(
                                "the last byte, in ms",
                                sim -> sim.end(1, ACCEPTOR).history().lastReadAtMs()),
                new Scenario("a-bond-loses-one-of-two", Rule.BOND)
                        .link(10, 1_000_000)
                        .link(15, 1_000_000)
                        .flow(0, bulk(6_000_000), bulk(3_000_000))
                        .shape(Shape.BOND)
                        .fault(1_000, 3_000, FaultKind.BLACKHOLE, 1)
                        .at(6_500, delivered(ACCEPTOR, 6_000_000))
                        .expect(unharmed())
                        .expect(unmoved()),
                new Scenario("a-slow-path-brings-nothing-later", Rule.EARLIEST)
                        .link(200, FAST)
                        .link(5, FAST)
                        .flow(0, app(Writing.PING, 40_000_000, 100_000, 0), app(Writing.PONG, 40_000_000, 100_000, 0))
                        .shape(Shape.BOND)
                        .lasting(8_000)
                        .expect(unmoved())
                        .figure(
                                "microseconds for each KiB that is answered",
                                sim -> 8_000_000 / (1 + at(sim, 1, DIALER) / 1024)),
                new Scenario("a-far-path-adds-to-a-near-one", Rule.BOND)
                        .link(5, 1_000_000)
                        .link(80, 1_000_000)
                        .flow(0, bulk(8_000_000), SILENT)
                        .shape(Shape.BOND)
                        .at(5_500, delivered(ACCEPTOR, 8_000_000)),
                new Scenario("what-is-late-is-duplicated", Rule.DIAL)
                        .link(10, FAST)
                        .link(15, FAST)
                        .flow(0, trickle(8_000, 20), SILENT)
                        .shape(Shape.DIAL)
                        .fault(4_000, 140, FaultKind.STALL, 1)
                        .lasting(6_000)
                        .expect(unmoved())
                        .figure(
                                "the reader's longest wait, in ms",
                                sim -> sim.end(1, ACCEPTOR).history().longestWaitMs()),
                new Scenario("the-bond-dies-and-is-left", Rule.TREE)
                        .link(10, 1_000_000)
                        .link(15, 1_000_000)
                        .link(40, 500_000)
                        .flow(0, bulk(4_000_000), bulk(4_000_000))
                        .shape(Shape.BOND_OR_THIRD)
                        .at(900, carries(DIALER, 1, 2))
                        .at(900, carries(ACCEPTOR, 1, 2))
                        .fault(1_000, 8_000, FaultKind.BLACKHOLE, 1)
                        .fault(1_000, 8_000, FaultKind.BLACKHOLE, 2)
                        .at(5_000, carries(DIALER, 3))
                        .at(5_000, carries(ACCEPTOR, 3))
                        .expect(unharmed()),
                new Scenario("a-migration-into-a-group", Rule.TREE)
                        .link(10, FAST)
                        .link(15, FAST)
                        .link(20, FAST)
                        .flow(0, bulk(20_000_000), bulk(20_000_000))
                        .shape(Shape.BOND_OR_THIRD)
                        .move(1_000, DIALER, MoveKind.MIGRATE, 3)
                        .at(1_500, carries(DIALER, 3))
                        .at(1_500, carries(ACCEPTOR, 3))
                        .move(2_000, DIALER, MoveKind.MIGRATE, 2)
                        .at(2_500, carries(DIALER, 1, 2))
                        .at(2_500, carries(ACCEPTOR, 1, 2))
                        .expect(unharmed()),
                new Scenario("a-tree-changes-under-load", Rule.TREE)
                        .link(10, 1_000_000)
                        .link(15, 1_000_000)
                        .flow(0, bulk(9_000_000), bulk(9_000_000))
                        .target(1_000, DIALER, 12, Shape.RACE)
                        .at(1_500, carries(ACCEPTOR, 1, 2))
                        .target(2_000, DIALER, 21, Shape.BOND)
                        .target(3_000, ACCEPTOR, 12, Shape.SELECTOR)
                        .at(3_500, carries(DIALER, 1, 2))
                        .target(4_000, DIALER, 12, Shape.SELECTOR)
                        .at(
                                4_500,
                                sim -> carriers(sim, ACCEPTOR).size() == 1
                                        ? null
                                        : "the acceptor sends over " + carriers(sim, ACCEPTOR))
                        .expect(unharmed()));
    }

    private static List<String> carriers(Simulation sim, Side side) {
        return sim.end(1, side).flow().pathList().stream()
                .filter(path -> path.state() == PathState.ACTIVE)
                .map(FlowPath::name)
                .sorted()
                .toList();
    }

    private static Function<Simulation, @Nullable String> carries(Side side, int... links) {
        List<String> wanted = IntStream.of(links).mapToObj(link -> "p" + link).toList();
        return sim -> carriers(sim, side).equals(wanted)
                ? null
                : side + " sends over " + carriers(sim, side) + ", and not over " + wanted;
    }

    private static Function<Simulation, @Nullable String> sentOnce() {
        return sim -> {
            long again = sim.end(1, DIALER).flow().counters().totalResent();
            return again == 0 ? null : again + " bytes were sent again";
        };
    }
}
