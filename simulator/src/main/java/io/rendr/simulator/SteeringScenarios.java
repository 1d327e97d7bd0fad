// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Expectations.active;
import static io.rendr.simulator.Expectations.answered;
import static io.rendr.simulator.Expectations.gone;
import static io.rendr.simulator.Expectations.usable;
import static io.rendr.simulator.Expectations.waitedLess;
import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.bulk;
import static io.rendr.simulator.Scenario.trickle;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.MoveKind;
import java.util.List;

/** What applications ask of the paths of a flow. */
final class SteeringScenarios {
    private static final long SLOW = 300_000;
    private static final long FAST = 3_000_000;

    private SteeringScenarios() {}

    static List<Scenario> all() {
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
                new Scenario("a-policy-that-comes-late", Rule.EPOCH)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, trickle(1_000_000, 20), trickle(1_000_000, 20))
                        .move(2_900, DIALER, MoveKind.MIGRATE, 2)
                        .fault(2_935, 1_500, FaultKind.STALL, 2)
                        .at(4_000, active(DIALER, 1))
                        .at(5_500, active(ACCEPTOR, 1)),
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
                new Scenario("the-last-path-stays", Rule.LAST_PATH)
                        .link(20, FAST)
                        .flow(0, trickle(1_000_000, 20), SILENT)
                        .move(2_000, DIALER, MoveKind.REMOVE_PATH, 1)
                        .at(
                                3_000,
                                sim -> sim.end(1, DIALER).history().refusals().size() == 1
                                        ? null
                                        : "the last path was removed"),
                new Scenario("a-path-is-removed-and-added", Rule.PATH_IDS)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, trickle(1_000_000, 20), SILENT)
                        .move(2_000, DIALER, MoveKind.REMOVE_PATH, 2)
                        .move(6_000, DIALER, MoveKind.ADD_PATH, 2)
                        .at(8_000, usable(DIALER, 2))
                        .at(8_000, usable(ACCEPTOR, 2)),
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
                new Scenario("another-target", Rule.TARGET)
                        .link(20, FAST)
                        .link(30, FAST)
                        .link(40, FAST)
                        .lasting(30_000)
                        .flow(0, bulk(30_000_000), SILENT)
                        .over(1, 2)
                        .move(2_000, DIALER, MoveKind.SET_TARGET, 302)
                        .at(3_000, gone(DIALER, 1))
                        .at(3_500, gone(ACCEPTOR, 1))
                        .at(9_000, active(DIALER, 3)),
                new Scenario("a-target-that-does-not-answer", Rule.TARGET)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, trickle(1_000_000, 50), SILENT)
                        .over(1)
                        .fault(1_000, 6_000, FaultKind.BLACKHOLE, 2)
                        .move(2_000, DIALER, MoveKind.SET_TARGET, 2)
                        .at(
                                5_000,
                                sim -> sim.end(1, DIALER).judge().isHeld() ? "the flow was left without a path" : null)
                        .at(13_000, active(DIALER, 2))
                        .at(13_000, gone(DIALER, 1)),
                new Scenario("a-target-names-a-path-on-trial", Rule.TARGET)
                        .link(20, FAST)
                        .link(30, FAST)
                        .lasting(30_000)
                        .flow(0, trickle(1_000_000, 50), SILENT)
                        .over(1)
                        .fault(1_000, 6_000, FaultKind.CONNECT_REFUSED, 2)
                        .fault(2_050, 10, FaultKind.STALL, 2)
                        .move(2_000, DIALER, MoveKind.ADD_PATH, 2)
                        .move(2_010, DIALER, MoveKind.SET_TARGET, 21)
                        .at(
                                2_500,
                                sim -> sim.end(1, DIALER).history().refusals().size() == 1
                                        ? null
                                        : "whoever added the path was not told that it cannot be reached")
                        .at(12_000, usable(DIALER, 2)),
                new Scenario("the-acceptors-own-target-is-overruled", Rule.EPOCH)
                        .link(20, FAST)
                        .link(30, FAST)
                        .link(40, FAST)
                        .flow(0, trickle(1_000_000, 50), trickle(1_000_000, 50))
                        .move(2_000, ACCEPTOR, MoveKind.SET_TARGET, 2301)
                        .move(4_000, DIALER, MoveKind.REMOVE_PATH, 3)
                        .at(8_000, active(ACCEPTOR, 1)),
                new Scenario("the-network-changed", Rule.NETWORK_CHANGED)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .lasting(30_000)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 12_000, FaultKind.CONNECT_REFUSED, 1)
                        .move(14_950, DIALER, MoveKind.NETWORK_CHANGED, 1)
                        .expect(waitedLess(ACCEPTOR, 12_500)));
    }
}
