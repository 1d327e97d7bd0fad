// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.simulator.Schedule.Fault;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.FlowPlan;
import io.rendr.simulator.Schedule.LinkPlan;
import io.rendr.simulator.Schedule.Move;
import io.rendr.simulator.Schedule.MoveKind;
import io.rendr.simulator.Schedule.Side;
import io.rendr.simulator.Schedule.World;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** A schedule in the making: what chance and a {@link Theme} have put into it so far, and the dice of its seed. */
final class Draft {
    final List<LinkPlan> links = new ArrayList<>();
    final List<FlowPlan> flows = new ArrayList<>();
    final List<Fault> faults = new ArrayList<>();
    final List<Move> moves = new ArrayList<>();
    private final SplittableRandom random;
    private World world;

    Draft(long seed) {
        random = new SplittableRandom(seed ^ 0x5eed_5eed_5eedL);
        int budgetMs = chance(60) ? 90_000 : oneOf(10_000, 20_000, 30_000);
        world = new World(
                seed,
                chance(40),
                chance(3),
                chance(35),
                logarithmic(8_000, 60_000),
                budgetMs,
                chance(40) ? budgetMs : oneOf(10_000, 15_000, 60_000),
                chance(75) ? 32L << 20 : oneOf(1L << 20, 2L << 20, 4L << 20),
                chance(12) ? 2 : 1,
                chance(50) ? 0 : oneOf(1, 5, 20),
                chance(25),
                oneOf(0, -20_000, 1_000_000_000));
    }

    World world() {
        return world;
    }

    /** Changes one component of the world. */
    void world(String component, Object value) {
        world = Records.with(world, component, value);
    }

    void lastsAtLeast(int ms) {
        world("durationMs", Math.max(durationMs(), ms));
    }

    int durationMs() {
        return world.durationMs();
    }

    /** Changes one component of a flow's dialing or accepting application. */
    void app(int flow, Side side, String component, Object value) {
        String name = side == Side.DIALER ? "dialer" : "acceptor";
        FlowPlan plan = flows.get(flow);
        flows.set(flow, Records.with(plan, name, Records.with(plan.app(side), component, value)));
    }

    /** Changes one component of a flow. */
    void flow(int flow, String component, Object value) {
        flows.set(flow, Records.with(flows.get(flow), component, value));
    }

    /** Changes one component of a link. */
    void link(int link, String component, Object value) {
        links.set(link, Records.with(links.get(link), component, value));
    }

    /** A fault on a link or host. */
    void fault(int atMs, int forMs, FaultKind kind, int target) {
        faults.add(new Fault(atMs, forMs, kind, target));
    }

    /** The same fault on all links, at about the same time. */
    void everywhere(int atMs, int forMs, FaultKind kind) {
        for (LinkPlan link : links) {
            fault(atMs + between(0, 300), forMs + between(0, 300), kind, link.id());
        }
    }

    /** A move of the first flow. */
    void move(int atMs, Side side, MoveKind kind, int arg) {
        moves.add(new Move(atMs, 1, side, kind, arg, 0));
    }

    Schedule schedule() {
        return new Schedule(world, links, flows, faults, moves);
    }

    // ---- dice

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    /** At least {@code low}, and less than {@code high} if that is more. */
    int between(int low, int high) {
        return low + random.nextInt(Math.max(1, high - low));
    }

    @SafeVarargs
    final <T> T oneOf(T... options) {
        return options[random.nextInt(options.length)];
    }

    /** Puts them into any order. */
    void shuffle(List<?> list) {
        for (int i = list.size(); i > 1; i--) {
            Collections.swap(list, i - 1, random.nextInt(i));
        }
    }

    /** Between the two, each order of magnitude as likely as any other. */
    int logarithmic(int low, int high) {
        return (int) (low * Math.pow((double) high / low, random.nextDouble()));
    }
}
