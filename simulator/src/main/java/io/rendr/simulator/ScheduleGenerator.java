// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.FlowKind;
import io.rendr.simulator.Schedule.Admission;
import io.rendr.simulator.Schedule.AppPlan;
import io.rendr.simulator.Schedule.Arrangement;
import io.rendr.simulator.Schedule.Cuts;
import io.rendr.simulator.Schedule.Fault;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.FlowPlan;
import io.rendr.simulator.Schedule.LinkPlan;
import io.rendr.simulator.Schedule.Move;
import io.rendr.simulator.Schedule.MoveKind;
import io.rendr.simulator.Schedule.Reading;
import io.rendr.simulator.Schedule.Side;
import io.rendr.simulator.Schedule.Writing;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes a schedule from a seed: a world, links and flows by chance; in most of them a {@link Theme}, a situation that
 * chance alone would hardly bring about; and then faults and moves by chance beside it. The same seed makes the same
 * schedule.
 */
final class ScheduleGenerator {
    private static final int THEMED = 88;
    private static final int PACKETS = 25;
    private static final int MAX_REPAIR = 60_000;
    /** A fifth of all datagrams. */
    private static final int MAX_LOSS = 200_000;

    private final Draft draft;

    private ScheduleGenerator(long seed) {
        draft = new Draft(seed);
    }

    static Schedule generate(long seed) {
        return new ScheduleGenerator(seed).generate();
    }

    private Schedule generate() {
        int count = draft.between(1, 5);
        for (int i = 1; i <= count; i++) {
            draft.links.add(link(i, count));
        }
        int flows = draft.chance(70) ? 1 : draft.between(2, 5);
        for (int i = 1; i <= flows; i++) {
            draft.flows.add(flow(i));
        }
        boolean complete = false;
        if (draft.chance(THEMED)) {
            Theme theme = draft.oneOf(Theme.values());
            theme.bend(draft);
            complete = theme.isComplete();
        }
        if (!complete) {
            faults();
        }
        moves();
        return withTrees(withDatagrams(draft.schedule()));
    }

    /** The flows of every other world have policy trees of other shapes than a selector. All else is as it would be without. */
    private static Schedule withTrees(Schedule schedule) {
        SplittableRandom random = new SplittableRandom(schedule.world().seed() ^ 0x7ee5_7ee5L);
        if (random.nextBoolean()) {
            return schedule;
        }
        return schedule.withFlows(schedule.flows().stream()
                        .map(flow -> Records.with(flow, "shape", shape(random)))
                        .toList())
                .withMoves(schedule.moves().stream()
                        .map(move ->
                                move.kind() == MoveKind.SET_TARGET ? Records.with(move, "shape", shape(random)) : move)
                        .toList());
    }

    private static int shape(SplittableRandom random) {
        int dice = random.nextInt(8);
        return dice < 2 ? Shape.RACE : dice < 4 ? Shape.BOND : dice == 4 ? Shape.DIAL : 3 + random.nextInt(1_000_000);
    }

    /** Datagrams run over some of the links of some worlds. All else is as it would be without. */
    private static Schedule withDatagrams(Schedule schedule) {
        SplittableRandom random = new SplittableRandom(schedule.world().seed() ^ 0xda7a_97a8L);
        if (!schedule.world().sealed() || random.nextInt(2) == 0) {
            return schedule;
        }
        List<LinkPlan> links = new ArrayList<>();
        for (LinkPlan link : schedule.links()) {
            boolean datagrams = random.nextInt(10) < 7;
            int loss = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(1 + random.nextInt(MAX_LOSS));
            links.add(datagrams ? Records.with(Records.with(link, "datagrams", true), "lossPpm", loss) : link);
        }
        return schedule.withLinks(links).withFaults(relayed(schedule, random));
    }

    private static List<Fault> relayed(Schedule schedule, SplittableRandom random) {
        List<Fault> faults = new ArrayList<>(schedule.faults());
        if (random.nextInt(4) == 0) {
            int at = random.nextInt(schedule.world().durationMs());
            int link = schedule.links()
                    .get(random.nextInt(schedule.links().size()))
                    .id();
            faults.add(new Fault(at, 1 + random.nextInt(10_000), FaultKind.RELAY, link));
        }
        return faults;
    }

    private LinkPlan link(int id, int count) {
        boolean balanced = draft.world().acceptors() > 1 && draft.chance(40);
        return new LinkPlan(
                id,
                draft.logarithmic(100, 150_000),
                draft.chance(50) ? 0 : draft.logarithmic(100, 40_000),
                draft.logarithmic(60_000, 100_000_000),
                draft.oneOf(1, 200, 4 << 10, 64 << 10, 256 << 10, 4 << 20),
                draft.chance(75) ? 0 : draft.logarithmic(100, 20_000),
                draft.oneOf(Cuts.WHOLE, Cuts.RANDOM, Cuts.BYTES),
                id > 1 && count > 1 && draft.chance(20),
                draft.between(0, 3),
                balanced,
                draft.chance(75) ? 0 : draft.logarithmic(10, 3_000),
                false);
    }

    private FlowPlan flow(int id) {
        List<Integer> mine = new ArrayList<>();
        long slowest = Long.MAX_VALUE;
        for (LinkPlan link : draft.links) {
            if (mine.isEmpty() || draft.chance(80)) {
                mine.add(link.id());
            }
            slowest = Math.min(slowest, link.rate());
        }
        AppPlan dialer = app(slowest);
        AppPlan acceptor = app(slowest);
        if (draft.chance(25)) {
            dialer = conversing(dialer, Writing.PING);
            acceptor = conversing(acceptor, Writing.PONG);
        }
        int admission = draft.between(0, 100);
        boolean packets = draft.chance(PACKETS);
        return new FlowPlan(
                id,
                draft.chance(60) ? 0 : draft.between(0, draft.durationMs() / 3),
                mine,
                draft.chance(25),
                admission < 80 ? Admission.AT_ONCE : admission < 89 ? Admission.DEFERRED : Admission.REFUSED,
                packets ? FlowKind.PACKET : FlowKind.STREAM,
                packets ? draft.oneOf(0, 0, draft.logarithmic(50, 10_000), MAX_REPAIR) : 0,
                Shape.SELECTOR,
                dialer,
                acceptor);
    }

    private AppPlan app(long rate) {
        Writing writing = draft.oneOf(
                Writing.BULK,
                Writing.BULK,
                Writing.BULK,
                Writing.BURSTS,
                Writing.BURSTS,
                Writing.TRICKLE,
                Writing.NOTHING);
        int affordable = (int) Math.min(2 << 20, rate * Math.min(draft.durationMs(), 20_000) / 1_000);
        int reading = draft.between(0, 100);
        return new AppPlan(
                writing,
                draft.logarithmic(500, Math.max(10_000, affordable)),
                writing == Writing.TRICKLE ? draft.between(1, 101) : draft.logarithmic(50, 100_000),
                draft.logarithmic(20, 8_000),
                reading < 75
                        ? Reading.AT_ONCE
                        : reading < 83 ? Reading.LATE : reading < 95 ? Reading.SLOW : Reading.NEVER,
                reading < 83 ? draft.between(0, draft.durationMs()) : draft.logarithmic(20, 2_000),
                draft.logarithmic(100, 100_000),
                draft.chance(40));
    }

    private AppPlan conversing(AppPlan app, Writing writing) {
        return new AppPlan(
                writing,
                draft.logarithmic(500, 200_000),
                draft.logarithmic(1, 5_000),
                app.periodMs(),
                Reading.AT_ONCE,
                app.readMs(),
                app.readChunk(),
                app.fin());
    }

    // ---- faults

    private void faults() {
        int count = draft.chance(8) ? 0 : draft.between(2, 14);
        while (draft.faults.size() < count) {
            if (count - draft.faults.size() >= draft.links.size() && draft.chance(15)) {
                everything();
            } else {
                fault();
            }
        }
    }

    /** All paths at about the same time. */
    private void everything() {
        int at = draft.between(0, draft.durationMs());
        int last = draft.chance(80) ? draft.oneOf(2_000, 8_000, 20_000) : draft.durationMs();
        FaultKind kind = draft.oneOf(
                FaultKind.BLACKHOLE,
                FaultKind.BLACKHOLE,
                FaultKind.RST,
                FaultKind.NAT_SILENT,
                FaultKind.MTU,
                FaultKind.STALL);
        draft.everywhere(at, last, kind);
    }

    private void fault() {
        int dice = draft.between(0, 100);
        FaultKind kind;
        if (dice < 12) {
            kind = FaultKind.HOST_STALL;
        } else if (dice < 13) {
            kind = draft.oneOf(FaultKind.HOST_CRASH, FaultKind.HOST_POWER_LOSS);
        } else if (dice < 27) {
            kind = draft.oneOf(
                    FaultKind.REPLAY,
                    FaultKind.REPLAY,
                    FaultKind.FORGE,
                    FaultKind.FORGE,
                    FaultKind.FLOOD,
                    FaultKind.IMPOSTOR);
        } else if (dice < 29 && draft.world().sealed()) {
            kind = FaultKind.CORRUPT;
        } else {
            kind = draft.oneOf(
                    FaultKind.BLACKHOLE,
                    FaultKind.BLACKHOLE,
                    FaultKind.BLACKHOLE_FORWARD,
                    FaultKind.BLACKHOLE_BACK,
                    FaultKind.STALL,
                    FaultKind.STALL,
                    FaultKind.RST,
                    FaultKind.RST,
                    FaultKind.RST_ONE_END,
                    FaultKind.FIN,
                    FaultKind.NAT_SILENT,
                    FaultKind.NAT_RST,
                    FaultKind.CONNECT_HANG,
                    FaultKind.CONNECT_REFUSED,
                    FaultKind.CONNECT_MUTE,
                    FaultKind.SLOW,
                    FaultKind.MTU,
                    FaultKind.TARPIT);
        }
        int forMs;
        int target = draft.between(0, 1 + draft.world().acceptors());
        if (kind == FaultKind.HOST_STALL) {
            forMs = draft.logarithmic(50, 8_000);
        } else if (kind.onHost()) {
            forMs = draft.logarithmic(500, 5_000);
        } else {
            int length = draft.between(0, 10);
            forMs = length < 4
                    ? draft.logarithmic(50, 1_500)
                    : length < 8 ? draft.logarithmic(2_000, 10_000) : draft.logarithmic(10_000, 40_000);
            if (kind == FaultKind.CORRUPT) {
                forMs = Math.min(forMs, 3_000);
            }
            target = anyLink();
        }
        draft.fault(draft.between(0, draft.durationMs()), forMs, kind, target);
    }

    private int anyLink() {
        return draft.links.get(draft.between(0, draft.links.size())).id();
    }

    // ---- moves

    private void moves() {
        int count = draft.chance(10) ? 0 : draft.between(2, 11);
        while (draft.moves.size() < count) {
            FlowPlan flow = draft.flows.get(draft.between(0, draft.flows.size()));
            int dice = draft.between(0, 100);
            MoveKind kind = dice < 44
                    ? MoveKind.MIGRATE
                    : dice < 58
                            ? MoveKind.ADD_PATH
                            : dice < 72
                                    ? MoveKind.REMOVE_PATH
                                    : dice < 82
                                            ? MoveKind.NETWORK_CHANGED
                                            : dice < 93
                                                    ? MoveKind.SET_TARGET
                                                    : draft.oneOf(
                                                            MoveKind.SHUT_OUTPUT,
                                                            MoveKind.SHUT_INPUT,
                                                            MoveKind.CLOSE,
                                                            MoveKind.ABORT);
            boolean last = kind.ordinal() >= MoveKind.SHUT_OUTPUT.ordinal();
            int from = flow.startMs();
            int at = draft.between(last ? Math.max(from, draft.durationMs() / 2) : from, draft.durationMs());
            Side side = draft.chance(70) || kind == MoveKind.ADD_PATH ? Side.DIALER : Side.ACCEPTOR;
            draft.moves.add(new Move(at, flow.id(), side, kind, argument(kind, flow, side), Shape.SELECTOR));
        }
    }

    private int argument(MoveKind kind, FlowPlan flow, Side side) {
        List<Integer> links = flow.links();
        return switch (kind) {
            case ABORT -> 77;
            case SET_TARGET -> arrangement(flow, side).arg();
            case MIGRATE, REMOVE_PATH -> draft.chance(80) ? links.get(draft.between(0, links.size())) : anyLink();
            default -> anyLink();
        };
    }

    /** The dialing end names any links; the accepting end those of the flow, in any order. */
    private Arrangement arrangement(FlowPlan flow, Side side) {
        List<Integer> some = new ArrayList<>();
        if (side == Side.ACCEPTOR) {
            some.addAll(flow.links());
        } else {
            draft.links.forEach(link -> some.add(link.id()));
        }
        draft.shuffle(some);
        int named = side == Side.ACCEPTOR ? some.size() : draft.between(1, some.size() + 1);
        int preferred = draft.chance(60) ? named : draft.between(1, named + 1);
        return new Arrangement(some.subList(0, preferred), some.subList(preferred, named), draft.chance(20));
    }
}
