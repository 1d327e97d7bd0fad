// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

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
import java.util.SplittableRandom;

/** Makes a schedule from a seed. The same seed makes the same schedule. */
final class ScheduleGenerator {
    private final SplittableRandom random;
    private final long seed;
    private final List<LinkPlan> links = new ArrayList<>();
    private int durationMs;
    private int acceptors;
    private boolean sealed;

    private ScheduleGenerator(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed ^ 0x5eed_5eed_5eedL);
    }

    static Schedule generate(long seed) {
        return new ScheduleGenerator(seed).generate();
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    @SafeVarargs
    private <T> T oneOf(T... options) {
        return options[random.nextInt(options.length)];
    }

    /** Between the two, each order of magnitude as likely as any other. */
    private long logarithmic(long low, long high) {
        return (long) (low * Math.pow((double) high / low, random.nextDouble()));
    }

    private Schedule generate() {
        sealed = chance(45);
        acceptors = chance(12) ? 2 : 1;
        durationMs = (int) logarithmic(8_000, 70_000);
        World world = new World(
                seed,
                sealed,
                chance(3),
                chance(35),
                durationMs,
                chance(60) ? 90_000 : oneOf(10_000, 20_000, 30_000),
                chance(75) ? 32L << 20 : oneOf(1L << 20, 2L << 20, 4L << 20),
                acceptors,
                chance(50) ? 0 : oneOf(1, 5, 20),
                chance(25),
                oneOf(0, -20_000, 1_000_000_000));
        int count = 1 + random.nextInt(4);
        for (int i = 1; i <= count; i++) {
            links.add(link(i, count));
        }
        List<FlowPlan> flows = new ArrayList<>();
        int flowCount = chance(70) ? 1 : 2 + random.nextInt(3);
        for (int i = 1; i <= flowCount; i++) {
            flows.add(flow(i));
        }
        return new Schedule(world, links, flows, faults(), moves(flows));
    }

    private LinkPlan link(int id, int count) {
        boolean balanced = acceptors > 1 && chance(40);
        return new LinkPlan(
                id,
                (int) logarithmic(100, 150_000),
                chance(50) ? 0 : (int) logarithmic(100, 40_000),
                logarithmic(60_000, 100_000_000),
                oneOf(1, 200, 4 << 10, 64 << 10, 256 << 10, 4 << 20),
                chance(75) ? 0 : (int) logarithmic(100, 20_000),
                oneOf(Cuts.WHOLE, Cuts.RANDOM, Cuts.BYTES),
                id > 1 && count > 1 && chance(20),
                random.nextInt(3),
                balanced,
                chance(75) ? 0 : (int) logarithmic(10, 3_000));
    }

    private FlowPlan flow(int id) {
        List<Integer> mine = new ArrayList<>();
        for (LinkPlan link : links) {
            if (mine.isEmpty() || chance(80)) {
                mine.add(link.id());
            }
        }
        long slowest = Long.MAX_VALUE;
        for (LinkPlan link : links) {
            slowest = Math.min(slowest, link.rate());
        }
        AppPlan dialer = app(slowest);
        AppPlan acceptor = app(slowest);
        if (chance(25)) {
            dialer = with(dialer, Writing.PING);
            acceptor = with(acceptor, Writing.PONG);
        }
        int admission = random.nextInt(100);
        return new FlowPlan(
                id,
                chance(60) ? 0 : random.nextInt(durationMs / 3),
                mine,
                chance(25),
                admission < 85 ? Admission.AT_ONCE : admission < 95 ? Admission.DEFERRED : Admission.REFUSED,
                dialer,
                acceptor);
    }

    private AppPlan app(long rate) {
        Writing writing = oneOf(
                Writing.BULK,
                Writing.BULK,
                Writing.BULK,
                Writing.BURSTS,
                Writing.BURSTS,
                Writing.TRICKLE,
                Writing.NOTHING);
        long affordable = Math.min(2 << 20, rate * Math.min(durationMs, 20_000) / 1_000);
        int bytes = (int) logarithmic(500, Math.max(10_000, affordable));
        int chunk = writing == Writing.TRICKLE ? 1 + random.nextInt(100) : (int) logarithmic(50, 100_000);
        int reading = random.nextInt(100);
        return new AppPlan(
                writing,
                bytes,
                chunk,
                (int) logarithmic(20, 8_000),
                reading < 75
                        ? Reading.AT_ONCE
                        : reading < 83 ? Reading.LATE : reading < 95 ? Reading.SLOW : Reading.NEVER,
                reading < 83 ? random.nextInt(durationMs) : (int) logarithmic(20, 2_000),
                (int) logarithmic(100, 100_000),
                chance(60));
    }

    private AppPlan with(AppPlan app, Writing writing) {
        return new AppPlan(
                writing,
                (int) logarithmic(500, 200_000),
                (int) logarithmic(1, 5_000),
                app.periodMs(),
                Reading.AT_ONCE,
                app.readMs(),
                app.readChunk(),
                app.fin());
    }

    // ---- faults

    private List<Fault> faults() {
        List<Fault> faults = new ArrayList<>();
        int count = chance(8) ? 0 : 1 + random.nextInt(11);
        while (faults.size() < count) {
            if (count - faults.size() >= links.size() && chance(15)) {
                everything(faults);
            } else {
                faults.add(fault());
            }
        }
        if (chance(3)) {
            // The dialer vanishes without a word, and does not come back in time.
            faults.add(new Fault(
                    durationMs / 2 + random.nextInt(durationMs / 2), durationMs, FaultKind.HOST_POWER_LOSS, 0));
        }
        return faults;
    }

    /** All paths at about the same time. */
    private void everything(List<Fault> faults) {
        int at = random.nextInt(durationMs);
        int last = chance(80) ? oneOf(2_000, 8_000, 20_000) : durationMs;
        FaultKind kind = oneOf(
                FaultKind.BLACKHOLE,
                FaultKind.BLACKHOLE,
                FaultKind.RST,
                FaultKind.NAT_SILENT,
                FaultKind.MTU,
                FaultKind.STALL);
        for (LinkPlan link : links) {
            faults.add(new Fault(at + random.nextInt(1_500), last + random.nextInt(1_500), kind, link.id()));
        }
    }

    private Fault fault() {
        int dice = random.nextInt(100);
        FaultKind kind;
        if (dice < 12) {
            kind = FaultKind.HOST_STALL;
        } else if (dice < 14) {
            kind = oneOf(FaultKind.HOST_CRASH, FaultKind.HOST_POWER_LOSS);
        } else if (dice < 22) {
            kind = oneOf(FaultKind.REPLAY, FaultKind.FORGE, FaultKind.FLOOD);
        } else if (dice < 25 && sealed) {
            kind = FaultKind.CORRUPT;
        } else {
            kind = oneOf(
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
        int target;
        if (kind == FaultKind.HOST_STALL) {
            forMs = (int) logarithmic(50, 8_000);
            target = random.nextInt(1 + acceptors);
        } else if (kind.onHost()) {
            forMs = (int) logarithmic(500, 5_000);
            target = random.nextInt(1 + acceptors);
        } else {
            int length = random.nextInt(10);
            forMs = (int)
                    (length < 4
                            ? logarithmic(50, 1_500)
                            : length < 8 ? logarithmic(2_000, 10_000) : logarithmic(10_000, 40_000));
            if (kind == FaultKind.CORRUPT) {
                forMs = Math.min(forMs, 3_000);
            }
            target = links.get(random.nextInt(links.size())).id();
        }
        return new Fault(random.nextInt(durationMs), forMs, kind, target);
    }

    // ---- moves

    private List<Move> moves(List<FlowPlan> flows) {
        List<Move> moves = new ArrayList<>();
        int count = chance(10) ? 0 : 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            FlowPlan flow = flows.get(random.nextInt(flows.size()));
            int dice = random.nextInt(100);
            MoveKind kind = dice < 45
                    ? MoveKind.MIGRATE
                    : dice < 60
                            ? MoveKind.ADD_PATH
                            : dice < 75
                                    ? MoveKind.REMOVE_PATH
                                    : dice < 88
                                            ? MoveKind.NETWORK_CHANGED
                                            : oneOf(
                                                    MoveKind.SHUT_OUTPUT,
                                                    MoveKind.SHUT_INPUT,
                                                    MoveKind.CLOSE,
                                                    MoveKind.ABORT);
            int arg = kind == MoveKind.ABORT
                    ? 77
                    : links.get(random.nextInt(links.size())).id();
            Side side = chance(70) ? Side.DIALER : Side.ACCEPTOR;
            int at = flow.startMs() + random.nextInt(Math.max(1, durationMs - flow.startMs()));
            boolean last = kind.ordinal() >= MoveKind.SHUT_OUTPUT.ordinal();
            moves.add(new Move(last ? Math.max(at, durationMs / 3) : at, flow.id(), side, kind, arg));
        }
        return moves;
    }
}
