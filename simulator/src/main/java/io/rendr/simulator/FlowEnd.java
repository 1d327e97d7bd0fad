// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.CloseReason;
import io.rendr.FlowAbortedException;
import io.rendr.FlowRefusedException;
import io.rendr.MigrationBudgetExceededException;
import io.rendr.MigrationCause;
import io.rendr.PathSpec;
import io.rendr.PeerRestartedException;
import io.rendr.RendrException;
import io.rendr.ResendCause;
import io.rendr.ZombiePeerException;
import io.rendr.engine.flow.Counters;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowHost;
import io.rendr.engine.flow.FlowPath;
import io.rendr.engine.keys.RecordScratch;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** One end of a flow: what drives the engine's {@link Flow} here, and the application on top. */
final class FlowEnd implements FlowHost {
    static final long COPIES_AT_FIRST = 64 * 1024;
    private static final int COPIES_SHARE = 20;
    private static final long ACCEPTOR_GRACE = SECONDS.toNanos(5);
    private static final int LINGER = 30_000;
    private static final long LATE = SECONDS.toNanos(1);
    private static final long SECOND = SECONDS.toNanos(1);
    /** Beyond what a loop is late on an ordinary day. */
    private static final long LATE_ENOUGH = MILLISECONDS.toNanos(50);

    private final Simulation world;
    private final Host host;
    private final int incarnation;
    private final Schedule.Side side;
    private final Map<Integer, Connecting> connecting = new HashMap<>();
    private final Ledger ledger = new Ledger();
    private final History history = new History();
    private @Nullable Conversation conversation;
    private @Nullable Flow flow;
    private @Nullable Application application;
    private long wakeAt = Long.MAX_VALUE;
    private boolean pushPending;
    private boolean pullPending;
    private boolean over;
    private boolean released;
    private @Nullable RendrException failure;
    private final Set<Integer> leftSilent = new HashSet<>();
    private boolean held;
    private boolean wasAnswered;
    private long heldSince;
    private long stalledAtHold;
    private long mostLimit;
    private long wakes;
    private long writtenAtEnd = -1;
    private @Nullable Runnable admission;

    FlowEnd(Simulation world, Host host, Schedule.Side side) {
        this.world = world;
        this.host = host;
        this.incarnation = host.incarnation();
        this.side = side;
    }

    void bind(Conversation owner, Flow newFlow) {
        conversation = owner;
        flow = newFlow;
        mostLimit = newFlow.receiveBuffer().limit();
    }

    /** The path over a link, as the dialer named it; null if this end does not have it. */
    @Nullable
    FlowPath pathOver(int link) {
        FlowEnd dialer = conversation().end(Schedule.Side.DIALER);
        if (dialer == null || dialer.flow == null) {
            return null;
        }
        for (FlowPath named : dialer.flow().pathList()) {
            if (named.name().equals("p" + link)) {
                return path(named.id());
            }
        }
        return null;
    }

    private @Nullable FlowPath path(int id) {
        for (FlowPath path : flow().pathList()) {
            if (path.id() == id) {
                return path;
            }
        }
        return null;
    }

    /** What to do when the peer has told about itself. */
    void whenIntroduced(Runnable decide) {
        admission = decide;
    }

    void application() {
        if (application == null) {
            application = new Application(this, conversation().plan().app(side));
            application.start();
            if (world.isFinishing()) {
                application.finish();
            }
        }
    }

    @Nullable
    Application app() {
        return application;
    }

    Conversation conversation() {
        Conversation owner = conversation;
        if (owner == null) {
            throw new IllegalStateException("a flow end was used before its flow was known");
        }
        return owner;
    }

    Flow flow() {
        Flow mine = flow;
        if (mine == null) {
            throw new IllegalStateException("a flow end was used before its flow was known");
        }
        return mine;
    }

    Host host() {
        return host;
    }

    Schedule.Side side() {
        return side;
    }

    History history() {
        return history;
    }

    private long millis() {
        return world.timeline().elapsed() / 1_000_000;
    }

    Ledger ledger() {
        return ledger;
    }

    /** The other end, or a stand-in that wrote nothing. */
    Peer peer() {
        Schedule.Side other = side == Schedule.Side.DIALER ? Schedule.Side.ACCEPTOR : Schedule.Side.DIALER;
        return new Peer(conversation().end(other));
    }

    record Peer(@Nullable FlowEnd end) {
        long written() {
            return end == null ? 0 : end.written();
        }

        boolean sawEnd() {
            return end != null && end.application != null && end.application.sawEnd();
        }
    }

    private long written() {
        return writtenAtEnd >= 0 ? writtenAtEnd : flow().sendBuffer().written();
    }

    boolean isOver() {
        return over || gone();
    }

    boolean isReleased() {
        return released || gone();
    }

    /** The process that had this end is not there any more. */
    boolean gone() {
        return host.incarnation() != incarnation;
    }

    @Nullable
    RendrException failure() {
        return failure;
    }

    long wakes() {
        return wakes;
    }

    void log(String what) {
        if (world.log().on()) {
            world.log().add(toString(), what);
        }
    }

    @Override
    public String toString() {
        String name =
                conversation == null ? "flow?" : "flow" + conversation.plan().id();
        return name + "@" + host.name();
    }

    String describe() {
        StringBuilder text = new StringBuilder();
        text.append(gone() ? "(restarted) " : "").append(over ? "ended" : "alive");
        if (failure != null) {
            text.append(" with ").append(failure);
        }
        if (application != null) {
            text.append(", ").append(application.describe());
        }
        if (flow != null && !gone()) {
            text.append(", active ")
                    .append(flow.activePath())
                    .append(", held ")
                    .append(held)
                    .append(", paths");
            for (FlowPath path : flow.pathList()) {
                text.append(' ').append(path.id()).append(':').append(path.state());
            }
        }
        return text.toString();
    }

    // ---- what the engine asks for

    @Override
    public void wakeAt(long nanos) {
        if (nanos == wakeAt) {
            return;
        }
        wakeAt = nanos;
        if (nanos == Long.MAX_VALUE) {
            return;
        }
        host.timer(nanos, () -> {
            if (wakeAt == nanos && !released) {
                wakeAt = Long.MAX_VALUE;
                wakes++;
                world.saw(Rule.LATE_LOOP, world.timeline().now() - nanos > LATE_ENOUGH);
                flow().onTimer(world.timeline().now());
            }
        });
    }

    @Override
    public void callAt(long nanos, LongConsumer action) {
        Runnable call = () -> action.accept(world.timeline().now());
        if (nanos > world.timeline().now()) {
            host.timer(nanos, call);
        } else {
            host.io(call);
        }
    }

    @Override
    public void connect(int pathId, PathSpec spec, int attempt) {
        Route route = world.routeOf(spec);
        long timeout = connectTimeout(spec);
        history.connected();
        FlowPath path = path(pathId);
        world.saw(Rule.MAKE_BEFORE_BREAK, path != null && path.link() != null);
        if (world.log().on()) {
            log("connects path " + pathId + " over " + route + ", attempt " + attempt);
        }
        world.saw(Rule.REDIAL, attempt > 0);
        world.coverage().connects(path);
        world.saw(Rule.BACKOFF, attempt > 2);
        if (connecting.containsKey(pathId)) {
            world.violation(Violation.Kind.LEAK, this + " connects path " + pathId + " while it connects it");
        }
        Connecting attemptNow = new Connecting(world, host, route, conversation(), timeout) {
            @Override
            void connected(Endpoint port) {
                connecting.remove(pathId);
                flow().connected(pathId, port, world.timeline().now());
            }

            @Override
            void failed(CloseReason why) {
                connecting.remove(pathId);
                log("path " + pathId + " cannot connect: " + why);
                world.saw(Rule.CONNECT_TIMEOUT, why.kind() == CloseReason.Kind.TIMEOUT);
                flow().connectFailed(pathId, why, world.timeline().now());
            }
        };
        connecting.put(pathId, attemptNow);
        attemptNow.start();
    }

    @Override
    public long connectTimeout(PathSpec spec) {
        return Simulation.CONNECT_TIMEOUT;
    }

    @Override
    public RecordScratch scratch() {
        return world.recordScratch();
    }

    @Override
    public void cancelConnect(int pathId) {
        Connecting attempt = connecting.remove(pathId);
        if (attempt != null) {
            attempt.cancel();
        }
    }

    @Override
    public void readable() {
        if (!pullPending) {
            pullPending = true;
            host.io(() -> {
                pullPending = false;
                if (application != null) {
                    application.pull();
                }
            });
        }
    }

    @Override
    public void writable() {
        checkRead();
        if (!pushPending) {
            pushPending = true;
            host.io(() -> {
                pushPending = false;
                if (application != null) {
                    application.push();
                }
            });
        }
    }

    @Override
    public void accepted() {
        log("accepted by the peer");
        world.saw(Rule.ACCEPTED);
        host.io(this::application);
    }

    @Override
    public void migrated(int fromPath, int toPath, MigrationCause cause) {
        log("moves from path " + fromPath + " to " + toPath + ": " + cause);
        history.moved(millis(), fromPath, toPath, cause);
        FlowPath left = path(fromPath);
        if (cause == MigrationCause.DEATH && left != null && left.link() != null) {
            leftSilent.add(fromPath);
        }
        world.migrated(this, fromPath, toPath, cause);
    }

    @Override
    public void introduced() {
        log("introduced");
        if (admission != null) {
            admission.run();
        }
    }

    @Override
    public void pathChanged(int pathId) {
        for (FlowPath path : flow().pathList()) {
            if (path.id() == pathId) {
                log("path " + pathId + " is " + path.state()
                        + (path.lastError() == null ? "" : " (" + path.lastError() + ")"));
                world.coverage().changed(this, path);
                if (side == Schedule.Side.DIALER && path.state().isUsable()) {
                    conversation().pathAdded(world.routeOf(path.spec()));
                }
                return;
            }
        }
        log("path " + pathId + " is gone");
    }

    @Override
    public void ended(CloseReason why, @Nullable RendrException cause) {
        log("ended: " + why + (cause == null ? "" : ", " + cause));
        if (over) {
            world.violation(Violation.Kind.EXCEPTION, this + " ended twice");
        }
        over = true;
        checkRead();
        world.coverage().ended(this, why, cause);
        history.ended(millis());
        failure = cause;
        writtenAtEnd = flow().sendBuffer().written();
        if (cause != null) {
            judge(cause);
        }
        host.io(() -> {
            if (application != null) {
                application.ended(cause == null);
            } else {
                flow().close(world.timeline().now());
                flow().detachApplication();
            }
        });
    }

    @Override
    public void released() {
        log("released");
        if (released) {
            world.violation(Violation.Kind.EXCEPTION, this + " was released twice");
        }
        if (!connecting.isEmpty()) {
            world.violation(Violation.Kind.LEAK, this + " was released while it connects " + connecting.keySet());
        }
        released = true;
        host.flows().bury(flow(), world.timeline().now());
    }

    // ---- judgement

    private void checkRead() {
        world.saw(Rule.FINISH, flow().isOutputRefused());
        if (flow().isOutputConsumed() && !peer().sawEnd()) {
            world.violation(Violation.Kind.CONTENT, this + " says that its output was read, which it was not");
        }
    }

    private void judge(RendrException cause) {
        Conversation talk = conversation();
        long now = world.timeline().now();
        boolean appWanted = talk.excused(Conversation.Excuse.APPLICATION);
        boolean legitimate;
        if (cause instanceof MigrationBudgetExceededException) {
            checkBudget(now);
            legitimate = true;
        } else if (cause instanceof ZombiePeerException) {
            legitimate = flow().counters().migrations(MigrationCause.DEATH) > 2;
        } else if (cause instanceof PeerRestartedException) {
            legitimate = talk.excused(Conversation.Excuse.RESTART)
                    || talk.excused(Conversation.Excuse.CORRUPTION)
                    || neverConfirmed()
                    || world.schedule().world().acceptors() > 1;
        } else if (cause instanceof FlowRefusedException) {
            world.saw(Rule.REFUSED);
            legitimate = talk.excused(Conversation.Excuse.REFUSED) || talk.excused(Conversation.Excuse.MEMORY);
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
            world.violation(Violation.Kind.FAILED_WITHOUT_CAUSE, this + " failed: " + cause);
        }
    }

    /** The dialer's CONFIRM was lost: the peer gave the handshake up, and the dial has failed. */
    private boolean neverConfirmed() {
        return side == Schedule.Side.DIALER
                && conversation().end(Schedule.Side.ACCEPTOR) == null
                && conversation().recentlyDisturbed();
    }

    /** This application has closed, and its peer's reads late or never, or could not be reached, or not soon enough. */
    private boolean mayLingerInVain() {
        boolean prompt = peerPlan().reading() == Schedule.Reading.AT_ONCE;
        boolean reachable = conversation().longestOutage(world.timeline().now()) == 0;
        boolean soon = 2_000 * conversation().transferSeconds()
                < Math.min(LINGER, world.schedule().world().budgetMs());
        return application != null && application.isClosed() && !(prompt && reachable && soon);
    }

    private Schedule.AppPlan peerPlan() {
        Schedule.Side other = side == Schedule.Side.DIALER ? Schedule.Side.ACCEPTOR : Schedule.Side.DIALER;
        return conversation().plan().app(other);
    }

    private boolean peerFailed() {
        FlowEnd other = peer().end();
        return other == null || other.gone() || other.failure != null;
    }

    private long budget() {
        return MILLISECONDS.toNanos(world.schedule().world().agreedBudgetMs());
    }

    private void checkBudget(long now) {
        long budget = budget();
        long outage = conversation().outage(now);
        FlowEnd other = peer().end();
        boolean peerGone = other == null || other.isOver();
        // Until one path has answered there are no others that could.
        boolean neverAnswered = !wasAnswered && conversation().recentlyDisturbed();
        if (!neverAnswered
                && outage < budget - MILLISECONDS.toNanos(100) - conversation().firstAnswer()
                && !peerGone) {
            world.violation(
                    Violation.Kind.BUDGET_MISSED,
                    this + " gave up after " + (now - heldSince) / 1_000_000 + " ms although a route was clean "
                            + outage / 1_000_000 + " ms ago");
        }
        if (held && now - heldSince < budget - MILLISECONDS.toNanos(100)) {
            world.violation(
                    Violation.Kind.BUDGET_MISSED,
                    this + " gave up after " + (now - heldSince) / 1_000_000 + " ms without a path, the budget is "
                            + budget / 1_000_000 + " ms");
        }
    }

    /** Payload that was sent again although another carrier might still bring it. */
    long copied() {
        Counters counters = flow().counters();
        return counters.resent(ResendCause.SUSPICION) + counters.resent(ResendCause.RESCUE);
    }

    /** Looks at what must hold after every event. */
    void check(long now) {
        Flow mine = flow;
        if (mine == null || conversation == null || gone() || released) {
            return;
        }
        mostLimit = Math.max(mostLimit, mine.receiveBuffer().limit());
        FlowEnd other = peer().end();
        if (other != null && !other.gone() && other.flow != null && !over && !other.over) {
            long acknowledged = mine.sendBuffer().released();
            long arrived = other.flow().receiveBuffer().available();
            boolean wanted = other.application == null || other.application.readsOn();
            if (acknowledged > arrived && wanted) {
                world.violation(
                        Violation.Kind.UNSENT_ACKNOWLEDGED,
                        this + " let go of bytes up to " + acknowledged + ", its peer has " + arrived);
            }
            if (arrived > mine.sendBuffer().written()) {
                world.violation(
                        Violation.Kind.UNSENT_ACKNOWLEDGED,
                        other + " has " + arrived + " bytes, its peer wrote "
                                + mine.sendBuffer().written());
            }
        }
        if (mine.counters().protocolErrors() > 0 && !conversation.excused(Conversation.Excuse.CORRUPTION)) {
            world.violation(Violation.Kind.PROTOCOL, this + " found that its honest peer breaks the protocol");
        }
        if (ledger.resent() > mine.counters().totalResent()) {
            world.violation(
                    Violation.Kind.RESENT_WITHOUT_CAUSE,
                    this + " sent " + ledger.resent() + " bytes again, and counted "
                            + mine.counters().totalResent());
        }
        long sent = mine.counters().bytesSent();
        if (copied() > COPIES_AT_FIRST + sent / COPIES_SHARE) {
            world.violation(
                    Violation.Kind.TOO_MANY_COPIES,
                    this + " copied " + copied() + " bytes, and sent " + sent + " once");
        }
        watchHold(mine, now);
    }

    private void watchHold(Flow mine, long now) {
        boolean holds = mine.isHeld() && !over;
        if (holds && !held) {
            heldSince = now;
            conversation().watchRoutes(now);
            stalledAtHold = host.stalledInAll();
            log("holds: no path answers");
        } else if (!holds && held) {
            boolean long_ = now - heldSince > SECOND;
            world.saw(Rule.HOLD, long_);
            world.saw(Rule.RESUME, long_ && !over);
            history.held((now - heldSince) / 1_000_000);
            log(over ? "no longer holds" : "a path answers again");
        }
        held = holds;
        wasAnswered |= !held;
        if (held) {
            long budget = budget();
            long grace =
                    (side == Schedule.Side.ACCEPTOR ? ACCEPTOR_GRACE : 0) + LATE + host.stalledInAll() - stalledAtHold;
            if (now - heldSince > budget + grace) {
                world.violation(
                        Violation.Kind.BUDGET_MISSED,
                        this + " holds for " + (now - heldSince) / 1_000_000 + " ms, the budget is "
                                + budget / 1_000_000 + " ms");
            }
        }
    }

    /** Whether a path answers again that the flow left while it was silent; true once. */
    boolean forgives(int pathId) {
        return leftSilent.remove(pathId);
    }

    long mostLimit() {
        return mostLimit;
    }

    boolean held() {
        return held;
    }
}
