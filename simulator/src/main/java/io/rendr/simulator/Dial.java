// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.CloseReason;
import io.rendr.DialException;
import io.rendr.PathSpec;
import io.rendr.RendrException;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.engine.flow.Dialing;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowHost;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Drives the first dial of a flow. */
final class Dial implements Dialing.Host {
    static final long TIMEOUT = SECONDS.toNanos(15);

    private final Simulation world;
    private final Host host;
    private final Conversation conversation;
    private final FlowEnd end;
    private final Map<Integer, Connecting> connecting = new HashMap<>();
    private final @Nullable Dialing dialing;
    private long wakeAt = Long.MAX_VALUE;
    private final long startedAt;
    private int carriers;
    private boolean over;

    Dial(Simulation world, Host host, Conversation conversation) {
        this.world = world;
        this.host = host;
        this.conversation = conversation;
        this.end = new FlowEnd(world, host, Schedule.Side.DIALER);
        this.startedAt = world.timeline().now();
        conversation.dialing(this);
        this.dialing = Dialing.create(
                host.instance(),
                world.dialerSettings(conversation.plan()),
                world.target(conversation.plan()),
                null,
                this,
                world.timeline().now() + TIMEOUT);
    }

    void start() {
        if (dialing == null) {
            conversation.excuse(Conversation.Excuse.MEMORY);
            world.saw(Rule.BUSY);
            failed(new DialException(List.of()));
        } else {
            dialing.start(world.timeline().now());
        }
    }

    private Dialing dialing() {
        Dialing mine = dialing;
        if (mine == null) {
            throw new IllegalStateException("a dial that was refused for want of memory goes on");
        }
        return mine;
    }

    @Override
    public void connect(int pathIndex, PathSpec spec) {
        Route route = world.routeOf(spec);
        world.log().add("flow" + conversation.plan().id() + "@D", "dials over " + route);
        Connecting attempt = new Connecting(world, host, route, conversation, Simulation.CONNECT_TIMEOUT) {
            @Override
            void connected(CarrierPort port) {
                connecting.remove(pathIndex);
                carriers++;
                world.saw(Rule.HELLO_RETRY, carriers > 1);
                dialing().connected(pathIndex, port, world.timeline().now());
            }

            @Override
            void failed(CloseReason why) {
                connecting.remove(pathIndex);
                dialing().connectFailed(pathIndex, why, world.timeline().now());
            }
        };
        connecting.put(pathIndex, attempt);
        attempt.start();
    }

    @Override
    public void cancelConnect(int pathIndex) {
        Connecting attempt = connecting.remove(pathIndex);
        if (attempt != null) {
            attempt.cancel();
        }
    }

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
            if (wakeAt == nanos) {
                wakeAt = Long.MAX_VALUE;
                dialing().onTimer(world.timeline().now());
            }
        });
    }

    @Override
    public FlowHost flowHost() {
        return end;
    }

    @Override
    public void established(Flow flow) {
        over = true;
        end.bind(conversation, flow);
        conversation.dialed(end);
        world.established(end);
        world.coverage().established(end);
        end.log("established, " + flow.id());
        if (conversation.plan().eager()) {
            world.saw(Rule.EAGER);
            host.io(end::application);
        }
    }

    @Override
    public void failed(RendrException why) {
        if (over) {
            return;
        }
        over = true;
        world.log().add("flow" + conversation.plan().id() + "@D", "dial failed: " + why.getMessage());
        conversation.dialFailed(why);
        world.saw(Rule.DIAL_TIMEOUT, world.timeline().now() - startedAt >= TIMEOUT);
        if (!conversation.mayFailToDial(world.timeline().now())) {
            world.violation(
                    Violation.Kind.FAILED_WITHOUT_CAUSE,
                    "flow" + conversation.plan().id() + " could not be dialed: " + why.getMessage());
        }
    }
}
