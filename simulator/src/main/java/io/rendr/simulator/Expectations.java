// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Scenario.app;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.MigrationCause;
import io.rendr.PathState;
import io.rendr.RendrException;
import io.rendr.engine.flow.FlowPath;
import io.rendr.simulator.Schedule.Side;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What scenarios ask of a run. */
final class Expectations {
    private Expectations() {}

    static long at(Simulation sim, int flow, Side side) {
        Application app = sim.end(flow, side).app();
        return app == null ? 0 : app.read();
    }

    static boolean sawEnd(Simulation sim, Side side) {
        Application app = sim.end(1, side).app();
        return app != null && app.sawEnd();
    }

    static Function<Simulation, @Nullable String> delivered(Side side, long bytes) {
        return sim -> at(sim, 1, side) >= bytes
                ? null
                : "only " + at(sim, 1, side) + " of " + bytes + " bytes were read by now";
    }

    static Function<Simulation, @Nullable String> unmoved() {
        return sim -> {
            int moves = sim.end(1, DIALER).history().moves().size()
                    + sim.end(1, ACCEPTOR).history().moves().size();
            return moves == 0 ? null : "the flow moved " + moves + " times";
        };
    }

    static @Nullable String firstMove(Simulation sim, Side side, MigrationCause cause, long from, long to) {
        List<History.Moved> moves = sim.end(1, side).history().moves();
        if (moves.isEmpty()) {
            return "the flow did not move";
        }
        History.Moved first = moves.get(0);
        return first.cause() == cause && first.atMs() >= from && first.atMs() <= to
                ? null
                : "the first move was " + first;
    }

    static Function<Simulation, @Nullable String> carriersKept() {
        return sim -> sim.end(1, DIALER).flow().counters().snapshot().carriersLost() == 0
                ? null
                : "the dialer gave carriers up";
    }

    static Function<Simulation, @Nullable String> waitedLess(Side side, long ms) {
        return sim -> {
            long waited = sim.end(1, side).history().longestWaitMs();
            return waited <= ms ? null : "the reader waited " + waited + " ms";
        };
    }

    static Function<Simulation, @Nullable String> failedBy(
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

    static Function<Simulation, @Nullable String> active(Side side, int link) {
        return sim -> {
            FlowPath path = sim.end(1, side).pathOver(link);
            boolean is = path != null && sim.end(1, side).flow().activePath() == path.id();
            return is
                    ? null
                    : side + ": link " + link + " is not active: "
                            + sim.end(1, side).describe();
        };
    }

    static Function<Simulation, @Nullable String> usable(Side side, int link) {
        return sim -> {
            FlowPath path = sim.end(1, side).pathOver(link);
            PathState state = path == null ? null : path.state();
            return state != null && state.isUsable() ? null : side + ": link " + link + " is " + state;
        };
    }

    static Function<Simulation, @Nullable String> gone(Side side, int link) {
        return sim -> {
            FlowPath path = sim.end(1, side).pathOver(link);
            return path == null || path.state() == PathState.DRAINING
                    ? null
                    : side + ": link " + link + " is " + path.state() + ", and its paths are over too many links";
        };
    }

    static Function<Simulation, @Nullable String> answered(Side side) {
        return sim -> sim.end(1, side).history().answers().isEmpty() ? "the request was not carried out by now" : null;
    }

    static ToLongFunction<Simulation> lastRead(Side side) {
        return sim -> sim.end(1, side).history().lastReadAtMs();
    }

    static ToLongFunction<Simulation> resent(Side side) {
        return sim -> sim.end(1, side).flow().counters().totalResent();
    }

    static long firstMoveAt(Simulation sim) {
        List<History.Moved> moves = sim.end(1, DIALER).history().moves();
        return moves.isEmpty() ? Long.MAX_VALUE / 2 : moves.get(0).atMs();
    }

    static Function<Simulation, @Nullable String> unharmed() {
        return sim -> {
            RendrException dialer = sim.end(1, DIALER).failure();
            RendrException acceptor = sim.end(1, ACCEPTOR).failure();
            return dialer == null && acceptor == null ? null : "it failed: " + dialer + ", " + acceptor;
        };
    }
}
