// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.HashMap;
import java.util.Map;

/** Watches that a flow which does nothing, over routes that are well, costs next to nothing. */
final class Idleness {
    private static final int WINDOW_TICKS = 40;
    private static final long CALM = SECONDS.toNanos(60);
    /** Wake-ups of one end in 20 s: keep-alives, their answers and receipts, over each path. */
    private static final int BOUND = 40;

    private static final int BOUND_PER_PATH = 40;

    private static final class Watch {
        long progress;
        long wakes;
        int ticks;
        Connection lastPinged;
    }

    private final Simulation world;
    private final Map<FlowEnd, Watch> watches = new HashMap<>();

    Idleness(Simulation world) {
        this.world = world;
    }

    /** An end sent a PING. */
    void pinged(FlowEnd end, Connection connection) {
        Watch watch = watches.computeIfAbsent(end, key -> new Watch());
        end.history().pinged();
        boolean quiet = watch.ticks > 24;
        world.saw(Rule.KEEP_WARM, quiet && end.side() == Schedule.Side.DIALER);
        world.saw(Rule.PROBE_OTHERS, watch.lastPinged != null && watch.lastPinged != connection);
        watch.lastPinged = connection;
    }

    /** Every half second. */
    void tick() {
        long now = world.timeline().now();
        for (FlowEnd end : world.ends()) {
            if (end.isOver()) {
                continue;
            }
            world.coverage().tick(end);
            Watch watch = watches.computeIfAbsent(end, key -> new Watch());
            long progress = end.flow().sendBuffer().written()
                    + end.flow().receiveBuffer().consumed()
                    + end.flow().sendBuffer().released()
                    + end.flow().receiveBuffer().available()
                    + end.conversation().moves();
            if (progress != watch.progress || !well(end.conversation(), now)) {
                watch.progress = progress;
                watch.ticks = 0;
                watch.wakes = end.wakes();
                continue;
            }
            watch.ticks++;
            if (watch.ticks % WINDOW_TICKS == 0) {
                judge(end, watch);
            }
        }
    }

    private void judge(FlowEnd end, Watch watch) {
        long wakes = end.wakes() - watch.wakes;
        watch.wakes = end.wakes();
        int paths = end.flow().pathList().size();
        boolean first = watch.ticks == WINDOW_TICKS;
        world.saw(Rule.IDLE, !first);
        world.coverage().idle(end);
        if (!first && wakes > BOUND + BOUND_PER_PATH * paths) {
            world.violation(
                    Violation.Kind.BUSY_WHILE_IDLE, end + " woke " + wakes + " times in 20 s without anything to do");
        }
    }

    private static boolean well(Conversation conversation, long now) {
        for (Route route : conversation.routes()) {
            if (!route.sound()
                    || now - route.lastDisturbed() < CALM
                    || !route.plan().calm()
                    || route.plan().balanced()) {
                return false;
            }
        }
        return true;
    }
}
