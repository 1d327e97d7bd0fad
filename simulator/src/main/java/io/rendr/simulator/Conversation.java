// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.FlowId;
import io.rendr.PathState;
import io.rendr.RendrException;
import io.rendr.engine.flow.FlowPath;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One flow as the simulator sees it, from its dial to the end at both sides: who is concerned, over which routes, and
 * what may excuse a failure.
 */
final class Conversation {
    /** A route counts as clean when nothing has disturbed it for this long: a redial takes its time. */
    static final long CLEAN = SECONDS.toNanos(10);

    /**
     * A route that loses more may take any time for a handshake. Of one over datagrams four have to arrive, whose repetitions are
     * seconds apart, and one in ten that are lost takes some others along.
     */
    private static final int MUCH_LOSS = 30_000;

    /** What makes the failure of an end legitimate. */
    enum Excuse {
        RESTART,
        APPLICATION,
        REFUSED,
        CORRUPTION,
        MEMORY
    }

    private final Schedule.FlowPlan plan;
    private final Simulation world;
    private final Set<Route> candidates = new LinkedHashSet<>();
    private final Set<Route> routes = new LinkedHashSet<>();
    private final Set<Route> unwanted = new HashSet<>();
    private final EnumSet<Excuse> excuses = EnumSet.noneOf(Excuse.class);
    private @Nullable FlowEnd dialerEnd;
    private @Nullable FlowEnd acceptorEnd;
    private @Nullable FlowId id;
    private @Nullable Dial dial;
    private boolean dialDue;
    private boolean dialOver;
    private boolean lostPath;
    private boolean armed;
    private boolean backups;
    private int rearrangements;
    private int moves;
    private @Nullable RendrException dialFailure;
    private long outageSince = Long.MIN_VALUE;
    private boolean outage;
    /** When a path over the route was added, if that was not at the beginning. */
    private final Map<Route, Long> joined = new HashMap<>();
    /** When the dialer let go of the last path over the route; what befell it before that the peer may hear later. */
    private final Map<Route, Long> parted = new HashMap<>();

    private long longestOutage;

    Conversation(Schedule.FlowPlan plan, Simulation world) {
        this.plan = plan;
        this.world = world;
        plan.links().forEach(link -> candidates.add(world.route(link)));
        routes.addAll(candidates);
    }

    Schedule.FlowPlan plan() {
        return plan;
    }

    /**
     * The routes under the paths that the flow has now, as its dialer knows them. A path that was removed and has no
     * carrier left stays only until the peer knows, and leads nowhere.
     */
    Set<Route> routes() {
        FlowEnd dialer = dialerEnd;
        if (dialer != null && !dialer.isOver()) {
            Set<Route> before = Set.copyOf(routes);
            routes.clear();
            for (FlowPath path : dialer.flow().pathList()) {
                if (path.state() == PathState.DRAINING && path.link() == null) {
                    continue;
                }
                candidates.stream()
                        .filter(route -> path.name().equals("p" + route.id()))
                        .forEach(routes::add);
            }
            before.stream()
                    .filter(route -> !routes.contains(route))
                    .forEach(route -> parted.put(route, world.timeline().now()));
            routes.stream()
                    .filter(route -> !before.contains(route))
                    .forEach(route -> joined.put(route, world.timeline().now()));
        }
        return routes;
    }

    /** A path was added, and has been there once or goes on trying. */
    void pathAdded(Route route) {
        candidates.add(route);
    }

    /** An application exchanges the policy tree at one end. */
    void arranged(Schedule.Arrangement arrangement) {
        armed |= arrangement.quality();
        backups |= !arrangement.backups().isEmpty();
    }

    /** Whether an application ever armed a selector. */
    boolean wasArmed() {
        return armed;
    }

    /** Whether an application ever made a path a backup. */
    boolean hadBackups() {
        return backups;
    }

    /** An application, or an administrator, asks for something. */
    void moved() {
        moves++;
    }

    /** Whether a copy of a packet may go out later than the packet, and for the first time on its path. */
    boolean mayRace() {
        return Shape.mayRace(plan.shape())
                || world.schedule().moves().stream()
                        .anyMatch(move -> move.flow() == plan.id() && Shape.mayRace(move.shape()));
    }

    int moves() {
        return moves;
    }

    /** An application changes which paths there are; returns how often that has happened. */
    int rearranged() {
        return ++rearrangements;
    }

    int rearrangements() {
        return rearrangements;
    }

    /** A path was taken out of use. */
    void pathRemoved() {
        lostPath = true;
    }

    /** Whether a path was ever taken out of use. */
    boolean lostPath() {
        return lostPath;
    }

    /** An end asks that the path over a route be taken out of use, which its peer does not know yet. */
    void removalAsked(Route route) {
        unwanted.add(route);
    }

    boolean removalWasAsked(Route route) {
        return unwanted.contains(route);
    }

    @Nullable
    FlowEnd end(Schedule.Side side) {
        return side == Schedule.Side.DIALER ? dialerEnd : acceptorEnd;
    }

    /** The application dials, as soon as its process runs. */
    void dialDue() {
        dialDue = true;
    }

    boolean isDialDue() {
        return dialDue;
    }

    void dialing(Dial attempt) {
        dial = attempt;
    }

    @Nullable
    Dial dial() {
        return dial;
    }

    void dialed(FlowEnd end) {
        dialerEnd = end;
        id = end.flow().id();
        dialOver = true;
    }

    void dialFailed(@Nullable RendrException why) {
        dialOver = true;
        dialFailure = why;
    }

    boolean dialOver() {
        return dialOver;
    }

    @Nullable
    RendrException dialFailure() {
        return dialFailure;
    }

    void opened(FlowEnd end) {
        acceptorEnd = end;
    }

    @Nullable
    FlowId id() {
        return id;
    }

    void excuse(Excuse why) {
        excuses.add(why);
    }

    boolean excused(Excuse why) {
        return excuses.contains(why);
    }

    boolean excused() {
        return !excuses.isEmpty();
    }

    // ---- outages

    private boolean anyClean(long now) {
        for (Route route : routes()) {
            if (leadsToPeer(route)
                    && !isLeft(route)
                    && route.plan().lossPpm() < MUCH_LOSS
                    && route.sound()
                    && !route.wasCrowded()
                    && now - wellSince(route) >= CLEAN) {
                return true;
            }
        }
        return false;
    }

    /** A balancer may choose another acceptor every time; beside it there may be a route to one that it did not choose. */
    boolean leadsToPeer(Route route) {
        FlowEnd acceptor = acceptorEnd;
        if (acceptor == null || world.schedule().world().acceptors() == 1) {
            return true;
        }
        return !route.plan().balanced() && acceptor.host().number() == Simulation.UNBALANCED;
    }

    /** Whether the flow only waits for the end of what its carrier there still has; it is no path to go on over. */
    private boolean isLeft(Route route) {
        FlowEnd dialer = dialerEnd;
        return dialer != null
                && !dialer.isOver()
                && dialer.flow().pathList().stream()
                        .filter(path -> path.name().equals("p" + route.id()))
                        .allMatch(path -> path.state() == PathState.DRAINING);
    }

    /** Since when the flow could have used the route. */
    private long wellSince(Route route) {
        return Math.max(route.lastDisturbed(), joined.getOrDefault(route, Long.MIN_VALUE));
    }

    /** Looks, every now and then, whether some route is clean. */
    void watchRoutes(long now) {
        if (anyClean(now)) {
            if (outage) {
                longestOutage = Math.max(longestOutage, now - outageSince);
            }
            outage = false;
        } else if (!outage) {
            outage = true;
            long since = now;
            for (Route route : routes()) {
                since = leadsToPeer(route) && !isLeft(route) ? Math.min(since, wellSince(route)) : since;
            }
            outageSince = since;
        }
    }

    /** For how long no route has been clean, at {@code now}; 0 while one is. */
    long outage(long now) {
        watchRoutes(now);
        return outage ? now - outageSince : 0;
    }

    /**
     * How long it takes until a path answers for the first time: to connect, to attach, to be probed. An outage that begins
     * meanwhile began, for an end, when it had no other path any more.
     */
    long firstAnswer() {
        return 3 * routes().stream().mapToLong(Route::roundTrip).max().orElse(0);
    }

    long longestOutage(long now) {
        watchRoutes(now);
        return outage ? Math.max(longestOutage, now - outageSince) : longestOutage;
    }

    /** How long the slowest route takes for all that may be written at either end, beside the other flows. */
    long transferTime() {
        long bytes = 0;
        for (Schedule.FlowPlan flow : world.schedule().flows()) {
            bytes += Math.max(flow.dialer().bytes(), flow.acceptor().bytes());
        }
        long time = 0;
        for (Route route : routes()) {
            time = Math.max(time, route.transferTime(bytes));
        }
        return time;
    }

    /** Whether any of its routes, also one that it has left, has lost something or stood still since the start. */
    boolean everDisturbed() {
        long age = world.timeline().elapsed();
        return candidates.stream()
                .anyMatch(route -> !route.calmFor(age) || !route.plan().calm() || route.wasCrowded());
    }

    /** Whether anything was wrong with a route in the last minute. */
    boolean recentlyDisturbed() {
        Set<Route> concerned = new HashSet<>(routes());
        parted.forEach((route, at) -> {
            if (world.timeline().now() - at < newsTime(route)) {
                concerned.add(route);
            }
        });
        for (Route route : concerned) {
            if (!route.calmFor(SECONDS.toNanos(70))
                    || !route.plan().calm()
                    || route.wasCrowded()
                    || route.plan().balanced()) {
                return true;
            }
        }
        return concerned.isEmpty(); // all that the dialer knew is gone with it
    }

    private static long newsTime(Route route) {
        return SECONDS.toNanos(1) + route.roundTrip();
    }

    /** Whether one end may have yet to hear what the other did so long ago. */
    boolean mayBeNews(long age) {
        long late = recentlyDisturbed() ? CLEAN : 0;
        return routes().stream().anyMatch(route -> age < newsTime(route) + late);
    }

    // ---- progress

    boolean isAlive() {
        return dial != null && !isOver();
    }

    boolean isOver() {
        boolean dialerGone = dialerEnd == null || dialerEnd.isOver();
        boolean acceptorGone = acceptorEnd == null || acceptorEnd.isOver();
        return dialOver && dialerGone && acceptorGone;
    }

    String describe() {
        return "flow" + plan.id() + ": dialer " + describe(dialerEnd) + "; acceptor " + describe(acceptorEnd)
                + (dialFailure == null ? "" : "; dial failed: " + dialFailure.getMessage());
    }

    private static String describe(@Nullable FlowEnd end) {
        return end == null ? "absent" : end.describe();
    }

    /** The failure of a dial has a reason when no route was clean, or somebody said no. */
    boolean mayFailToDial(long now) {
        return excused() || longestOutage(now) > 0 || outage;
    }
}
