// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.MigrationCause;
import io.rendr.PathState;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowPath;
import io.rendr.simulator.Schedule.Fault;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.Move;
import io.rendr.simulator.Schedule.Side;

/** Brings the schedule about: dials, breaks, moves; and ends the run and judges what came of it. */
final class Director {
    private static final long SETTLE = SECONDS.toNanos(45);
    private static final long ACCEPTOR_NOTICE = SECONDS.toNanos(75 + 20);

    private final Simulation world;
    private final Schedule schedule;
    private final boolean adversarial;
    private final Administrator administrator;
    private boolean disturbed;
    private boolean finishing;
    private int felt;
    private int made;

    Director(Simulation world) {
        this.world = world;
        this.schedule = world.schedule();
        this.administrator = new Administrator(world);
        this.adversarial =
                schedule.faults().stream().anyMatch(fault -> fault.kind().byAdversary());
    }

    boolean isFinishing() {
        return finishing;
    }

    /** Faults that befell a run in which some flow was alive. */
    int faultsFelt() {
        return felt;
    }

    /** Moves that some flow was there to make. */
    int movesMade() {
        return made;
    }

    /** Whether somebody listens on the network. */
    boolean adversarial() {
        return adversarial;
    }

    void prepare() {
        Timeline timeline = world.timeline();
        for (Conversation conversation : world.conversations()) {
            timeline.at(timeline.at(MILLISECONDS.toNanos(conversation.plan().startMs())), () -> dial(conversation));
        }
        int last = schedule.world().durationMs();
        for (Fault fault : schedule.faults()) {
            if (fault.atMs() < last) {
                int length = Math.min(last - fault.atMs(), fault.forMs());
                Fault inTime = new Fault(fault.atMs(), length, fault.kind(), fault.target());
                timeline.at(timeline.at(MILLISECONDS.toNanos(fault.atMs())), () -> begin(inTime));
                timeline.at(timeline.at(MILLISECONDS.toNanos(fault.atMs() + length)), () -> end(inTime));
            }
        }
        for (Move move : schedule.moves()) {
            timeline.at(timeline.at(MILLISECONDS.toNanos(move.atMs())), () -> move(move));
        }
    }

    private void dial(Conversation conversation) {
        Host host = world.hosts().get(0);
        if (host.isDown()) {
            conversation.excuse(Conversation.Excuse.RESTART);
            conversation.dialFailed(null);
            return;
        }
        conversation.dialDue();
        host.io(() -> new Dial(world, host, conversation).start());
    }

    // ---- faults

    private void begin(Fault fault) {
        if (world.conversations().stream().anyMatch(Conversation::isAlive)) {
            felt++;
        }
        world.log().add("FAULT", fault.kind() + " on " + target(fault) + " for " + fault.forMs() + " ms");
        if (fault.kind().byAdversary()) {
            world.adversary().attack(fault.kind(), world.route(fault.target()));
            return;
        }
        disturbed |= fault.kind() != FaultKind.UNDECLARED;
        if (!fault.kind().onHost()) {
            if (fault.kind() == FaultKind.CORRUPT && schedule.world().sealed()) {
                world.conversations().forEach(conversation -> conversation.excuse(Conversation.Excuse.CORRUPTION));
            }
            world.route(fault.target()).begin(fault);
            watchRoutes();
            return;
        }
        world.routes().forEach(Route::disturb);
        watchRoutes();
        Host host = world.hosts().get(fault.target());
        switch (fault.kind()) {
            case HOST_STALL -> host.stall(MILLISECONDS.toNanos(fault.forMs()));
            case HOST_CRASH -> crash(host, false);
            case HOST_POWER_LOSS -> crash(host, true);
            default -> throw new IllegalArgumentException(fault + " does not befall a host");
        }
    }

    /** An outage begins with the first fault that ends the calm, also when others follow it at once. */
    private void watchRoutes() {
        long now = world.timeline().now();
        world.conversations().forEach(conversation -> conversation.watchRoutes(now));
    }

    private void crash(Host host, boolean powerLoss) {
        host.crash(powerLoss);
        for (Conversation conversation : world.conversations()) {
            FlowEnd acceptor = conversation.end(Side.ACCEPTOR);
            boolean concerned = host.number() == 0 || acceptor == null || acceptor.host() == host;
            if (concerned && conversation.isDialDue() && !conversation.isOver()) {
                conversation.excuse(Conversation.Excuse.RESTART);
                if (host.number() == 0 && !conversation.dialOver()) {
                    conversation.dialFailed(null);
                }
            }
        }
    }

    private void end(Fault fault) {
        if (fault.kind().byAdversary()) {
            return;
        }
        world.log().add("FAULT", fault.kind() + " on " + target(fault) + " is over");
        if (!fault.kind().onHost()) {
            world.route(fault.target()).end(fault);
            return;
        }
        world.routes().forEach(Route::settle);
        if (fault.kind() != FaultKind.HOST_STALL) {
            world.hosts().get(fault.target()).start();
        }
    }

    private String target(Fault fault) {
        return fault.kind().onHost()
                ? world.hosts().get(fault.target()).name()
                : world.route(fault.target()).toString();
    }

    // ---- moves

    private void move(Move move) {
        for (Conversation conversation : world.conversations()) {
            if (conversation.plan().id() == move.flow()) {
                FlowEnd end = conversation.end(move.side());
                if (end != null
                        && !end.isOver()
                        && end.app() != null
                        && !end.app().isClosed()) {
                    end.host().io(() -> carryOut(move, end));
                }
            }
        }
    }

    private void carryOut(Move move, FlowEnd end) {
        Application app = end.app();
        if (end.isOver() || app == null || app.isClosed()) {
            return;
        }
        end.log("move: " + move.kind() + " " + move.arg());
        made += concerns(move, end) ? 1 : 0;
        end.conversation().moved();
        Flow flow = end.flow();
        switch (move.kind()) {
            case MIGRATE -> administrator.migrate(end, move.arg());
            case ADD_PATH -> administrator.addPath(end, move.arg());
            case REMOVE_PATH -> administrator.removePath(end, move.arg());
            case SET_TARGET -> administrator.setTarget(end, Schedule.Arrangement.of(move.arg()), move.shape());
            case NETWORK_CHANGED -> {
                world.saw(Rule.NETWORK_CHANGED, flow.pathList().stream().anyMatch(path -> path.link() == null));
                flow.admin().networkChanged(world.timeline().now());
            }
            case SHUT_OUTPUT -> app.shutOutput();
            case SHUT_INPUT -> {
                end.conversation().excuse(Conversation.Excuse.APPLICATION);
                app.shutInput();
            }
            case CLOSE -> {
                world.saw(Rule.LINGER, flow.sendBuffer().held() > 0);
                end.conversation().excuse(Conversation.Excuse.APPLICATION);
                app.close();
            }
            case ABORT -> {
                end.conversation().excuse(Conversation.Excuse.APPLICATION);
                app.abort(move.arg());
            }
        }
    }

    /** Whether there is anything to do for a move: a path to go to or to remove, or one to add. */
    private static boolean concerns(Move move, FlowEnd end) {
        return switch (move.kind()) {
            case MIGRATE, REMOVE_PATH -> end.pathOver(move.arg()) != null;
            case ADD_PATH -> end.pathOver(move.arg()) == null;
            default -> true;
        };
    }

    // ---- migrations

    void migrated(FlowEnd end, int from, int to, MigrationCause cause) {
        Conversation conversation = end.conversation();
        boolean backup = conversation.hadBackups()
                || conversation.routes().stream().anyMatch(route -> route.plan().backup());
        boolean armed = schedule.world().quality() || conversation.wasArmed();
        boolean legitimate = switch (cause) {
            case DEATH ->
                conversation.recentlyDisturbed() && !(hasCarrier(end, from) && judgesItsSleep(end))
                        || isCrowdedOut(end, from);
            case QUALITY -> armed || backup || disturbed && end.side() == Side.ACCEPTOR;
            case EXPLICIT -> administrator.steered(conversation);
        };
        if (!legitimate && !follows(end, to)) {
            world.violation(
                    Violation.Kind.MIGRATED_WITHOUT_CAUSE,
                    end + " moved from path " + from + " to " + to + ", cause " + cause + ", and nothing was wrong");
        }
        world.saw(Rule.MOVE_FROM_SUSPECT, cause == MigrationCause.DEATH && hasCarrier(end, from));
        if (cause == MigrationCause.QUALITY) {
            world.saw(armed ? Rule.QUALITY : Rule.FAILBACK);
        }
    }

    /** Only this host stood still, and it blames a carrier in the instant that it wakes. */
    private boolean judgesItsSleep(FlowEnd end) {
        boolean alone = schedule.faults().stream()
                .allMatch(fault -> fault.kind() == FaultKind.HOST_STALL
                        && fault.target() == end.host().number());
        boolean calm = end.conversation().routes().stream()
                .allMatch(route -> route.plan().calm());
        return alone && calm && end.host().justWoke();
    }

    /** The acceptor goes where the dialer has gone, as far as it can know. */
    private boolean follows(FlowEnd end, int to) {
        Conversation conversation = end.conversation();
        FlowEnd dialer = conversation.end(Side.DIALER);
        if (end.side() == Side.DIALER || dialer == null || dialer.gone()) {
            return false;
        }
        long left = dialer.history().lastLeft(to);
        long age = world.timeline().elapsed() - MILLISECONDS.toNanos(left);
        return dialer.flow().carries(to) || left >= 0 && !judgesItsSleep(end) && conversation.mayBeNews(age);
    }

    /**
     * A queue that was full whenever a large datagram was tried looks like a route that carries none, and one that others
     * kept full all the time like a route that carries nothing.
     */
    private static boolean isCrowdedOut(FlowEnd end, int pathId) {
        for (Route route : end.conversation().routes()) {
            FlowPath path = end.pathOver(route.id());
            if (path != null && path.id() == pathId) {
                boolean crowded = route.plan().datagrams() && route.datagrams().overflowed() > 0;
                return crowded
                        && path.link() != null
                        && (path.state() == PathState.DOWN
                                || path.state() == PathState.SUSPECT
                                        && route.ways().size() > 1);
            }
        }
        return false;
    }

    private static boolean hasCarrier(FlowEnd end, int pathId) {
        for (FlowPath path : end.flow().pathList()) {
            if (path.id() == pathId) {
                return path.link() != null;
            }
        }
        return false;
    }

    // ---- the end

    /** Faults are over; applications bring what they began to an end. */
    void finish() {
        world.log().add("END", "no more faults");
        finishing = true;
        for (FlowEnd end : world.ends()) {
            if (!end.gone()) {
                end.host().io(() -> {
                    Application app = end.app();
                    if (app != null) {
                        app.finish();
                    }
                });
            }
        }
    }

    /** How long all may take to come to an end from now on. */
    long patience() {
        long now = world.timeline().now();
        long patience = SETTLE;
        for (Conversation conversation : world.conversations()) {
            long mine = SETTLE + transferTime(conversation);
            boolean troubled = conversation.excused() || conversation.longestOutage(now) > 0;
            if (troubled || schedule.world().acceptors() > 1) {
                mine += MILLISECONDS.toNanos(schedule.world().agreedBudgetMs()) + ACCEPTOR_NOTICE;
            }
            patience = Math.max(patience, mine);
        }
        return patience;
    }

    private long transferTime(Conversation conversation) {
        long bytes = 0;
        for (Side side : Side.values()) {
            FlowEnd end = conversation.end(side);
            if (end != null && !end.gone()) {
                bytes += end.flow().sendBuffer().held();
            }
        }
        long time = 0;
        for (Route route : conversation.routes()) {
            time = Math.max(time, 3 * route.transferTime(bytes));
        }
        return time * world.conversations().size();
    }

    boolean allOver() {
        for (Conversation conversation : world.conversations()) {
            if (!conversation.isOver()) {
                return false;
            }
        }
        for (FlowEnd end : world.ends()) {
            if (!end.isOver()) {
                return false;
            }
        }
        return true;
    }

    /** Whether nothing is left to happen: every end was let go. */
    boolean allReleased() {
        for (FlowEnd end : world.ends()) {
            if (!end.isReleased()) {
                return false;
            }
        }
        return allOver();
    }

    /** Whether nobody has a carrier any more; one that never finished its handshake may take 10 s. */
    boolean allCarriersGone() {
        for (Host host : world.hosts()) {
            if (!host.endpoints().isEmpty()) {
                return false;
            }
        }
        return true;
    }

    void judge() {
        for (Conversation conversation : world.conversations()) {
            if (!conversation.isOver()) {
                world.violation(Violation.Kind.STUCK, conversation.describe());
                return;
            }
            if (!conversation.excused()) {
                complete(conversation, Side.DIALER, Side.ACCEPTOR);
                complete(conversation, Side.ACCEPTOR, Side.DIALER);
            }
        }
    }

    private void complete(Conversation conversation, Side from, Side to) {
        FlowEnd writer = conversation.end(from);
        FlowEnd reader = conversation.end(to);
        if (writer == null || reader == null || writer.failure() != null || reader.failure() != null) {
            return;
        }
        Application reading = reader.app();
        Application writing = writer.app();
        if (reading == null || writing == null || !reading.readsEverything()) {
            return;
        }
        long received = reader.flow().counters().bytesReceived();
        String unread = writing.unread(reading);
        if (unread != null) {
            world.violation(Violation.Kind.STUCK, writer + " " + unread + ", and both ended");
        } else if (received != reading.read() || writer.flow().counters().bytesSent() != writing.written()) {
            world.violation(
                    Violation.Kind.COUNTERS_DISAGREE,
                    writer + " wrote " + writing.written() + ", counted "
                            + writer.flow().counters().bytesSent() + " sent, its peer read " + reading.read()
                            + " and counted " + received + " received");
        }
    }

    /** After the last flow: nothing may be left. */
    void judgeLeftovers() {
        for (FlowEnd end : world.ends()) {
            if (!end.isReleased()) {
                world.violation(Violation.Kind.LEAK, end + " was not released: " + end.describe());
                return;
            }
        }
        for (Host host : world.hosts()) {
            var pool = host.instance().pool();
            if (!Resources.isEmpty(pool)) {
                long reserved = pool.sending().reserved() + pool.receiving().reserved();
                world.violation(
                        Violation.Kind.LEAK,
                        host.name() + " still uses " + pool.used() + " bytes, reserves " + reserved + " and has "
                                + pool.flows() + " flows admitted");
            }
            if (host.flows().size() != 0) {
                world.violation(
                        Violation.Kind.LEAK,
                        host.name() + " still has the flows " + host.flows().ids());
            }
            if (!host.endpoints().isEmpty() && !adversarial) {
                world.violation(
                        Violation.Kind.LEAK,
                        host.name() + " still has the carrier "
                                + host.endpoints().get(0).connection());
            }
        }
    }
}
