// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.trickle;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.PeerRestartedException;
import io.rendr.engine.flow.FlowPath;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.MoveKind;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What flows to one peer owe to each other. */
final class GroupScenarios {
    private static final long FAST = 3_000_000;
    private static final int CROWD = 12;
    /** Just after a flow that was idle has written, before its probes are answered. */
    private static final int WAKES = 48_140;

    private GroupScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("a-new-flow-over-a-known-route", Rule.GROUP_RTT)
                        .link(100, FAST)
                        .link(120, FAST)
                        .flow(0, trickle(1_000_000, 50), SILENT)
                        .flow(10_000, trickle(1_000_000, 200), SILENT)
                        .fault(11_050, 8_000, FaultKind.BLACKHOLE, 1)
                        .expect(unharmed(2))
                        .figure("ms until the new flow leaves the silent path", sim -> firstMoveAt(sim, 2) - 11_050),
                crowd("a-crowd-before-a-door-that-hangs", Rule.GROUP_REDIALS, trickle(1_000_000, 50))
                        .lasting(40_000)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 15_000, FaultKind.CONNECT_HANG, 1)
                        .expect(unharmed(CROWD))
                        .at(24_000, sim -> silentSince(sim, 23_000))
                        .figure("attempts to connect", GroupScenarios::connects),
                crowd("when-one-has-come-through", Rule.GROUP_BACKOFF, trickle(1_000_000, 50))
                        .lasting(40_000)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 15_000, FaultKind.CONNECT_REFUSED, 1)
                        .expect(unharmed(CROWD))
                        .figure("ms until the last one goes on", sim -> longestWait(sim) - 14_900),
                crowd("a-crowd-whose-peer-restarted", Rule.GROUP_REFUSALS, trickle(1_000_000, 50))
                        .psk()
                        .fault(3_000, 500, FaultKind.HOST_CRASH, 1)
                        .expect(restartKnown(1, CROWD, 3_500, 8_500))
                        .figure("attempts to connect", GroupScenarios::connects),
                idleCrowd("an-idle-crowd-whose-peer-lost-its-power", Rule.GROUP_REFUSALS, 1)
                        .psk()
                        .fault(15_000, 3_000, FaultKind.HOST_POWER_LOSS, 1)
                        .expect(restartKnown(1, CROWD, 18_000, 23_000)),
                idleCrowd("what-nobody-has-proved", Rule.GROUP_PROVEN, 1)
                        .fault(15_000, 3_000, FaultKind.HOST_POWER_LOSS, 1)
                        .at(25_000, sim -> anyEnded(sim, 2, CROWD)),
                twoWayCrowd("an-idle-crowd-measures-once", CROWD)
                        .figure(
                                "PINGs of idle flows",
                                sim -> sim.ends().stream()
                                        .mapToLong(end -> end.history().pings())
                                        .sum()),
                twoWayCrowd("an-idle-flow-wakes", 1)
                        .flow(3_000, trickle(100, 45_000), SILENT)
                        .at(WAKES, sim -> staleQuality(sim, 2)),
                idleCrowd("many-flows-on-a-dying-path", Rule.GROUP_NUDGE, 3)
                        .fault(20_000, 10_000, FaultKind.BLACKHOLE, 1)
                        .at(23_000, GroupScenarios::anyTrusts),
                crowd("the-network-changed-for-many", Rule.NETWORK_CHANGED, trickle(1_000_000, 50))
                        .lasting(40_000)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 10_500, FaultKind.CONNECT_HANG, 1)
                        .movesOfAll(13_410, MoveKind.NETWORK_CHANGED)
                        .expect(unharmed(CROWD))
                        .figure("ms until the last one goes on", sim -> longestWait(sim) - 10_400));
    }

    /** Many flows over all links so far, of which some go on talking and the others have said what they had to say. */
    private static Scenario idleCrowd(String name, Rule rule, int talking) {
        Scenario scenario = new Scenario(name, rule).link(20, FAST).lasting(40_000);
        for (int i = 0; i < CROWD; i++) {
            scenario.flow(10 * i, i < talking ? trickle(1_000_000, 50) : trickle(100, 50), SILENT);
        }
        return scenario;
    }

    /** Many flows over two links that quality may move. */
    private static Scenario twoWayCrowd(String name, int flows) {
        Scenario scenario = new Scenario(name, Rule.GROUP_QUALITY)
                .link(20, FAST)
                .link(30, FAST)
                .armed()
                .lasting(60_000);
        for (int i = 0; i < flows; i++) {
            scenario.flow(10 * i, trickle(20, 50), SILENT);
        }
        return scenario;
    }

    private static @Nullable String staleQuality(Simulation sim, int flow) {
        FlowPath path = sim.end(flow, DIALER).pathOver(2);
        long agoMs = path == null
                ? Long.MAX_VALUE
                : (sim.timeline().now() - path.quality().at()) / 1_000_000;
        return agoMs <= 2_000 ? null : "flow " + flow + " wakes, and its second path was measured " + agoMs + " ms ago";
    }

    private static Function<Simulation, @Nullable String> restartKnown(int first, int last, long from, long to) {
        return sim -> {
            for (int flow = first; flow <= last; flow++) {
                FlowEnd end = sim.end(flow, DIALER);
                long at = end.history().endedAtMs();
                if (!(end.failure() instanceof PeerRestartedException) || at < from || at > to) {
                    return "flow " + flow + " was told at " + at + " ms: " + end.failure();
                }
            }
            return null;
        };
    }

    private static @Nullable String anyTrusts(Simulation sim) {
        for (int flow = 1; flow <= CROWD; flow++) {
            FlowPath path = sim.end(flow, DIALER).pathOver(1);
            if (path != null && path.state().isUsable()) {
                return "flow " + flow + " still trusts the dying path";
            }
        }
        return null;
    }

    private static @Nullable String anyEnded(Simulation sim, int first, int last) {
        for (int flow = first; flow <= last; flow++) {
            if (sim.end(flow, DIALER).isOver()) {
                return "flow " + flow + " believed what nobody had proved: "
                        + sim.end(flow, DIALER).failure();
            }
        }
        return null;
    }

    private static long longestWait(Simulation sim) {
        long longest = 0;
        for (FlowEnd end : sim.ends()) {
            longest = Math.max(longest, end.side() == ACCEPTOR ? end.history().longestWaitMs() : 0);
        }
        return longest;
    }

    /** Many flows over one link. */
    private static Scenario crowd(String name, Rule rule, Schedule.AppPlan dialer) {
        Scenario scenario = new Scenario(name, rule).link(20, FAST);
        for (int i = 0; i < CROWD; i++) {
            scenario.flow(10 * i, dialer, SILENT);
        }
        return scenario;
    }

    private static long connects(Simulation sim) {
        long sum = 0;
        for (FlowEnd end : sim.ends()) {
            sum += end.history().connects();
        }
        return sum;
    }

    private static long firstMoveAt(Simulation sim, int flow) {
        List<History.Moved> moves = sim.end(flow, DIALER).history().moves();
        return moves.isEmpty() ? Long.MAX_VALUE / 2 : moves.get(0).atMs();
    }

    private static Function<Simulation, @Nullable String> unharmed(int flows) {
        return sim -> {
            for (int flow = 1; flow <= flows; flow++) {
                if (sim.end(flow, DIALER).failure() != null
                        || sim.end(flow, ACCEPTOR).failure() != null) {
                    return "flow " + flow + " failed: " + sim.end(flow, DIALER).failure();
                }
            }
            return null;
        };
    }

    private static @Nullable String silentSince(Simulation sim, int ms) {
        for (FlowEnd end : sim.ends()) {
            if (end.side() == ACCEPTOR && end.history().lastReadAtMs() < ms) {
                return end + " has read nothing since " + end.history().lastReadAtMs() + " ms";
            }
        }
        return null;
    }
}
