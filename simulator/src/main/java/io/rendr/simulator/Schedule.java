// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.FlowKind;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that a run depends on: the world, who talks to whom and how, what breaks and what applications do about
 * it. It is data, printed and read by {@link ScheduleText}, so that a failing one can be shrunk and replayed.
 *
 * @param world what concerns all
 * @param links the routes, by id
 * @param flows the flows, by id
 * @param faults what breaks, and when
 * @param moves what applications do beside reading and writing
 */
record Schedule(World world, List<LinkPlan> links, List<FlowPlan> flows, List<Fault> faults, List<Move> moves) {
    Schedule {
        links = List.copyOf(links);
        flows = List.copyOf(flows);
        faults = List.copyOf(faults);
        moves = List.copyOf(moves);
    }

    enum Side {
        DIALER,
        ACCEPTOR
    }

    /**
     * @param seed of all chance that is left: jitter, loss, cuts, back-off
     * @param sealed whether carriers are sealed
     * @param realKeys whether the real key agreement runs, instead of a cheap stand-in
     * @param psk whether both ends know a pre-shared key
     * @param durationMs how long faults and moves go on
     * @param budgetMs the migration budget of the dialing end
     * @param acceptorBudgetMs that of the accepting end; the smaller one counts for both
     * @param memory bytes of each host's pool
     * @param acceptors 1, or 2 that balanced links lead to
     * @param lateMs how late a timer may fire on an ordinary day
     * @param quality whether the selector is armed
     * @param origin what the clock shows at the start, in milliseconds
     */
    record World(
            long seed,
            boolean sealed,
            boolean realKeys,
            boolean psk,
            int durationMs,
            int budgetMs,
            int acceptorBudgetMs,
            long memory,
            int acceptors,
            int lateMs,
            boolean quality,
            int origin) {
        /** What both ends agree on. */
        int agreedBudgetMs() {
            return Math.min(budgetMs, acceptorBudgetMs);
        }
    }

    enum Cuts {
        /** As it arrives. */
        WHOLE,
        /** At random places. */
        RANDOM,
        /** Every byte of small pieces, and of the first bytes of large ones, by itself. */
        BYTES
    }

    /**
     * @param id what paths and faults call it
     * @param delayUs propagation, one way
     * @param jitterUs at most so much more
     * @param rate bytes per second of the bottleneck
     * @param buffer bytes that the sender's kernel accepts beyond what has left
     * @param lossPpm lost pieces in a million
     * @param cuts where reads are cut
     * @param backup the path's option
     * @param fate the path's fate group, 0 for none
     * @param balanced whether it leads to any acceptor
     * @param lateCloseMs how much later than the last byte the end of a carrier may be told
     * @param datagrams whether datagrams run over it, instead of connections
     */
    record LinkPlan(
            int id,
            int delayUs,
            int jitterUs,
            long rate,
            int buffer,
            int lossPpm,
            Cuts cuts,
            boolean backup,
            int fate,
            boolean balanced,
            int lateCloseMs,
            boolean datagrams) {
        boolean calm() {
            return lossPpm == 0 && jitterUs <= delayUs + 5_000;
        }
    }

    enum Writing {
        NOTHING,
        BULK,
        BURSTS,
        TRICKLE,
        /** Sends, and goes on when the answer has come. */
        PING,
        /** Answers each byte that it reads. */
        PONG
    }

    enum Reading {
        AT_ONCE,
        LATE,
        SLOW,
        NEVER
    }

    /**
     * @param writing the habit
     * @param bytes how much there is to write
     * @param chunk bytes of one write
     * @param periodMs between writes
     * @param reading the habit
     * @param readMs when the late reader starts, or how often the slow one reads
     * @param readChunk bytes that the slow reader takes
     * @param fin whether the output is shut as soon as all is written, or only at the end of the run
     */
    record AppPlan(
            Writing writing,
            int bytes,
            int chunk,
            int periodMs,
            Reading reading,
            int readMs,
            int readChunk,
            boolean fin) {}

    enum Admission {
        AT_ONCE,
        DEFERRED,
        REFUSED
    }

    /**
     * @param id its number
     * @param startMs when it is dialed
     * @param links the ids of its paths' links, in order of preference
     * @param eager whether the dialer writes before the peer's admission
     * @param admission what the acceptor's application decides
     * @param kind whether it carries a stream or packets
     * @param repairMs for how long a lost packet is sent again; 0 for streams
     * @param shape how its policy tree joins its paths, see {@link Shape}
     */
    record FlowPlan(
            int id,
            int startMs,
            List<Integer> links,
            boolean eager,
            Admission admission,
            FlowKind kind,
            int repairMs,
            int shape,
            AppPlan dialer,
            AppPlan acceptor) {
        AppPlan app(Side side) {
            return side == Side.DIALER ? dialer : acceptor;
        }
    }

    enum FaultKind {
        BLACKHOLE,
        BLACKHOLE_FORWARD,
        BLACKHOLE_BACK,
        /** Nothing moves, nothing is lost. */
        STALL,
        RST,
        /** The carrier is torn, and only one end hears of it. */
        RST_ONE_END,
        FIN,
        NAT_SILENT,
        NAT_RST,
        CONNECT_HANG,
        CONNECT_REFUSED,
        /** Connects, then swallows everything. */
        CONNECT_MUTE,
        SLOW,
        /** Large pieces vanish, small ones pass. */
        MTU,
        /** Of a connection made meanwhile, only the acceptor's first words come back. */
        TARPIT,
        /** Somebody without any key answers in the acceptor's place, and says that the flow has ended. */
        IMPOSTOR,
        CORRUPT,
        /** Somebody sends copies of datagrams from an address of his own, which arrive before they do. */
        RELAY,
        /** Swallows everything, and the judge is not told: a run with it has to fail. */
        UNDECLARED,
        HOST_STALL,
        HOST_CRASH,
        HOST_POWER_LOSS,
        REPLAY,
        FORGE,
        FLOOD;

        boolean onHost() {
            return this == HOST_STALL || this == HOST_CRASH || this == HOST_POWER_LOSS;
        }

        boolean byAdversary() {
            return this == REPLAY || this == FORGE || this == FLOOD;
        }
    }

    /**
     * @param atMs when it begins
     * @param forMs how long it lasts
     * @param target the link's or the host's number; host 0 dials
     */
    record Fault(int atMs, int forMs, FaultKind kind, int target) {}

    enum MoveKind {
        MIGRATE,
        ADD_PATH,
        REMOVE_PATH,
        NETWORK_CHANGED,
        SET_TARGET,
        SHUT_OUTPUT,
        SHUT_INPUT,
        CLOSE,
        ABORT
    }

    /**
     * @param arg the link's id, the code, or the {@link Arrangement}
     * @param shape of the tree that {@code SET_TARGET} asks for, see {@link Shape}
     */
    record Move(int atMs, int flow, Side side, MoveKind kind, int arg, int shape) {}

    /**
     * What {@code SET_TARGET} asks for, in one number: the ids of the links in order of preference, a digit each; those
     * after a 0 are backups; a negative number arms the selector.
     *
     * @param links those that are no backups, at least one
     * @param backups those that are
     * @param quality whether the selector is armed
     */
    record Arrangement(List<Integer> links, List<Integer> backups, boolean quality) {
        static Arrangement of(int arg) {
            List<Integer> links = new ArrayList<>();
            List<Integer> backups = new ArrayList<>();
            List<Integer> into = links;
            for (char digit : Integer.toString(Math.abs(arg)).toCharArray()) {
                if (digit == '0') {
                    into = backups;
                } else {
                    into.add(digit - '0');
                }
            }
            return new Arrangement(links, backups, arg < 0);
        }

        int arg() {
            StringBuilder digits = new StringBuilder();
            links.forEach(digits::append);
            if (!backups.isEmpty()) {
                digits.append(0);
                backups.forEach(digits::append);
            }
            int value = Integer.parseInt(digits.toString());
            return quality ? -value : value;
        }

        /** All of them, in order of preference. */
        List<Integer> all() {
            List<Integer> all = new ArrayList<>(links);
            all.addAll(backups);
            return all;
        }
    }

    /** Whether a link of this world carries datagrams. */
    boolean hasDatagrams() {
        return links.stream().anyMatch(LinkPlan::datagrams);
    }

    LinkPlan link(int id) {
        for (LinkPlan link : links) {
            if (link.id() == id) {
                return link;
            }
        }
        throw new IllegalArgumentException("the schedule has no link " + id);
    }

    Schedule withFaults(List<Fault> fewer) {
        return new Schedule(world, links, flows, fewer, moves);
    }

    Schedule withMoves(List<Move> fewer) {
        return new Schedule(world, links, flows, faults, fewer);
    }

    Schedule withFlows(List<FlowPlan> fewer) {
        List<Move> kept = new ArrayList<>(moves);
        kept.removeIf(move -> fewer.stream().noneMatch(flow -> flow.id() == move.flow()));
        return new Schedule(world, links, fewer, faults, kept);
    }

    Schedule withWorld(World other) {
        return new Schedule(other, links, flows, faults, moves);
    }

    Schedule withLinks(List<LinkPlan> others) {
        return new Schedule(world, others, flows, faults, moves);
    }
}
