// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.FlowKind;
import io.rendr.simulator.Schedule.Admission;
import io.rendr.simulator.Schedule.AppPlan;
import io.rendr.simulator.Schedule.Cuts;
import io.rendr.simulator.Schedule.Fault;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.FlowPlan;
import io.rendr.simulator.Schedule.LinkPlan;
import io.rendr.simulator.Schedule.Move;
import io.rendr.simulator.Schedule.MoveKind;
import io.rendr.simulator.Schedule.Reading;
import io.rendr.simulator.Schedule.Side;
import io.rendr.simulator.Schedule.World;
import io.rendr.simulator.Schedule.Writing;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A schedule made by hand for one rule, and what must come of it beyond what always must. Built by saying what there is
 * and what happens; times are in milliseconds, sizes in bytes.
 */
final class Scenario {
    /**
     * What a run came to.
     *
     * @param problem what was not as it must be; null when all was well
     * @param name what the figure is; empty if the scenario has none
     * @param figure the less the better
     */
    record Outcome(@Nullable String problem, String name, long figure) {
        String[] tell() {
            return new String[] {problem == null ? "" : problem, name, Long.toString(figure)};
        }

        static Outcome of(String[] told) {
            return new Outcome(told[0].isEmpty() ? null : told[0], told[1], Long.parseLong(told[2]));
        }
    }

    private record Probe(int atMs, Function<Simulation, @Nullable String> what) {}

    static final AppPlan SILENT = app(Writing.NOTHING, 0, 1, 1_000);

    private final String name;
    private final Rule rule;
    private final List<LinkPlan> links = new ArrayList<>();
    private final List<FlowPlan> flows = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final List<Move> moves = new ArrayList<>();
    private final List<Probe> probes = new ArrayList<>();
    private final List<Function<Simulation, @Nullable String>> expectations = new ArrayList<>();
    private String figureName = "";
    private ToLongFunction<Simulation> figure = simulation -> 0;
    private int durationMs = 20_000;
    private int budgetMs = 90_000;
    private int acceptorBudgetMs = 90_000;
    private long memory = 32L << 20;
    private int acceptors = 1;
    private boolean quality;
    private boolean sealed;
    private boolean psk;

    Scenario(String name, Rule rule) {
        this.name = name;
        this.rule = rule;
    }

    // ---- the world

    Scenario lasting(int ms) {
        durationMs = ms;
        return this;
    }

    Scenario budget(int ms) {
        budgetMs = ms;
        acceptorBudgetMs = ms;
        return this;
    }

    /** The accepting end has another budget. */
    Scenario acceptorBudget(int ms) {
        acceptorBudgetMs = ms;
        return this;
    }

    Scenario memory(long bytes) {
        memory = bytes;
        return this;
    }

    Scenario armed() {
        quality = true;
        return this;
    }

    Scenario sealed() {
        sealed = true;
        return this;
    }

    Scenario psk() {
        psk = true;
        return this;
    }

    /** A link; the first one is number 1. */
    Scenario link(int delayMs, long rate) {
        links.add(new LinkPlan(
                links.size() + 1, delayMs * 1_000, 0, rate, 256 << 10, 0, Cuts.WHOLE, false, 0, false, 0, false));
        return this;
    }

    Scenario backup(int delayMs, long rate) {
        links.add(new LinkPlan(
                links.size() + 1, delayMs * 1_000, 0, rate, 256 << 10, 0, Cuts.WHOLE, true, 0, false, 0, false));
        return this;
    }

    /** The last link leads to one of two acceptors. */
    Scenario balanced() {
        acceptors = 2;
        return lastLink("balanced", true);
    }

    /** Datagrams run over the last link, of which so many in a million are lost; all carriers are sealed. */
    Scenario datagrams(int lossPpm) {
        sealed = true;
        return lastLink("datagrams", true).lastLink("lossPpm", lossPpm);
    }

    /** The last link's sender accepts so many bytes beyond what has left. */
    Scenario buffer(int bytes) {
        return lastLink("buffer", bytes);
    }

    /** Where the last link's reads are cut. */
    Scenario cuts(Cuts cuts) {
        return lastLink("cuts", cuts);
    }

    /** The last link shares what befalls it with others of the group. */
    Scenario fate(int group) {
        return lastLink("fate", group);
    }

    private Scenario lastLink(String component, Object value) {
        links.add(Records.with(links.remove(links.size() - 1), component, value));
        return this;
    }

    // ---- applications

    static AppPlan app(Writing writing, int bytes, int chunk, int periodMs) {
        return new AppPlan(writing, bytes, chunk, periodMs, Reading.AT_ONCE, 0, 0, false);
    }

    static AppPlan bulk(int bytes) {
        return app(Writing.BULK, bytes, 64 << 10, 0);
    }

    static AppPlan trickle(int bytes, int periodMs) {
        return app(Writing.TRICKLE, bytes, 20, periodMs);
    }

    static AppPlan reading(AppPlan app, Reading reading, int ms, int chunk) {
        return new AppPlan(app.writing(), app.bytes(), app.chunk(), app.periodMs(), reading, ms, chunk, app.fin());
    }

    static AppPlan fin(AppPlan app) {
        return Records.with(app, "fin", true);
    }

    /** A flow over all links so far. */
    Scenario flow(int startMs, AppPlan dialer, AppPlan acceptor) {
        return flow(startMs, Admission.AT_ONCE, false, dialer, acceptor);
    }

    Scenario flow(int startMs, Admission admission, boolean eager, AppPlan dialer, AppPlan acceptor) {
        List<Integer> all = links.stream().map(LinkPlan::id).toList();
        flows.add(new FlowPlan(
                flows.size() + 1, startMs, all, eager, admission, FlowKind.STREAM, 0, 0, dialer, acceptor));
        return this;
    }

    /** The last flow begins with only these links. */
    Scenario over(Integer... ids) {
        return lastFlow("links", List.of(ids));
    }

    /** The last flow carries packets, which are sent again for so long when they are lost. */
    Scenario packets(int repairMs) {
        return lastFlow("kind", FlowKind.PACKET).lastFlow("repairMs", repairMs);
    }

    /** The policy tree of the last flow has another shape than a selector. */
    Scenario shape(int shape) {
        return lastFlow("shape", shape);
    }

    private Scenario lastFlow(String component, Object value) {
        flows.add(Records.with(flows.remove(flows.size() - 1), component, value));
        return this;
    }

    // ---- what happens

    Scenario fault(int atMs, int forMs, FaultKind kind, int target) {
        faults.add(new Fault(atMs, forMs, kind, target));
        return this;
    }

    Scenario move(int atMs, Side side, MoveKind kind, int arg) {
        moves.add(new Move(atMs, 1, side, kind, arg, 0));
        return this;
    }

    /** The flow gets another tree over some of the links. */
    Scenario target(int atMs, Side side, int links, int shape) {
        moves.add(new Move(atMs, 1, side, MoveKind.SET_TARGET, links, shape));
        return this;
    }

    /** A move of every flow at once. */
    Scenario movesOfAll(int atMs, MoveKind kind) {
        flows.forEach(flow -> moves.add(new Move(atMs, flow.id(), Side.DIALER, kind, 0, 0)));
        return this;
    }

    // ---- what must come of it

    /** Looks at the world in the middle of the run. */
    Scenario at(int ms, Function<Simulation, @Nullable String> probe) {
        probes.add(new Probe(ms, probe));
        return this;
    }

    Scenario expect(Function<Simulation, @Nullable String> expectation) {
        expectations.add(expectation);
        return this;
    }

    /** A number that gets larger without the rule. */
    Scenario figure(String what, ToLongFunction<Simulation> value) {
        figureName = what;
        figure = value;
        return this;
    }

    String name() {
        return name;
    }

    Rule rule() {
        return rule;
    }

    Schedule schedule() {
        World world = new World(
                7, sealed, false, psk, durationMs, budgetMs, acceptorBudgetMs, memory, acceptors, 0, quality, 0);
        return new Schedule(world, links, flows, faults, moves);
    }

    /** Runs it; null when all was well, otherwise what was not. */
    @Nullable
    String run(EventLog log) {
        return outcome(log).problem();
    }

    Outcome outcome(EventLog log) {
        Simulation simulation = new Simulation(schedule(), log, new Resources());
        String problem = run(simulation);
        return new Outcome(problem, figureName, figure.applyAsLong(simulation));
    }

    private @Nullable String run(Simulation simulation) {
        for (Probe probe : probes) {
            simulation.at(probe.atMs(), () -> {
                String problem = probe.what().apply(simulation);
                if (problem != null) {
                    simulation.violation(Violation.Kind.SCENARIO, problem);
                }
            });
        }
        Verdict verdict = simulation.run();
        Violation violation = verdict.violation();
        if (violation != null) {
            return violation.toString();
        }
        for (Function<Simulation, @Nullable String> expectation : expectations) {
            String problem = expectation.apply(simulation);
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }
}
