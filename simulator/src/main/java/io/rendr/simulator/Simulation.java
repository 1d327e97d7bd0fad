// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.FlowKind;
import io.rendr.InstanceId;
import io.rendr.MigrationCause;
import io.rendr.PathSpec;
import io.rendr.Protection;
import io.rendr.QualityPolicy;
import io.rendr.Target;
import io.rendr.engine.flow.Acceptances;
import io.rendr.engine.flow.FlowSettings;
import io.rendr.engine.flow.Instance;
import io.rendr.engine.flow.PeerGroups;
import io.rendr.engine.keys.KeyAgreement;
import io.rendr.engine.keys.Psk;
import io.rendr.engine.keys.RecordScratch;
import io.rendr.engine.keys.X25519;
import io.rendr.engine.memory.ChunkPool;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One run of a schedule: builds the world, lets it go on event by event, and looks after each whether all is well. */
final class Simulation {
    private static final long TICK = MILLISECONDS.toNanos(500);
    /** The number of the acceptor that every link leads to which is not balanced. */
    static final int UNBALANCED = 1;

    static final long CONNECT_TIMEOUT = SECONDS.toNanos(3);
    private static final int SAME_INSTANT = 20_000;
    private static final KeyAgreement REAL = new X25519();
    private static final KeyAgreement CHEAP = new CheapKeys();

    private final Schedule schedule;
    private final Timeline timeline;
    private final EventLog log;
    private final SplittableRandom random;
    private final Resources resources;
    private final List<ChunkPool> pools = new ArrayList<>();
    private final ByteBuffer scratch = ByteBuffer.allocate(64 * 1024);
    private final RecordScratch recordScratch = new RecordScratch();
    private final EnumSet<Rule> rules = EnumSet.noneOf(Rule.class);
    private final Coverage coverage = new Coverage(this);
    private final Map<Integer, Route> routes = new LinkedHashMap<>();
    private final List<Host> hosts = new ArrayList<>();
    private final List<Conversation> conversations = new ArrayList<>();
    private final List<FlowEnd> ends = new ArrayList<>();
    private final List<Connection> opened = new ArrayList<>();
    private final Adversary adversary;
    private final Director director;
    private final Idleness idleness;
    private final FlowSettings dialerSettings;
    private final FlowSettings acceptorSettings;
    private @Nullable Violation violation;
    private int connectionNumbers;

    /**
     * @param resources used by nobody else while this runs
     */
    Simulation(Schedule schedule, EventLog log, Resources resources) {
        this.schedule = schedule;
        this.log = log;
        this.resources = resources;
        Schedule.World world = schedule.world();
        timeline = new Timeline(MILLISECONDS.toNanos(world.origin()));
        log.clock(timeline);
        random = new SplittableRandom(world.seed());
        dialerSettings = settings(world, world.budgetMs());
        acceptorSettings = settings(world, world.acceptorBudgetMs()).forPackets(0, PacketApplication.LARGEST);
        for (Schedule.LinkPlan link : schedule.links()) {
            Route route = new Route(link, timeline, new SplittableRandom(world.seed() * 31 + link.id()));
            if (link.datagrams()) {
                route.carries(new Datagrams(this, route));
            }
            routes.put(link.id(), route);
        }
        for (int i = 0; i <= world.acceptors(); i++) {
            hosts.add(new Host(this, i, random.split()));
        }
        adversary = new Adversary(this, random.split());
        for (Schedule.FlowPlan flow : schedule.flows()) {
            conversations.add(new Conversation(flow, this));
        }
        director = new Director(this);
        idleness = new Idleness(this);
    }

    private static FlowSettings settings(Schedule.World world, int budgetMs) {
        FlowSettings defaults = FlowSettings.defaults();
        return new FlowSettings(
                MILLISECONDS.toNanos(budgetMs),
                defaults.linger(),
                defaults.probeInterval(),
                defaults.zombieMaxMigrations(),
                defaults.zombieCooldown(),
                defaults.redialFirst(),
                defaults.redialLast(),
                world.sealed() ? Protection.SEALED : Protection.NONE,
                0,
                0,
                Map.of());
    }

    // ---- what the parts share

    Schedule schedule() {
        return schedule;
    }

    Timeline timeline() {
        return timeline;
    }

    EventLog log() {
        return log;
    }

    ByteBuffer scratch() {
        return scratch;
    }

    RecordScratch recordScratch() {
        return recordScratch;
    }

    FlowSettings dialerSettings(Schedule.FlowPlan flow) {
        return flow.kind() == FlowKind.PACKET
                ? dialerSettings.forPackets(MILLISECONDS.toNanos(flow.repairMs()), PacketApplication.LARGEST)
                : dialerSettings;
    }

    /** Whether faults are over and applications come to an end. */
    boolean isFinishing() {
        return director.isFinishing();
    }

    List<Conversation> conversations() {
        return conversations;
    }

    List<FlowEnd> ends() {
        return ends;
    }

    List<Host> hosts() {
        return hosts;
    }

    Adversary adversary() {
        return adversary;
    }

    Idleness idleness() {
        return idleness;
    }

    Coverage coverage() {
        return coverage;
    }

    Set<Rule> rules() {
        return rules;
    }

    void saw(Rule rule) {
        rules.add(rule);
    }

    void saw(Rule rule, boolean indeed) {
        if (indeed) {
            rules.add(rule);
        }
    }

    void violation(Violation.Kind kind, String text) {
        if (violation == null) {
            violation = new Violation(kind, timeline.elapsed(), text);
            log.add("VIOLATION", kind + ": " + text);
        }
    }

    /** Runs {@code probe} in the middle of the run. */
    void at(int ms, Runnable probe) {
        timeline.at(timeline.at(MILLISECONDS.toNanos(ms)), probe);
    }

    /** One end of a flow, by the flow's number; it must have been established. */
    FlowEnd end(int flow, Schedule.Side side) {
        for (Conversation conversation : conversations) {
            FlowEnd end = conversation.end(side);
            if (conversation.plan().id() == flow && end != null) {
                return end;
            }
        }
        throw new IllegalStateException("flow " + flow + " was never established");
    }

    // ---- the network

    Route route(int id) {
        Route route = routes.get(id);
        if (route == null) {
            throw new IllegalArgumentException("the schedule has no link " + id);
        }
        return route;
    }

    Iterable<Route> routes() {
        return routes.values();
    }

    /** The route under a path that the dialer gave this name; null if none of this flow has it. */
    @Nullable
    Route routeOf(Conversation conversation, String pathName) {
        for (Route route : conversation.routes()) {
            if (pathName.equals("p" + route.id())) {
                return route;
            }
        }
        return null;
    }

    Route routeOf(PathSpec spec) {
        return route(Integer.parseInt(spec.address().substring("link".length())));
    }

    PathSpec spec(int link) {
        Schedule.LinkPlan plan = schedule.link(link);
        PathSpec spec = PathSpec.of("sim", "link" + link).with("name", "p" + link);
        return plan.backup() ? spec.with("backup", "true") : spec;
    }

    Target target(Schedule.FlowPlan flow) {
        List<Target.Path> paths = flow.links().stream()
                .map(link -> new Target.Path("p" + link, spec(link)))
                .toList();
        return Shape.of(flow.shape(), paths, schedule.world().quality() ? QualityPolicy.DEFAULT : null);
    }

    /** Where a connect over {@code route} ends: at the acceptor, at any that its balancer picks, or at an impostor. */
    Host acceptorBehind(Route route) {
        if (route.impostor()) {
            return adversary.host();
        }
        int acceptors = hosts.size() - 1;
        return hosts.get(route.plan().balanced() ? 1 + route.random().nextInt(acceptors) : UNBALANCED);
    }

    Connection open(Route route, Host from, Host to, @Nullable Conversation owner) {
        Connection connection = new Connection(route, ++connectionNumbers, from, to, log);
        opened.removeIf(old -> old.dialer().isClosed() && old.acceptor().isClosed());
        opened.add(connection);
        from.opened(connection.dialer());
        to.opened(connection.acceptor());
        if (owner != null && !to.isAdversary()) {
            connection.belongsTo(owner);
            if (!schedule.world().sealed()) {
                connection.dialer().tap(new WireTap(this, connection, Schedule.Side.DIALER));
                connection.acceptor().tap(new WireTap(this, connection, Schedule.Side.ACCEPTOR));
            }
            if (director.adversarial()) {
                connection.dialer().record(adversary);
            }
        }
        if (log.on()) {
            log.add("net", connection + " opened to " + to.name());
        }
        if (to.isAdversary()) {
            to.io(() -> adversary.impersonate(connection));
        } else {
            to.io(() -> new Incoming(this, to).start(connection.acceptor()));
        }
        return connection;
    }

    /** A datagram socket at the dialing host. */
    DatagramSocket openDatagrams(Route route, Host from) {
        Host to = acceptorBehind(route);
        long id = from.instance().random().nextLong();
        DatagramSocket socket = new DatagramSocket(this, route, from, to, ++connectionNumbers, id);
        from.opened(socket);
        if (log.on()) {
            log.add("net", socket + " opened to " + to.name());
        }
        return socket;
    }

    // ---- hosts

    Instance newInstance(Host host) {
        SplittableRandom entropy = random.split();
        ChunkPool pool = resources.takePool(schedule.world().memory());
        pools.add(pool);
        return new Instance(
                new InstanceId(entropy.nextLong(), entropy.nextLong()),
                pool,
                entropy,
                schedule.world().realKeys() ? REAL : CHEAP,
                resources.allocator(),
                schedule.world().psk() ? List.of(new Psk("sim", new byte[32])) : List.of(),
                "sim-" + host.name(),
                List.of(),
                "0",
                new PeerGroups());
    }

    Acceptances newAcceptances(Host host) {
        return new Acceptances(
                host.instance(),
                acceptorSettings,
                PathSpec.of("sim", host.name()),
                host.flows(),
                Acceptances.DEFAULT_TIMEOUT,
                new Incoming(this, host));
    }

    @Nullable
    Conversation conversationOf(io.rendr.FlowId id) {
        for (Conversation conversation : conversations) {
            if (id.equals(conversation.id())) {
                return conversation;
            }
        }
        return null;
    }

    /** A flow end came to be. */
    void established(FlowEnd end) {
        ends.add(end);
    }

    // ---- what is watched

    void pinged(FlowEnd end, Connection connection) {
        idleness.pinged(end, connection);
    }

    void migrated(FlowEnd end, int from, int to, MigrationCause cause) {
        director.migrated(end, from, to, cause);
    }

    private void check() {
        long now = timeline.now();
        for (int i = 0; i < ends.size(); i++) {
            ends.get(i).check(now);
        }
        for (int i = 0; i < hosts.size(); i++) {
            ChunkPool pool = hosts.get(i).instance().pool();
            long reserved = pool.sending().reserved() + pool.receiving().reserved();
            if (pool.receiving().free() < ChunkPool.LARGE || pool.sending().free() < ChunkPool.LARGE) {
                saw(Rule.POOL_GUARD);
            }
            if (pool.used() > schedule.world().memory()
                    || reserved > schedule.world().memory()
                    || pool.sending().free() < 0
                    || pool.receiving().free() < 0) {
                violation(
                        Violation.Kind.POOL_OVER_BUDGET,
                        hosts.get(i).name() + " uses " + pool.used() + " and reserved " + reserved);
            }
        }
    }

    // ---- the run

    Verdict run() {
        try {
            director.prepare();
            tick();
            loop(MILLISECONDS.toNanos(schedule.world().durationMs()), () -> false);
            director.finish();
            loop(timeline.elapsed() + director.patience(), director::allOver);
            director.judge();
            loop(timeline.elapsed() + SECONDS.toNanos(45), director::allReleased);
            loop(timeline.elapsed() + SECONDS.toNanos(15), director::allCarriersGone);
            director.judgeLeftovers();
        } catch (RuntimeException | AssertionError e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            violation(Violation.Kind.EXCEPTION, trace.toString());
        }
        tearDown();
        return new Verdict(
                schedule,
                violation,
                rules,
                director.faultsFelt(),
                director.movesMade(),
                timeline.executed(),
                timeline.elapsed());
    }

    private void tick() {
        timeline.after(TICK, () -> {
            long now = timeline.now();
            conversations.forEach(conversation -> conversation.watchRoutes(now));
            idleness.tick();
            tick();
        });
    }

    private void loop(long until, BooleanSupplier done) {
        long end = timeline.at(until);
        long instant = timeline.now();
        int sameInstant = 0;
        while (violation == null && timeline.step(end)) {
            check();
            if (timeline.now() != instant) {
                instant = timeline.now();
                sameInstant = 0;
                if (done.getAsBoolean()) {
                    return;
                }
            } else if (++sameInstant > SAME_INSTANT) {
                violation(Violation.Kind.BUSY_WHILE_IDLE, SAME_INSTANT + " events and the clock stands still");
            }
        }
    }

    /** Everything still on the wire is dropped, and no buffer may be left. */
    private void tearDown() {
        opened.forEach(connection -> {
            connection.dialer().vanish();
            connection.acceptor().vanish();
        });
        hosts.forEach(Host::vanish);
        adversary.host().vanish();
        for (Route route : routes.values()) {
            if (route.plan().datagrams()) {
                coverage.datagrams(route.datagrams());
                route.datagrams().vanish();
            }
        }
        pools.forEach(pool -> resources.givePool(schedule.world().memory(), pool));
        long left = resources.buffersInUse();
        if (left != 0) {
            violation(Violation.Kind.LEAK, left + " buffers were not released");
        }
    }
}
