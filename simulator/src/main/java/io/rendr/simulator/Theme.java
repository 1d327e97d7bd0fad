// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.simulator.Schedule.Admission;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.FlowPlan;
import io.rendr.simulator.Schedule.LinkPlan;
import io.rendr.simulator.Schedule.MoveKind;
import io.rendr.simulator.Schedule.Reading;
import io.rendr.simulator.Schedule.Side;
import io.rendr.simulator.Schedule.Writing;
import java.util.List;

/**
 * A situation that some rule is for and that chance would bring about in one schedule out of hundreds. A theme bends a
 * draft so far that the situation is likely; whether the rule was exercised is for the run to show.
 */
enum Theme {
    /** Carriers that answer and carry nothing: each move is in vain. */
    ZOMBIE {
        @Override
        void bend(Draft draft) {
            twoPaths(draft);
            draft.lastsAtLeast(40_000);
            talks(draft, 0, Writing.BULK, 2 << 20);
            draft.app(0, Side.DIALER, "fin", false);
            draft.everywhere(draft.between(1_000, 6_000), draft.between(25_000, 34_000), FaultKind.MTU);
        }
    },

    /** The dialer's machine loses its power while nothing is going on. */
    VANISHED_DIALER {
        @Override
        void bend(Draft draft) {
            draft.world("sealed", false);
            int at = draft.between(15_000, 22_000);
            draft.lastsAtLeast(at + 80_000);
            for (int i = 0; i < draft.flows.size(); i++) {
                draft.flow(i, "admission", Admission.AT_ONCE);
                talks(draft, i, Writing.TRICKLE, 500);
                draft.app(i, Side.ACCEPTOR, "writing", Writing.NOTHING);
                draft.app(i, Side.ACCEPTOR, "reading", Reading.AT_ONCE);
                draft.flow(i, "startMs", 0);
                draft.app(i, Side.DIALER, "fin", false);
                draft.app(i, Side.DIALER, "periodMs", 100);
            }
            briefly(draft, 500, 9_000);
            draft.fault(at, draft.durationMs(), FaultKind.HOST_POWER_LOSS, 0);
        }

        @Override
        boolean isComplete() {
            return true;
        }
    },

    /** More wants to be kept than there is memory for. */
    SMALL_POOL {
        @Override
        void bend(Draft draft) {
            draft.world("memory", 1L << 20);
            List<Integer> links = draft.flows.get(0).links();
            int count = draft.between(3, 7);
            while (draft.flows.size() < count) {
                FlowPlan more = Records.with(draft.flows.get(0), "id", draft.flows.size() + 1);
                draft.flows.add(Records.with(more, "links", links));
            }
            for (int i = 0; i < draft.flows.size(); i++) {
                talks(draft, i, Writing.BULK, draft.between(300_000, 800_000));
                draft.app(i, Side.ACCEPTOR, "reading", draft.oneOf(Reading.LATE, Reading.SLOW, Reading.AT_ONCE));
            }
        }
    },

    /** More flows than the memory can guarantee a share. */
    CROWD {
        @Override
        void bend(Draft draft) {
            draft.world("memory", 1L << 20);
            talks(draft, 0, Writing.TRICKLE, 300);
            draft.app(0, Side.ACCEPTOR, "writing", Writing.NOTHING);
            draft.app(0, Side.DIALER, "fin", false);
            FlowPlan first = draft.flows.get(0);
            int count = draft.between(34, 38);
            while (draft.flows.size() < count) {
                draft.flows.add(Records.with(first, "id", draft.flows.size() + 1));
            }
        }
    },

    /** The acceptor ends the flow while no path leads to it; the dialer comes back and is told by a tombstone. */
    LATE_ATTACH {
        @Override
        void bend(Draft draft) {
            draft.lastsAtLeast(25_000);
            calm(draft);
            talks(draft, 0, Writing.TRICKLE, 2_000);
            draft.app(0, Side.DIALER, "fin", false);
            draft.flow(0, "startMs", 0);
            int at = draft.between(3_000, 8_000);
            draft.everywhere(at, draft.between(4_000, 9_000), FaultKind.BLACKHOLE);
            draft.move(at + 400, Side.ACCEPTOR, MoveKind.ABORT, 77);
        }
    },

    /** The peer's process ends, and another one comes up in its place. */
    RESTART {
        @Override
        void bend(Draft draft) {
            calm(draft);
            talks(draft, 0, Writing.TRICKLE, 20_000);
            FaultKind kind = draft.chance(70) ? FaultKind.HOST_CRASH : FaultKind.HOST_POWER_LOSS;
            int at = draft.between(1_500, draft.durationMs() * 2 / 3);
            draft.fault(at, draft.logarithmic(300, 4_000), kind, draft.chance(80) ? 1 : 0);
        }
    },

    /** Many flows to one peer, of which most are idle, and something that befalls them all. */
    MATES {
        @Override
        void bend(Draft draft) {
            calm(draft);
            draft.lastsAtLeast(25_000);
            draft.world("psk", draft.chance(60));
            talks(draft, 0, Writing.TRICKLE, 2_000);
            draft.app(0, Side.DIALER, "fin", false);
            draft.flow(0, "startMs", 0);
            int talking = draft.between(1, 5);
            FlowPlan first = draft.flows.get(0);
            int count = draft.between(6, 13);
            while (draft.flows.size() < count) {
                draft.flows.add(Records.with(first, "id", draft.flows.size() + 1));
            }
            for (int i = talking; i < count; i++) {
                talks(draft, i, Writing.TRICKLE, 60);
                draft.app(i, Side.DIALER, "fin", false);
            }
            int at = draft.between(5_000, 16_000);
            int length = draft.logarithmic(300, 6_000);
            switch (draft.between(0, 4)) {
                case 0 -> draft.fault(at, length, FaultKind.HOST_CRASH, 1);
                case 1 -> draft.fault(at, length, FaultKind.HOST_POWER_LOSS, 1);
                case 2 -> draft.everywhere(at, length, FaultKind.BLACKHOLE);
                default -> {
                    draft.everywhere(at, length, FaultKind.CONNECT_REFUSED);
                    draft.everywhere(at + 301, 10, FaultKind.RST);
                }
            }
        }
    },

    /** Bytes and control go two ways of very different length at once. */
    CROSSING {
        @Override
        void bend(Draft draft) {
            draft.world("sealed", false);
            twoPaths(draft);
            draft.link(0, "delayUs", draft.between(80_000, 250_000));
            draft.link(1, "delayUs", draft.between(100, 20_000));
            for (int i = 0; i < 2; i++) {
                draft.link(i, "backup", false);
                draft.link(i, "rate", (long) draft.between(100_000, 2_000_000));
            }
            talks(draft, 0, Writing.BULK, 2 << 20);
            talks(draft, 0, Side.ACCEPTOR, Writing.BULK, 1 << 20);
            int at = draft.between(600, 3_000);
            for (int i = 0; i < 4; i++) {
                draft.move(at, Side.DIALER, MoveKind.MIGRATE, 1 + i % 2);
                at += draft.logarithmic(30, 2_000);
            }
        }
    },

    /** Connections come about, and what is said over them vanishes. */
    MUTE {
        @Override
        void bend(Draft draft) {
            draft.lastsAtLeast(15_000);
            talks(draft, 0, Writing.TRICKLE, 20_000);
            draft.app(0, Side.DIALER, "fin", false);
            int link = draft.flows.get(0).links().get(0);
            int at = draft.between(1_500, 6_000);
            draft.fault(at, draft.between(5_000, 12_000), FaultKind.CONNECT_MUTE, link);
            draft.fault(at + 50, 10, draft.oneOf(FaultKind.RST, FaultKind.FIN), link);
        }
    },

    /** A carrier's last words arrive when another has long taken its place. */
    OVERTAKEN {
        @Override
        void bend(Draft draft) {
            draft.lastsAtLeast(15_000);
            calm(draft);
            talks(draft, 0, Writing.TRICKLE, 20_000);
            draft.app(0, Side.DIALER, "fin", false);
            int link = draft.flows.get(0).links().get(0);
            int delay = draft.between(20, 45);
            draft.link(link - 1, "delayUs", delay * 1_000);
            draft.link(link - 1, "jitterUs", 0);
            draft.link(link - 1, "lateCloseMs", 0);
            // A redial is confirmed; the confirmation is lost three times, and its fourth copy comes after the next
            // one's.
            for (int at = draft.between(2_000, 4_000); at < 13_000; at += draft.between(5_000, 6_000)) {
                draft.fault(at, 10, FaultKind.RST, link);
                draft.fault(at + 4 * delay, delay + draft.between(1_450, 1_550), FaultKind.BLACKHOLE_FORWARD, link);
            }
        }
    },

    /** Bytes change on the way, again and again. */
    POISON {
        @Override
        void bend(Draft draft) {
            draft.world("sealed", true);
            draft.lastsAtLeast(20_000);
            calm(draft);
            draft.flow(0, "startMs", 0);
            draft.flow(0, "admission", Admission.AT_ONCE);
            for (Side side : Side.values()) {
                talks(draft, 0, side, Writing.BURSTS, 400_000);
                draft.app(0, side, "chunk", 3_000);
                draft.app(0, side, "periodMs", 100);
                draft.app(0, side, "fin", false);
            }
            List<Integer> all = draft.flows.get(0).links();
            List<Integer> two = all.subList(0, Math.min(2, all.size()));
            draft.flow(0, "links", List.copyOf(two));
            for (int i = 0, at = draft.between(1_000, 3_000); i < 4; i++, at += draft.between(1_500, 4_000)) {
                for (int link : two) {
                    draft.fault(at, draft.between(300, 1_000), FaultKind.CORRUPT, link);
                }
            }
        }
    },

    /** Somebody else answers where the peer was. */
    IMPOSTOR {
        @Override
        void bend(Draft draft) {
            talks(draft, 0, Writing.TRICKLE, 20_000);
            draft.app(0, Side.DIALER, "fin", false);
            int at = draft.between(1_500, draft.durationMs() / 2);
            for (LinkPlan link : draft.links) {
                draft.fault(at, draft.between(1_500, 5_000), FaultKind.IMPOSTOR, link.id());
                draft.fault(at + 100, 10, FaultKind.RST, link.id());
            }
        }
    },

    /** An end closes, and the peer does not read what it left behind. */
    LINGERING {
        @Override
        void bend(Draft draft) {
            draft.lastsAtLeast(42_000);
            calm(draft);
            draft.flow(0, "startMs", 0);
            draft.flow(0, "admission", Admission.AT_ONCE);
            talks(draft, 0, Writing.BULK, 1 << 20);
            draft.app(0, Side.DIALER, "fin", false);
            draft.app(0, Side.ACCEPTOR, "reading", draft.chance(70) ? Reading.NEVER : Reading.SLOW);
            draft.app(0, Side.ACCEPTOR, "readMs", 2_000);
            draft.app(0, Side.ACCEPTOR, "readChunk", 100);
            draft.move(draft.between(3_000, 8_000), Side.DIALER, MoveKind.CLOSE, 0);
        }
    },

    /** Nothing to do for most of a minute. */
    IDLE {
        @Override
        void bend(Draft draft) {
            draft.world("sealed", draft.chance(20));
            draft.lastsAtLeast(68_000);
            calm(draft);
            if (draft.chance(70)) {
                together(draft);
            }
            for (int i = 0; i < draft.flows.size(); i++) {
                talks(draft, i, draft.oneOf(Writing.BURSTS, Writing.TRICKLE), 2_000);
                draft.app(i, Side.ACCEPTOR, "writing", Writing.NOTHING);
                draft.app(i, Side.ACCEPTOR, "reading", Reading.AT_ONCE);
                draft.flow(i, "startMs", 0);
                draft.app(i, Side.DIALER, "fin", false);
                draft.app(i, Side.DIALER, "periodMs", 50);
                draft.app(i, Side.DIALER, "chunk", 1_000);
            }
            briefly(draft, draft.durationMs() - 14_000, draft.durationMs());
        }

        /** One of several flows that go the same way measures it for all, if quality may move them. */
        private void together(Draft draft) {
            draft.world("quality", true);
            FlowPlan first = draft.flows.get(0);
            int count = draft.between(2, 4);
            while (draft.flows.size() < count) {
                draft.flows.add(Records.with(first, "id", draft.flows.size() + 1));
            }
            for (int i = 0; i < draft.flows.size(); i++) {
                draft.flow(i, "links", first.links());
            }
        }

        @Override
        boolean isComplete() {
            return true;
        }
    },

    /** Two paths that take turns in falling silent. */
    FLAPPING {
        @Override
        void bend(Draft draft) {
            twoPaths(draft);
            calm(draft);
            draft.lastsAtLeast(20_000);
            talks(draft, 0, Writing.BULK, 2 << 20);
            for (int i = 0; i < 2; i++) {
                draft.link(i, "rate", (long) draft.between(60_000, 120_000));
                draft.link(i, "backup", false);
                draft.link(i, "delayUs", draft.between(500, 20_000));
            }
            int at = draft.between(1_000, 4_000);
            for (int i = 0; i < 6; i++) {
                int forMs = draft.between(500, 1_500);
                FaultKind kind = draft.oneOf(FaultKind.STALL, FaultKind.BLACKHOLE);
                draft.fault(at, forMs, kind, 1 + i % 2);
                at += forMs + draft.between(300, 1_500);
            }
        }
    },

    /** Nobody answers a dial. */
    DIAL_IN_VAIN {
        @Override
        void bend(Draft draft) {
            draft.lastsAtLeast(20_000);
            int at = draft.durationMs() - 18_000;
            draft.everywhere(
                    Math.max(0, at - 400), 20_000, draft.chance(85) ? FaultKind.CONNECT_MUTE : FaultKind.BLACKHOLE);
            FlowPlan late = Records.with(draft.flows.get(0), "id", draft.flows.size() + 1);
            draft.flows.add(Records.with(late, "startMs", at));
        }
    },

    /** Paths come and go until one is left, and come again. */
    CHURN {
        @Override
        void bend(Draft draft) {
            twoPaths(draft);
            calm(draft);
            talks(draft, 0, Writing.TRICKLE, 20_000);
            draft.app(0, Side.DIALER, "fin", false);
            draft.flow(0, "links", List.of(1));
            int at = draft.between(1_000, 2_500);
            MoveKind[] order = {
                MoveKind.ADD_PATH, MoveKind.REMOVE_PATH, MoveKind.ADD_PATH, MoveKind.REMOVE_PATH, MoveKind.REMOVE_PATH
            };
            int[] links = {2, 2, 2, 1, 2};
            for (int i = 0; i < order.length; i++) {
                Side side = draft.chance(75) || order[i] == MoveKind.ADD_PATH ? Side.DIALER : Side.ACCEPTOR;
                draft.move(at, side, order[i], links[i]);
                at += draft.between(300, 3_000);
            }
        }
    },

    /** The application wants other paths, and some of those that it has no more. */
    RETARGETED {
        @Override
        void bend(Draft draft) {
            twoPaths(draft);
            calm(draft);
            talks(draft, 0, Writing.TRICKLE, 20_000);
            draft.app(0, Side.DIALER, "fin", false);
            draft.flow(0, "startMs", 0);
            int at = draft.between(1_000, 4_000);
            draft.lastsAtLeast(at + 24_000);
            draft.move(at, Side.DIALER, MoveKind.SET_TARGET, draft.oneOf(1, 2, 102, -2));
            draft.move(at + 22_000, Side.DIALER, MoveKind.SET_TARGET, draft.oneOf(12, 21, 201));
        }
    },

    /** A path grows slow and is left, and what it still has comes late. */
    SLOWED {
        @Override
        void bend(Draft draft) {
            twoPaths(draft);
            calm(draft);
            draft.world("memory", 32L << 20);
            talks(draft, 0, Writing.BULK, 4 << 20);
            draft.app(0, Side.ACCEPTOR, "reading", Reading.AT_ONCE);
            draft.flow(0, "startMs", 0);
            for (int i = 0; i < 2; i++) {
                draft.link(i, "delayUs", draft.between(5_000, 40_000));
                draft.link(i, "rate", (long) draft.between(2_000_000, 4_000_000));
                draft.link(i, "buffer", 256 << 10);
                draft.link(i, "backup", false);
            }
            int at = draft.between(400, 800);
            draft.fault(at, draft.between(4_000, 12_000), FaultKind.SLOW, 1);
            draft.move(at + draft.between(100, 300), Side.DIALER, MoveKind.MIGRATE, 2);
        }
    },

    /** All paths of a group fail together; one of another group is fine. */
    FATES {
        @Override
        void bend(Draft draft) {
            while (draft.links.size() < 4) {
                draft.links.add(Records.with(draft.links.get(0), "id", draft.links.size() + 1));
            }
            calm(draft);
            for (int i = 0; i < 4; i++) {
                draft.link(i, "fate", i < 3 ? 1 : 2);
                draft.link(i, "backup", false);
            }
            draft.flow(0, "links", List.of(1, 2, 3, 4));
            talks(draft, 0, Writing.TRICKLE, 20_000);
            draft.app(0, Side.DIALER, "periodMs", 100);
            draft.app(0, Side.DIALER, "fin", false);
            int at = draft.between(2_000, 6_000);
            int forMs = draft.logarithmic(500, 8_000);
            for (int i = 1; i <= 3; i++) {
                draft.fault(at, forMs, FaultKind.BLACKHOLE, i);
            }
        }
    },

    /** Narrow links on which nothing fails: whatever is said there, nothing may move. */
    NARROW {
        @Override
        void bend(Draft draft) {
            twoPaths(draft);
            calm(draft);
            int flows = draft.flows.size();
            for (int i = 0; i < draft.links.size(); i++) {
                draft.link(i, "rate", (long) flows * draft.logarithmic(20_000, 500_000));
            }
            long slowest = draft.links.stream().mapToLong(LinkPlan::rate).min().orElseThrow();
            for (int i = 0; i < flows; i++) {
                for (Side side : Side.values()) {
                    int bytes = draft.flows.get(i).app(side).bytes();
                    draft.app(i, side, "bytes", (int) Math.min(bytes, 10 * slowest / flows));
                }
            }
        }

        @Override
        boolean isComplete() {
            return true;
        }
    },

    /** Bursts after pauses, over a long way: credit comes and goes. */
    BURSTS {
        @Override
        void bend(Draft draft) {
            draft.world("sealed", false);
            draft.lastsAtLeast(25_000);
            calm(draft);
            draft.link(0, "delayUs", draft.between(50_000, 200_000));
            for (Side side : Side.values()) {
                talks(draft, 0, side, Writing.BURSTS, 2 << 20);
                draft.app(0, side, "chunk", draft.between(300_000, 700_000));
                draft.app(0, side, "periodMs", draft.between(5_500, 9_000));
            }
        }
    };

    /** Puts the situation into a draft. */
    abstract void bend(Draft draft);

    /** Whether chance would spoil it, and must add no faults. */
    boolean isComplete() {
        return false;
    }

    /** A few short faults in a part of the run. */
    private static void briefly(Draft draft, int fromMs, int toMs) {
        int count = draft.between(3, 9);
        for (int i = 0; i < count; i++) {
            FaultKind kind = draft.oneOf(
                    FaultKind.STALL, FaultKind.RST, FaultKind.BLACKHOLE, FaultKind.NAT_SILENT, FaultKind.NAT_RST);
            draft.fault(
                    draft.between(fromMs, toMs),
                    draft.between(50, 2_000),
                    kind,
                    draft.between(1, 1 + draft.links.size()));
        }
    }

    /** The first flow has two paths at least, over the first two links. */
    private static void twoPaths(Draft draft) {
        while (draft.links.size() < 2) {
            draft.links.add(Records.with(draft.links.get(0), "id", draft.links.size() + 1));
        }
        draft.flow(0, "links", draft.links.stream().map(LinkPlan::id).toList());
    }

    /** Nothing is lost by chance, and every link leads to the same place. */
    private static void calm(Draft draft) {
        draft.world("acceptors", 1);
        for (int i = 0; i < draft.links.size(); i++) {
            draft.link(i, "balanced", false);
            draft.link(i, "lossPpm", 0);
            draft.link(i, "jitterUs", Math.min(draft.links.get(i).jitterUs(), 3_000));
        }
    }

    /** The dialing application of a flow writes, and the flow is taken. */
    private static void talks(Draft draft, int flow, Writing writing, int bytes) {
        draft.flow(flow, "admission", Admission.AT_ONCE);
        talks(draft, flow, Side.DIALER, writing, bytes);
        Side other = Side.ACCEPTOR;
        if (draft.flows.get(flow).app(other).writing() == Writing.PONG) {
            draft.app(flow, other, "writing", Writing.NOTHING);
        }
    }

    private static void talks(Draft draft, int flow, Side side, Writing writing, int bytes) {
        draft.app(flow, side, "writing", writing);
        draft.app(flow, side, "bytes", bytes);
        draft.app(flow, side, "chunk", writing == Writing.TRICKLE ? 20 : 50_000);
        draft.app(flow, side, "periodMs", 50);
    }
}
