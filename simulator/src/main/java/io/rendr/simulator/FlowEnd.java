// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.rendr.CloseReason;
import io.rendr.MigrationCause;
import io.rendr.PathSpec;
import io.rendr.RendrException;
import io.rendr.engine.flow.CarrierPort;
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
    /** Beyond what a loop is late on an ordinary day. */
    private static final long LATE_ENOUGH = MILLISECONDS.toNanos(50);

    private final Simulation world;
    private final Host host;
    private final int incarnation;
    private final Schedule.Side side;
    private final Map<Integer, Connecting> connecting = new HashMap<>();
    private final Ledger ledger = new Ledger();
    private final History history = new History();
    private final Judge judge;
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
    private long wakes;
    private long writtenAtEnd = -1;
    private @Nullable Runnable admission;

    FlowEnd(Simulation world, Host host, Schedule.Side side) {
        this.world = world;
        this.host = host;
        this.incarnation = host.incarnation();
        this.side = side;
        this.judge = new Judge(this);
    }

    void bind(Conversation owner, Flow newFlow) {
        conversation = owner;
        flow = newFlow;
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
            application = Application.of(this);
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

    Judge judge() {
        return judge;
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
                    .append(judge.isHeld())
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
            void connected(CarrierPort port) {
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
        judge.checkRead();
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
        judge.checkRead();
        world.coverage().ended(this, why, cause);
        history.ended(millis());
        failure = cause;
        writtenAtEnd = flow().sendBuffer().written();
        if (cause != null) {
            judge.failed(cause);
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

    /** Looks at what must hold after every event. */
    void check(long now) {
        if (flow != null && conversation != null && !gone() && !released) {
            judge.check(now);
        }
    }

    /** Whether a path answers again that the flow left while it was silent; true once. */
    boolean forgives(int pathId) {
        return leftSilent.remove(pathId);
    }
}
