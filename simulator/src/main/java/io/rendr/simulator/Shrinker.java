// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.simulator.Schedule.Fault;
import io.rendr.simulator.Schedule.FlowPlan;
import io.rendr.simulator.Schedule.LinkPlan;
import io.rendr.simulator.Schedule.World;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Makes a failing schedule smaller as long as it fails in the same way: drops flows, faults and moves, first in large
 * groups and then one by one (delta debugging), makes faults and the run shorter, and the world plainer.
 */
final class Shrinker {
    private final Violation.Kind kind;
    private final Consumer<String> progress;
    private Schedule best;
    private int runs;

    private Shrinker(Verdict failed, Consumer<String> progress) {
        Violation violation = failed.violation();
        if (violation == null) {
            throw new IllegalArgumentException("a schedule that does not fail cannot be shrunk");
        }
        this.kind = violation.kind();
        this.best = failed.schedule();
        this.progress = progress;
    }

    static Schedule shrink(Verdict failed, Consumer<String> progress) {
        Shrinker shrinker = new Shrinker(failed, progress);
        shrinker.run();
        return shrinker.best;
    }

    private void run() {
        int before;
        do {
            before = weight(best);
            drop(best.flows(), Schedule::withFlows, 1);
            drop(best.faults(), Schedule::withFaults, 0);
            drop(best.moves(), Schedule::withMoves, 0);
            shorten();
            simplify();
            progress.accept("shrunk to " + best.flows().size() + " flows, "
                    + best.faults().size() + " faults, " + best.moves().size() + " moves, "
                    + best.world().durationMs() + " ms in " + runs + " runs");
        } while (weight(best) < before);
    }

    private static int weight(Schedule schedule) {
        int faultTime = schedule.faults().stream().mapToInt(Fault::forMs).sum();
        return 1_000_000
                        * (schedule.flows().size()
                                + schedule.faults().size()
                                + schedule.moves().size())
                + schedule.world().durationMs()
                + faultTime;
    }

    private boolean keep(Schedule candidate) {
        runs++;
        Violation violation = new Simulation(candidate, new EventLog(null), new Resources())
                .run()
                .violation();
        boolean same = violation != null && violation.kind() == kind;
        if (same) {
            best = candidate;
        }
        return same;
    }

    private <T> void drop(List<T> all, BiFunction<Schedule, List<T>, Schedule> with, int least) {
        List<T> left = new ArrayList<>(all);
        for (int group = Math.max(1, left.size() / 2); group >= 1; group /= 2) {
            int at = 0;
            while (at < left.size() && left.size() > least) {
                List<T> fewer = new ArrayList<>(left);
                fewer.subList(at, Math.min(left.size(), at + group)).clear();
                if (fewer.size() >= least && keep(with.apply(best, fewer))) {
                    left = fewer;
                } else {
                    at += group;
                }
            }
        }
    }

    private void shorten() {
        World world = best.world();
        int last =
                best.faults().stream().mapToInt(f -> f.atMs() + f.forMs()).max().orElse(1_000);
        for (int duration : new int[] {world.durationMs() / 2, Math.min(last, world.durationMs() - 1_000)}) {
            if (duration > 500) {
                World shorter = Records.with(world, "durationMs", duration);
                keep(best.withWorld(shorter));
            }
        }
        for (int i = 0; i < best.faults().size(); i++) {
            Fault fault = best.faults().get(i);
            if (fault.forMs() > 100) {
                List<Fault> faults = new ArrayList<>(best.faults());
                faults.set(i, new Fault(fault.atMs(), fault.forMs() / 2, fault.kind(), fault.target()));
                keep(best.withFaults(faults));
            }
        }
    }

    private void simplify() {
        World world = best.world();
        World plain = Records.with(world, "sealed", false);
        for (String detail : List.of("realKeys", "psk", "quality")) {
            plain = Records.with(plain, detail, false);
        }
        plain = Records.with(Records.with(plain, "lateMs", 0), "origin", 0);
        plain = Records.with(plain, "acceptorBudgetMs", world.budgetMs());
        if (!world.equals(plain)) {
            keep(best.withWorld(plain));
        }
        for (int i = 0; i < best.links().size(); i++) {
            LinkPlan link = best.links().get(i);
            LinkPlan easy = new LinkPlan(
                    link.id(),
                    link.delayUs(),
                    0,
                    link.rate(),
                    link.buffer(),
                    0,
                    Schedule.Cuts.WHOLE,
                    link.backup(),
                    0,
                    false,
                    0,
                    link.datagrams());
            if (!link.equals(easy)) {
                List<LinkPlan> links = new ArrayList<>(best.links());
                links.set(i, easy);
                keep(best.withLinks(links));
            }
        }
        for (int i = 0; i < best.flows().size(); i++) {
            FlowPlan flow = best.flows().get(i);
            for (Integer link : flow.links()) {
                if (best.flows().get(i).links().size() > 1) {
                    List<Integer> fewer = new ArrayList<>(best.flows().get(i).links());
                    fewer.remove(link);
                    List<FlowPlan> flows = new ArrayList<>(best.flows());
                    flows.set(i, Records.with(best.flows().get(i), "links", List.copyOf(fewer)));
                    keep(best.withFlows(flows));
                }
            }
        }
    }
}
