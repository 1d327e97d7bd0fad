// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.CloseReason;
import io.rendr.DatagramCounters;
import io.rendr.FlowAbortedException;
import io.rendr.MigrationBudgetExceededException;
import io.rendr.MigrationCause;
import io.rendr.PacketCounters;
import io.rendr.PathState;
import io.rendr.PeerRestartedException;
import io.rendr.RendrException;
import io.rendr.ResendCause;
import io.rendr.ZombiePeerException;
import io.rendr.engine.flow.Counters;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowPath;
import io.rendr.engine.path.Quality;
import io.rendr.engine.policy.Bond;
import io.rendr.engine.policy.Group;
import io.rendr.engine.policy.Race;
import io.rendr.engine.wire.AbortCode;
import io.rendr.engine.wire.RefuseCode;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which rules a run exercised, from what ends of flows and carriers report and count. A rule counts when what
 * it is about was at stake, not when code that implements it merely ran.
 */
final class Coverage {
    private static final long HEARD = MILLISECONDS.toNanos(200);
    private static final long ZOMBIE_MEMORY_MS = SECONDS.toMillis(30);

    private final Simulation world;

    Coverage(Simulation world) {
        this.world = world;
    }

    private void saw(Rule rule, boolean indeed) {
        world.saw(rule, indeed);
    }

    /** An end gives a carrier up. */
    void closed(CloseReason why) {
        String detail = why.detail();
        saw(Rule.DEAD_BY_SILENCE, why.kind() == CloseReason.Kind.TIMEOUT && detail.startsWith("nothing was confirmed"));
        saw(Rule.STALE_CARRIER, detail.equals("the carrier comes too late"));
        saw(Rule.REPLACED, detail.equals("replaced by a newer carrier"));
        saw(Rule.PATH_STATE, detail.equals("the peer found the carrier dead"));
        saw(Rule.BUSY, detail.endsWith(RefuseCode.BUSY.text()));
    }

    /** A dialer's flow came into being: whether another goes the same way already. */
    void established(FlowEnd end) {
        String first = "p" + end.conversation().plan().links().get(0);
        saw(Rule.GROUP_RTT, mates(end, first, path -> path.state().isUsable()) > 0);
    }

    /** How many other flows of this dialer to the same peer have a path over the same link in some state. */
    private long mates(FlowEnd end, String path, Predicate<FlowPath> state) {
        return world.ends().stream()
                .filter(other -> other != end && other.side() == Schedule.Side.DIALER && !other.isOver())
                .filter(other -> other.flow().peer().equals(end.flow().peer()))
                .filter(other -> other.flow().pathList().stream()
                        .anyMatch(theirs -> theirs.name().equals(path) && state.test(theirs)))
                .count();
    }

    /** An end has had nothing to do for 20 s: whether that is so for others, and quality may move them. */
    void idle(FlowEnd end) {
        if (end.side() == Schedule.Side.DIALER && world.schedule().world().quality()) {
            saw(Rule.GROUP_QUALITY, end.conversation().routes().stream().anyMatch(route -> anyMate(end, route)));
        }
    }

    private void shared(FlowEnd end, FlowPath path) {
        long now = world.timeline().now();
        if (path.state() == PathState.SUSPECT) {
            saw(
                    Rule.GROUP_NUDGE,
                    mates(end, path.name(), other -> other.state() == PathState.SUSPECT && now - other.since() <= HEARD)
                            >= 2);
        }
        if (path.state().isUsable() && path.lastError() != null) {
            saw(
                    Rule.GROUP_BACKOFF,
                    mates(end, path.name(), other -> other.state() == PathState.DOWN && other.lastError() != null) > 0);
        }
    }

    /** A path connects: whether it had to wait for others. */
    void connects(@Nullable FlowPath path) {
        boolean dialing = path != null && path.lastError() != null && path.state() == PathState.CONNECTING;
        saw(Rule.GROUP_REDIALS, dialing && world.timeline().now() - path.since() > MILLISECONDS.toNanos(1));
    }

    /** A path of an end is in another state. */
    void changed(FlowEnd end, FlowPath path) {
        CloseReason why = path.lastError();
        String error = why == null ? "" : why.detail();
        saw(Rule.ATTACH_TIMEOUT, error.startsWith("no answer to the handshake"));
        saw(Rule.WRONG_INSTANCE, error.contains("another instance"));
        saw(Rule.TOO_SMALL, path.state() == PathState.DOWN && error.startsWith("the route carries packets"));
        if (path.state() == PathState.SUSPECT) {
            world.saw(Rule.SUSPECT);
            saw(Rule.LIFE, heardLately(end, path));
            saw(Rule.FATE, otherFateComesLate(end, path));
        }
        saw(Rule.PENALTY, path.state() == PathState.STANDBY && end.forgives(path.id()));
        if (end.side() == Schedule.Side.DIALER) {
            shared(end, path);
        }
    }

    private boolean heardLately(FlowEnd end, FlowPath path) {
        Route route = world.routeOf(end.conversation(), path.name());
        if (route == null) {
            return false;
        }
        for (Way way : route.ways()) {
            if (!(way instanceof Connection connection)) {
                continue;
            }
            Endpoint mine = end.side() == Schedule.Side.DIALER ? connection.dialer() : connection.acceptor();
            boolean heard = world.timeline().now() - mine.heardAt() < HEARD;
            if (connection.conversation() == end.conversation() && !mine.isClosed() && heard) {
                return true;
            }
        }
        return false;
    }

    /** The two other paths that are probed anyway share the suspect's fate, a third does not. */
    private boolean otherFateComesLate(FlowEnd end, FlowPath suspect) {
        Route mine = world.routeOf(end.conversation(), suspect.name());
        int others = 0;
        for (FlowPath path : end.flow().pathList()) {
            Route route = world.routeOf(end.conversation(), path.name());
            if (mine == null
                    || route == null
                    || path == suspect
                    || !path.state().isUsable()) {
                continue;
            }
            if (route.plan().fate() != mine.plan().fate() || mine.plan().fate() == 0) {
                return others >= 2;
            }
            others++;
        }
        return false;
    }

    /** An explicit migration was carried out. */
    void migrated(FlowEnd end) {
        world.saw(Rule.MIGRATE);
        FlowEnd dialer = end.conversation().end(Schedule.Side.DIALER);
        boolean alone = dialer != null
                && !dialer.gone()
                && dialer.flow().activePath() != end.flow().activePath();
        saw(Rule.STEER, end.side() == Schedule.Side.ACCEPTOR && alone);
    }

    /** The run is over: what befell the datagrams on a route. */
    void datagrams(Datagrams traffic) {
        saw(Rule.CONGESTION, traffic.overflowed() > 0);
        saw(Rule.DATAGRAM_SIZE, traffic.tooLarge() > 0);
    }

    /** Now and then: whether an armed selector is tempted. */
    void tick(FlowEnd end) {
        if (end.flow().quality() == null || end.side() != Schedule.Side.DIALER) {
            return;
        }
        List<FlowPath> paths = end.flow().pathList();
        for (FlowPath active : paths) {
            if (active.id() == end.flow().activePath() && active.quality().known()) {
                saw(Rule.HYSTERESIS, paths.stream().anyMatch(path -> hardlyBetter(path, active.quality())));
            }
        }
    }

    private static boolean hardlyBetter(FlowPath path, Quality than) {
        Quality quality = path.quality();
        boolean better = quality.known() && quality.score() < than.score();
        return better && path.state().isUsable() && !path.isBackup() && quality.score() > than.score() * 0.85;
    }

    private void trees(Flow flow) {
        long used =
                flow.pathList().stream().filter(path -> path.bytesSent() > 0).count();
        boolean bond = flow.policyRoot() instanceof Bond && used > 1;
        saw(Rule.BOND, bond);
        saw(Rule.EARLIEST, bond && flow.counters().bytesSent() < 64 * 1024);
        saw(Rule.TREE, flow.policyRoot().children().stream().anyMatch(Group.class::isInstance));
        saw(Rule.LAGGARD, flow.policyRoot() instanceof Race && flow.counters().resent(ResendCause.DEATH) > 0);
    }

    /** A flow is over at one end. */
    void ended(FlowEnd end, CloseReason why, @Nullable RendrException cause) {
        saw(Rule.TOMBSTONE, why.detail().contains("ended at the peer"));
        Counters counters = end.flow().counters();
        saw(Rule.REPAIR, counters.resent(ResendCause.DEATH) > 0);
        saw(Rule.SUSPICION_COPY, counters.resent(ResendCause.SUSPICION) > 0);
        saw(Rule.RESCUE, counters.resent(ResendCause.RESCUE) > 0);
        saw(Rule.COPY_LIMIT, end.judge().copied() > Judge.COPIES_AT_FIRST);
        saw(Rule.RECEIPT_GAP, counters.resent(ResendCause.RECEIPT_GAP) > 0);
        saw(Rule.RESEND_CAUSE, end.ledger().resent() > 0);
        saw(Rule.EXACTLY_ONCE, counters.duplicates() > 0);
        saw(Rule.LOSS, counters.resent(ResendCause.LOSS) > 0);
        saw(Rule.RACE, counters.resent(ResendCause.RACE) > 0);
        saw(Rule.DIAL, counters.resent(ResendCause.DUPLICATION) > 0);
        trees(end.flow());
        DatagramCounters datagrams = counters.datagrams();
        saw(Rule.PTO, datagrams.probeTimeouts() > 0);
        saw(Rule.REPLAYED_DATAGRAM, datagrams.replayed() > 0);
        saw(Rule.GENUINE, datagrams.forged() > 0);
        saw(Rule.REBIND, datagrams.addressesFollowed() > 0);
        saw(Rule.RELAYED, datagrams.addressesChecked() > datagrams.addressesFollowed());
        PacketCounters packets = counters.packets();
        saw(Rule.AT_MOST_ONCE, packets.duplicates() > 0);
        saw(Rule.PACKET_REPAIR, packets.repaired() > 0);
        saw(Rule.EXPIRY, packets.expired() > 0);
        saw(Rule.FALSE_SUSPICION, counters.spuriousSuspicions() > 0);
        saw(Rule.PEER_STALL, counters.snapshot().peerStalls() > 0);
        saw(Rule.SEALED, world.schedule().world().sealed() && counters.bytesReceived() > 0);
        saw(Rule.ZOMBIE_SPARES, !(cause instanceof ZombiePeerException) && movesInARow(end) >= 3);
        boolean others = false;
        boolean spared = false;
        for (FlowPath path : end.flow().pathList()) {
            others |= !path.isBackup() && path.bytesSent() > 0;
            spared |= path.isBackup() && path.bytesSent() == 0;
        }
        saw(Rule.BACKUP, others && spared);
        saw(Rule.CLEAN_END, cause == null);
        if (cause != null) {
            failed(end, cause);
        }
    }

    private static int movesInARow(FlowEnd end) {
        int most = 0;
        List<History.Moved> moves = end.history().moves();
        for (History.Moved first : moves) {
            int inTime = 0;
            for (History.Moved move : moves) {
                long later = move.atMs() - first.atMs();
                boolean counts = move.cause() == MigrationCause.DEATH && later >= 0 && later < ZOMBIE_MEMORY_MS;
                inTime += counts ? 1 : 0;
            }
            most = Math.max(most, inTime);
        }
        return most;
    }

    private void failed(FlowEnd end, RendrException cause) {
        Schedule.World plan = world.schedule().world();
        boolean budget = cause instanceof MigrationBudgetExceededException;
        boolean dialer = end.side() == Schedule.Side.DIALER;
        int own = dialer ? plan.budgetMs() : plan.acceptorBudgetMs();
        saw(Rule.BUDGET, budget);
        saw(Rule.BUDGET_AGREED, budget && own > plan.agreedBudgetMs());
        saw(Rule.ZOMBIE, cause instanceof ZombiePeerException);
        boolean restarted = cause instanceof PeerRestartedException;
        saw(Rule.PEER_RESTART, restarted);
        if (restarted && end.conversation().routes().stream().anyMatch(route -> anyMate(end, route))) {
            world.saw(plan.psk() ? Rule.GROUP_REFUSALS : Rule.GROUP_PROVEN);
        }
        boolean aborted = cause instanceof FlowAbortedException;
        saw(Rule.ABORT, aborted && end.conversation().excused(Conversation.Excuse.APPLICATION));
        saw(Rule.LINGER_END, cause instanceof FlowAbortedException e && e.code() == AbortCode.LINGER_EXPIRED);
        saw(Rule.POISON, isPoisoned(cause));
    }

    private boolean anyMate(FlowEnd end, Route route) {
        return mates(end, "p" + route.id(), path -> true) > 0;
    }

    /** Whether a flow ended because its carriers broke the protocol, at this end or as the peer says. */
    static boolean isPoisoned(RendrException cause) {
        return cause instanceof FlowAbortedException aborted && aborted.code() == AbortCode.PROTOCOL
                || String.valueOf(cause.getMessage()).contains("broke the protocol");
    }
}
