// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.DialException;
import io.rendr.FlowAbortedException;
import io.rendr.FlowRefusedException;
import io.rendr.MigrationBudgetExceededException;
import io.rendr.MigrationCause;
import io.rendr.PeerRestartedException;
import io.rendr.RendrException;
import io.rendr.ResendCause;
import io.rendr.ZombiePeerException;
import io.rendr.engine.flow.Counters;
import io.rendr.engine.flow.Flow;

/** Holds one end of a flow to what it promises: after every event, and when it ends. */
final class Judge {
    static final long COPIES_AT_FIRST = 64 * 1024;
    private static final int COPIES_SHARE = 20;
    private static final long ACCEPTOR_GRACE = SECONDS.toNanos(5);
    private static final int LINGER = 30_000;
    private static final long LATE = SECONDS.toNanos(1);
    private static final long SECOND = SECONDS.toNanos(1);

    private final FlowEnd end;
    private final Simulation world;
    private boolean held;
    private boolean wasAnswered;
    private long heldSince;
    private long stalledAtHold;
    private long mostGranted;

    Judge(FlowEnd end) {
        this.end = end;
        this.world = end.host().world();
    }

    /** Whether no path of this end answers. */
    boolean isHeld() {
        return held;
    }

    /** The largest offset below which this end ever granted room. */
    long mostGranted() {
        return mostGranted;
    }

    /** Payload that was sent again although another carrier might still bring it. */
    long copied() {
        Counters counters = end.flow().counters();
        return counters.resent(ResendCause.SUSPICION) + counters.resent(ResendCause.RESCUE);
    }

    // ---- after every event

    void check(long now) {
        Flow mine = end.flow();
        mostGranted = Math.max(mostGranted, mine.progress().granted());
        checkBytes(mine);
        if (mine.counters().protocolErrors() > 0 && !end.conversation().excused(Conversation.Excuse.CORRUPTION)) {
            world.violation(Violation.Kind.PROTOCOL, end + " found that its honest peer breaks the protocol");
        }
        if (end.ledger().resent() > mine.counters().totalResent()) {
            world.violation(
                    Violation.Kind.RESENT_WITHOUT_CAUSE,
                    end + " sent " + end.ledger().resent() + " bytes again, and counted "
                            + mine.counters().totalResent());
        }
        long sent = mine.counters().bytesSent();
        if (copied() > COPIES_AT_FIRST + sent / COPIES_SHARE) {
            world.violation(
                    Violation.Kind.TOO_MANY_COPIES, end + " copied " + copied() + " bytes, and sent " + sent + " once");
        }
        long duplicated = mine.counters().resent(ResendCause.DUPLICATION);
        if (duplicated > sent / COPIES_SHARE + 1) {
            world.violation(
                    Violation.Kind.TOO_MANY_COPIES,
                    end + " duplicated " + duplicated + " bytes, and sent " + sent + " once");
        }
        watchHold(mine, now);
    }

    private void checkBytes(Flow mine) {
        FlowEnd other = end.peer().end();
        if (other == null || other.isOver() || end.isOver() || other.isReleased()) {
            return;
        }
        long released = mine.sendBuffer().released();
        long arrived = other.flow().progress().arrived();
        Application app = other.app();
        boolean wanted = app == null || app.readsOn();
        if (released > arrived && wanted && mine.counters().packetsExpired() == 0) {
            world.violation(
                    Violation.Kind.UNSENT_ACKNOWLEDGED,
                    end + " let go of bytes up to " + released + ", its peer has " + arrived);
        }
        if (arrived > mine.sendBuffer().written()) {
            world.violation(
                    Violation.Kind.UNSENT_ACKNOWLEDGED,
                    other + " has " + arrived + " bytes, its peer wrote "
                            + mine.sendBuffer().written());
        }
    }

    private void watchHold(Flow mine, long now) {
        boolean holds = mine.isHeld() && !end.isOver();
        if (holds && !held) {
            heldSince = now;
            end.conversation().watchRoutes(now);
            stalledAtHold = end.host().stalledInAll();
            end.log("holds: no path answers");
        } else if (!holds && held) {
            boolean long_ = now - heldSince > SECOND;
            world.saw(Rule.HOLD, long_);
            world.saw(Rule.RESUME, long_ && !end.isOver());
            end.history().held((now - heldSince) / 1_000_000);
            end.log(end.isOver() ? "no longer holds" : "a path answers again");
        }
        held = holds;
        wasAnswered |= !held;
        if (held) {
            long budget = budget();
            long grace = (end.side() == Schedule.Side.ACCEPTOR ? ACCEPTOR_GRACE : 0)
                    + LATE
                    + end.host().stalledInAll()
                    - stalledAtHold;
            if (now - heldSince > budget + grace) {
                world.violation(
                        Violation.Kind.BUDGET_MISSED,
                        end + " holds for " + (now - heldSince) / 1_000_000 + " ms, the budget is " + budget / 1_000_000
                                + " ms");
            }
        }
    }

    /** What the engine says of its peer's reading, when it has news. */
    void checkRead() {
        world.saw(Rule.FINISH, end.flow().isOutputRefused());
        if (end.flow().isOutputConsumed() && !end.peer().sawEnd()) {
            world.violation(Violation.Kind.CONTENT, end + " says that its output was read, which it was not");
        }
    }

    // ---- when it fails

    void failed(RendrException cause) {
        Conversation talk = end.conversation();
        long now = world.timeline().now();
        boolean appWanted = talk.excused(Conversation.Excuse.APPLICATION);
        boolean legitimate;
        if (cause instanceof MigrationBudgetExceededException) {
            checkBudget(now);
            legitimate = true;
        } else if (cause instanceof ZombiePeerException) {
            legitimate = end.flow().counters().migrations(MigrationCause.DEATH) > 2;
        } else if (cause instanceof PeerRestartedException) {
            legitimate = talk.excused(Conversation.Excuse.RESTART)
                    || talk.excused(Conversation.Excuse.CORRUPTION)
                    || neverConfirmed()
                    || world.schedule().world().acceptors() > 1;
        } else if (cause instanceof FlowRefusedException) {
            world.saw(Rule.REFUSED);
            legitimate = talk.excused(Conversation.Excuse.REFUSED) || talk.excused(Conversation.Excuse.MEMORY);
        } else if (cause instanceof DialException) {
            legitimate = end.side() == Schedule.Side.DIALER && talk.recentlyDisturbed();
        } else if (cause instanceof FlowAbortedException) {
            legitimate = appWanted
                    || talk.excused(Conversation.Excuse.CORRUPTION)
                    || talk.excused(Conversation.Excuse.REFUSED)
                    || mayLingerInVain()
                    || peerFailed();
        } else {
            legitimate = appWanted || Coverage.isPoisoned(cause) && talk.excused(Conversation.Excuse.CORRUPTION);
        }
        if (!legitimate && !talk.excused(Conversation.Excuse.RESTART)) {
            world.violation(Violation.Kind.FAILED_WITHOUT_CAUSE, end + " failed: " + cause);
        }
    }

    /**
     * The dialer's CONFIRM was lost, however often it was repeated on its path, which may have been removed since: the peer
     * gave the handshake up, and the dial has failed. The peer may still open the flow, when somebody else repeats it later.
     */
    private boolean neverConfirmed() {
        return end.side() == Schedule.Side.DIALER
                && (end.peer().end() == null || !wasAnswered)
                && end.conversation().everDisturbed();
    }

    /** This application has closed, and its peer's reads late or never, or could not be reached, or not soon enough. */
    private boolean mayLingerInVain() {
        Conversation talk = end.conversation();
        Schedule.Side other = end.side() == Schedule.Side.DIALER ? Schedule.Side.ACCEPTOR : Schedule.Side.DIALER;
        boolean prompt = talk.plan().app(other).reading() == Schedule.Reading.AT_ONCE;
        boolean reachable = talk.longestOutage(world.timeline().now()) == 0;
        boolean soon = 2 * talk.transferTime()
                < MILLISECONDS.toNanos(Math.min(LINGER, world.schedule().world().agreedBudgetMs()));
        Application app = end.app();
        return app != null && app.isClosed() && !(prompt && reachable && soon);
    }

    private boolean peerFailed() {
        FlowEnd other = end.peer().end();
        return other == null || other.gone() || other.failure() != null;
    }

    private long budget() {
        return MILLISECONDS.toNanos(world.schedule().world().agreedBudgetMs());
    }

    private void checkBudget(long now) {
        long budget = budget();
        long outage = end.conversation().outage(now);
        FlowEnd other = end.peer().end();
        boolean peerGone = other == null || other.isOver();
        // Until one path has answered there are no others that could.
        boolean neverAnswered = !wasAnswered && end.conversation().recentlyDisturbed();
        if (!neverAnswered
                && outage
                        < budget
                                - MILLISECONDS.toNanos(100)
                                - end.conversation().firstAnswer()
                && !peerGone) {
            world.violation(
                    Violation.Kind.BUDGET_MISSED,
                    end + " gave up after " + (now - heldSince) / 1_000_000 + " ms although a route was clean "
                            + outage / 1_000_000 + " ms ago");
        }
        if (held && now - heldSince < budget - MILLISECONDS.toNanos(100)) {
            world.violation(
                    Violation.Kind.BUDGET_MISSED,
                    end + " gave up after " + (now - heldSince) / 1_000_000 + " ms without a path, the budget is "
                            + budget / 1_000_000 + " ms");
        }
    }
}
