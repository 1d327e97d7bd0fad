// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.link.PathMtu;
import io.rendr.engine.wire.HandshakeDatagram;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a route does to datagrams: they wait in a queue that drops what does not fit, are lost alone or several in a row,
 * come twice, overtake one another, are damaged, or are too large.
 */
final class Datagrams {
    /** Headers of IPv4 and UDP, which the bottleneck carries too. */
    private static final int HEADERS = 28;

    /** What may find no room for long, as a share of the rate, if there is room for some windows of all who share it. */
    private static final double TOLERANCE = 0.05;

    private static final double MOST_TOLERANCE = 0.5;
    /** What one sender loses of a window at once, when a queue drops all that comes in a moment. */
    private static final int LOST_AT_ONCE = 6;

    /** By how much of what a route holds its senders may overshoot at once: they double, and learn of it a round trip later. */
    private static final int OVERSHOOT = 3;
    /** Datagrams of a window below which no sender can do more about it: RFC 9002, section 7.2, lets two of them go. */
    private static final int LEAST_WINDOW = 4;

    /** What every carrier may send before it knows anything (RFC 9002, section 7.2). */
    private static final int FIRST_FLIGHT = 12_000;

    private static final int MILLION = 1_000_000;
    private static final int LEAST_QUEUE = 32 * 1024;
    /** What only reports and probes have finds room where payload does not. */
    private static final int SMALL = 200;

    private static final int DUPLICATE_PPM = 2_000;
    private static final int OVERTAKEN_PPM = 5_000;

    private final Simulation world;
    private final Route route;
    private final Set<ByteBuf> flying = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Queue[] queues;
    private int burst;
    private long lost;
    private long damaged;
    private long overflowed;
    private long tooLarge;

    Datagrams(Simulation world, Route route) {
        this.world = world;
        this.route = route;
        this.queues = new Queue[] {new Queue(Connection.FORWARD), new Queue(Connection.BACK)};
    }

    long lost() {
        return lost;
    }

    long damaged() {
        return damaged;
    }

    /** Datagrams for which the queue before the bottleneck had no room. */
    long overflowed() {
        return overflowed;
    }

    long tooLarge() {
        return tooLarge;
    }

    /** Sends a datagram, and takes the duty to release it; {@code arrive} borrows what comes out at the other end. */
    void send(int direction, ByteBuf datagram, boolean swallowed, Consumer<ByteBuf> arrive) {
        if (swallowed || route.swallows(direction) || isUnfit(direction, datagram) || isLost()) {
            datagram.release();
            return;
        }
        queues[direction].add(new Waiting(datagram, arrive, world.timeline().now()));
    }

    private record Waiting(ByteBuf datagram, Consumer<ByteBuf> arrive, long since) {}

    /** What waits before the bottleneck in one direction, and leaves at the rate that it has then. */
    private final class Queue {
        private final int direction;
        private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
        private int bytes;
        private long freeAt = Long.MIN_VALUE;
        /** Since when all datagrams with payload of one carrier, by its connection id, have found no room. */
        private final Map<Long, Long> lockedOut = new HashMap<>();

        private double excess;
        private long excessAt = route.timeline().now();

        Queue(int direction) {
            this.direction = direction;
        }

        void add(Waiting last) {
            if (last.datagram.readableBytes() > SMALL) {
                lockedOut.remove(HandshakeDatagram.connectionId(last.datagram));
            }
            waiting.add(last);
            bytes += last.datagram.readableBytes();
            if (waiting.size() == 1) {
                goOn();
            }
        }

        private void goOn() {
            if (world.timeline().now() < freeAt) {
                world.timeline().at(freeAt, this::goOn);
                return;
            }
            Waiting next = waiting.poll();
            if (next == null) {
                return;
            }
            bytes -= next.datagram.readableBytes();
            route.heldUp(world.timeline().now() - next.since);
            freeAt = route.passBottleneck(direction, next.datagram.readableBytes() + HEADERS);
            if (happens(DUPLICATE_PPM)) {
                fly(freeAt, next.datagram.copy(), next.arrive);
            }
            fly(freeAt, next.datagram, next.arrive);
            if (!waiting.isEmpty()) {
                goOn();
            }
        }

        /** A datagram found no room, which is how a sender learns what the route carries; it has to learn. */
        void overflows(ByteBuf datagram) {
            int size = datagram.readableBytes();
            long now = world.timeline().now();
            Long since = lockedOut.putIfAbsent(HandshakeDatagram.connectionId(datagram), now);
            route.heldUp(since == null ? 0 : now - since);
            // What the hosts are late by, and the queue in which acknowledgements wait on their way back, add to the
            // round
            // trip in which a sender learns.
            long late = MILLISECONDS.toNanos(2L * world.schedule().world().lateMs());
            double held = route.plan().rate() * ((route.roundTrip() + late) / 1e9) + 2.0 * room();
            double pipe = route.plan().rate() * (2 * route.delay() / 1e9) + room();
            double window =
                    pipe / (PathMtu.BASE * (double) Math.max(1, route.ways().size()));
            excess = Math.max(0, excess - tolerance(window) * route.rate() * (now - excessAt) / 1e9) + size;
            excessAt = now;
            if (window < LEAST_WINDOW) {
                excess = 0;
            } else if (excess
                    > OVERSHOOT * (held + (double) FIRST_FLIGHT * route.ways().size())) {
                world.violation(
                        Violation.Kind.ABOVE_RATE,
                        route + " carries " + route.rate() + " bytes a second, and was given " + Math.round(excess)
                                + " bytes more than it and its queue can take");
            }
        }

        /** Many who share little have windows of few datagrams: where these are W, 1.5 of W^2 find no room (RFC 9438, 4.3). */
        private static double tolerance(double window) {
            return Math.min(MOST_TOLERANCE, Math.max(TOLERANCE, LOST_AT_ONCE * 1.5 / (window * window)));
        }

        void vanish() {
            waiting.forEach(each -> each.datagram.release());
            waiting.clear();
        }
    }

    private int room() {
        return Math.max(LEAST_QUEUE, route.plan().buffer());
    }

    private boolean isUnfit(int direction, ByteBuf datagram) {
        int bytes = datagram.readableBytes();
        if (route.tooLarge(bytes)) {
            tooLarge++;
            return true;
        }
        if (queues[direction].bytes + bytes > room()) {
            overflowed++;
            queues[direction].overflows(datagram);
            return true;
        }
        return false;
    }

    private boolean isLost() {
        if (burst > 0) {
            burst--;
            lost++;
            return true;
        }
        if (!happens(route.plan().lossPpm())) {
            return false;
        }
        lost++;
        burst = route.random().nextInt(10) == 0 ? route.random().nextInt(8) : 0;
        return true;
    }

    /** On a route that is as good as any nothing of the kind happens. */
    private boolean happens(int ppm) {
        return route.plan().lossPpm() > 0 && route.random().nextInt(MILLION) < ppm;
    }

    private void fly(long departure, ByteBuf datagram, Consumer<ByteBuf> arrive) {
        if (route.corrupts() && route.random().nextInt(4) == 0) {
            damaged++;
            int at = datagram.readerIndex() + route.random().nextInt(datagram.readableBytes());
            datagram.setByte(at, datagram.getByte(at) ^ 1 << route.random().nextInt(8));
        }
        long late = 0;
        if (happens(OVERTAKEN_PPM)) {
            late = route.random().nextLong(MICROSECONDS.toNanos(20_000));
        }
        flying.add(datagram);
        long time = departure + route.transit() + late;
        world.timeline().at(time, () -> land(datagram, arrive));
    }

    private void land(ByteBuf datagram, Consumer<ByteBuf> arrive) {
        long time = route.notBeforeStall(world.timeline().now());
        if (time > world.timeline().now()) {
            world.timeline().at(time, () -> land(datagram, arrive));
        } else if (flying.remove(datagram)) {
            arrive.accept(datagram);
            datagram.release();
        }
    }

    /** The run is over: what is on its way is dropped. */
    void vanish() {
        for (Queue queue : queues) {
            queue.vanish();
        }
        flying.forEach(ByteBuf::release);
        flying.clear();
    }
}
