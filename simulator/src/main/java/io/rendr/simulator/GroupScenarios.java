// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.trickle;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.simulator.Schedule.FaultKind;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What flows to one peer owe to each other. */
final class GroupScenarios {
    private static final long FAST = 3_000_000;
    private static final int CROWD = 12;

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
                        .figure("attempts to connect", GroupScenarios::connects));
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
