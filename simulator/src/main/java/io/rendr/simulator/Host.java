// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.flow.Acceptances;
import io.rendr.engine.flow.FlowTable;
import io.rendr.engine.flow.Instance;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One machine with one runtime. Everything that the engine is told here passes through it, so that a stalled process
 * hears nothing for a while, and then of its timers before it hears of its carriers.
 */
final class Host {
    /** What a process that woke takes for one event. */
    private static final long HANDLING = MICROSECONDS.toNanos(1);

    private final Simulation world;
    private final int number;
    private final SplittableRandom random;
    private final ArrayDeque<Runnable> heldTimers = new ArrayDeque<>();
    private final ArrayDeque<Runnable> heldEvents = new ArrayDeque<>();
    private final List<Endpoint> endpoints = new ArrayList<>();
    private int incarnation;
    private boolean down;
    private boolean stalled;
    private long stalledSince;
    private long stalledUntil = Long.MIN_VALUE;
    private long stalledBefore;
    private long wokeAt = Long.MIN_VALUE;
    private Instance instance;
    private FlowTable flows;
    private Acceptances acceptances;
    private @Nullable DatagramServer server;
    private final List<DatagramSocket> sockets = new ArrayList<>();

    Host(Simulation world, int number, SplittableRandom random) {
        this.world = world;
        this.number = number;
        this.random = random;
        this.instance = world.newInstance(this);
        this.flows = new FlowTable();
        this.acceptances = world.newAcceptances(this);
    }

    Simulation world() {
        return world;
    }

    /** 0 dials, the others accept. */
    int number() {
        return number;
    }

    /** Whether this is nobody's peer. */
    boolean isAdversary() {
        return number < 0;
    }

    String name() {
        return number == 0 ? "D" : number < 0 ? "X" : "A" + number;
    }

    SplittableRandom random() {
        return random;
    }

    int incarnation() {
        return incarnation;
    }

    boolean isDown() {
        return down;
    }

    Instance instance() {
        return instance;
    }

    FlowTable flows() {
        return flows;
    }

    Acceptances acceptances() {
        return acceptances;
    }

    /** How long this host has stood still until now, in nanoseconds. */
    long stalledInAll() {
        return stalledBefore + (stalled ? world.timeline().now() - stalledSince : 0);
    }

    /** Whether the process has come back from standing still within the last millisecond. */
    boolean justWoke() {
        return wokeAt != Long.MIN_VALUE && world.timeline().now() - wokeAt < MILLISECONDS.toNanos(1);
    }

    void opened(Endpoint endpoint) {
        endpoints.removeIf(Endpoint::isClosed);
        endpoints.add(endpoint);
    }

    List<Endpoint> endpoints() {
        endpoints.removeIf(Endpoint::isClosed);
        return endpoints;
    }

    /** A datagram reaches the machine. */
    void receives(ByteBuf datagram, DatagramSocket.Address from) {
        if (!down) {
            DatagramServer listening = server;
            if (listening == null) {
                listening = new DatagramServer(world, this);
                server = listening;
            }
            listening.receives(datagram, from);
        }
    }

    /** Where datagrams are received; null if there were none. */
    @Nullable
    DatagramServer server() {
        return server;
    }

    void opened(DatagramSocket socket) {
        sockets.removeIf(DatagramSocket::isClosed);
        sockets.add(socket);
    }

    /** Nothing that was received is read any more. */
    void vanish() {
        sockets.forEach(DatagramSocket::vanish);
        sockets.clear();
        if (server != null) {
            server.vanish();
            server = null;
        }
    }

    /** Runs {@code event} as something that the process notices now: not before the current event is over. */
    void io(Runnable event) {
        int alive = incarnation;
        world.timeline().after(0, () -> run(event, alive, false));
    }

    /** Runs {@code event} at {@code time}, or as late as a loop may be on an ordinary day. */
    void timer(long time, Runnable event) {
        int alive = incarnation;
        int late = world.schedule().world().lateMs();
        long lateness = late == 0 ? 0 : random.nextLong(MILLISECONDS.toNanos(late));
        world.timeline().at(time + lateness, () -> run(event, alive, true));
    }

    private void run(Runnable event, int alive, boolean timer) {
        if (alive != incarnation) {
            return;
        }
        if (stalled) {
            (timer ? heldTimers : heldEvents).add(event);
        } else {
            event.run();
        }
    }

    void stall(long nanos) {
        long until = world.timeline().now() + nanos;
        if (stalled && until <= stalledUntil) {
            return;
        }
        if (!stalled) {
            stalled = true;
            stalledSince = world.timeline().now();
        }
        stalledUntil = until;
        world.timeline().at(until, () -> {
            if (stalled && world.timeline().now() >= stalledUntil) {
                wake();
            }
        });
    }

    private void wake() {
        stalledBefore = stalledInAll();
        stalled = false;
        wokeAt = world.timeline().now();
        int alive = incarnation;
        for (Runnable event : heldTimers) {
            world.timeline().after(0, () -> run(event, alive, true));
        }
        long after = 0;
        for (Runnable event : heldEvents) {
            after += HANDLING;
            world.timeline().after(after, () -> run(event, alive, false));
        }
        heldTimers.clear();
        heldEvents.clear();
    }

    /** The process is gone, and with it all its flows. */
    void crash(boolean powerLoss) {
        incarnation++;
        heldTimers.clear();
        heldEvents.clear();
        stalledBefore = stalledInAll();
        stalled = false;
        down = true;
        List.copyOf(endpoints).forEach(endpoint -> endpoint.processGone(powerLoss));
        endpoints.clear();
        vanish();
    }

    /** A new process, with a new identity, unless one runs: two crashes may have met. */
    void start() {
        if (!down) {
            return;
        }
        down = false;
        instance = world.newInstance(this);
        flows = new FlowTable();
        acceptances = world.newAcceptances(this);
    }
}
