// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.rendr.CloseReason;
import io.rendr.FlowKind;
import io.rendr.InstanceId;
import io.rendr.PathSpec;
import io.rendr.RendrException;
import io.rendr.Target;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.engine.flow.Dialing;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowHost;
import io.rendr.engine.flow.FlowSettings;
import io.rendr.engine.registry.TransportRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Drives the first dial of a flow, on the loop that will be the flow's home. */
public final class Dial implements Dialing.Host {
    /** Hears how the dial ended, once, on the home loop. */
    public interface Result {
        /** The flow is there; whether the peer takes it is told to its listener. */
        void established(FlowDriver driver, FlowListener face);

        void failed(IOException why);
    }

    private final Engine engine;
    private final TransportRegistry transports;
    private final HomeLoop home;
    private final Function<FlowDriver, FlowListener> face;
    private final Result result;
    private final FlowTimer timer;
    private final Map<Integer, Connect> connects = new HashMap<>();
    private final Runnable cancel = this::cancel;
    private final FlowKind kind;
    private final boolean firstRequired;
    private final List<Integer> held = new ArrayList<>();
    private @Nullable CloseReason firstFailed;
    private @Nullable Dialing dialing;
    private @Nullable FlowDriver driver;
    private boolean over;

    private Dial(
            Engine engine,
            TransportRegistry transports,
            FlowKind kind,
            boolean firstRequired,
            Function<FlowDriver, FlowListener> face,
            Result result) {
        this.engine = engine;
        this.kind = kind;
        this.firstRequired = firstRequired;
        this.transports = transports;
        this.home = engine.loops().next();
        this.face = face;
        this.result = result;
        this.timer = new FlowTimer(home, this::due);
    }

    /**
     * Starts a dial; any thread.
     *
     * @param firstRequired whether the dial has failed if the first path leads nowhere
     * @param expected the only runtime to talk to; null for any
     * @param timeout nanoseconds after which it has failed at the latest
     * @param face makes the application's face of the flow
     */
    public static Dial start(
            Engine engine,
            TransportRegistry transports,
            FlowSettings settings,
            Target target,
            boolean firstRequired,
            @Nullable InstanceId expected,
            long timeout,
            Function<FlowDriver, FlowListener> face,
            Result result) {
        Dial dial = new Dial(engine, transports, settings.kind(), firstRequired, face, result);
        try {
            dial.home.run(() -> dial.begin(settings, target, expected, timeout));
        } catch (RejectedExecutionException e) {
            result.failed(closed());
        }
        return dial;
    }

    private void begin(FlowSettings settings, Target target, @Nullable InstanceId expected, long timeout) {
        if (over) {
            return;
        }
        if (!engine.isOpen()) {
            fail(closed());
            return;
        }
        long now = Clock.now();
        dialing = Dialing.create(engine.instance(), settings, target, expected, this, now + timeout);
        if (dialing == null) {
            fail(new RendrException(
                    null,
                    "no room for another flow, there are "
                            + engine.instance().pool().maxFlows()
                            + " at most: close flows, or raise memoryBudget or maxFlows",
                    null));
            return;
        }
        engine.onClose(cancel);
        dialing.start(now);
    }

    private static RendrException closed() {
        return new RendrException(null, "the runtime is closed", null);
    }

    /** Gives up, and has failed; any thread. Does nothing once the flow is established. */
    public void cancel() {
        try {
            home.run(this::giveUp);
        } catch (RejectedExecutionException e) {
            result.failed(closed());
        }
    }

    private void giveUp() {
        if (!over) {
            finish();
            if (dialing != null) {
                dialing.cancel();
            }
            result.failed(new RendrException(null, "the dial was cancelled", null));
        }
    }

    private void finish() {
        over = true;
        engine.forget(cancel);
        timer.cancel();
    }

    private void fail(IOException why) {
        finish();
        result.failed(why);
    }

    private void due() {
        if (dialing != null) {
            dialing.onTimer(Clock.now());
        }
    }

    @Override
    public void connect(int pathIndex, PathSpec spec) {
        if (firstRequired && pathIndex > 0) {
            hold(pathIndex);
            return;
        }
        Connect connect = Connect.of(engine, transports, home, kind, spec, 0, new Connect.Result() {
            @Override
            public void connected(CarrierPort port) {
                connects.remove(pathIndex);
                dialing().connected(pathIndex, port, Clock.now());
            }

            @Override
            public void failed(CloseReason why) {
                connects.remove(pathIndex);
                dialing().connectFailed(pathIndex, why, Clock.now());
                if (firstRequired) {
                    failHeld(why);
                }
            }
        });
        connects.put(pathIndex, connect);
        connect.start();
    }

    /** A path that may be dialed only by the flow itself, once the first path has led to the peer. */
    private void hold(int pathIndex) {
        held.add(pathIndex);
        if (firstFailed != null) {
            home.defer(() -> failHeld(firstFailed));
        }
    }

    private void failHeld(CloseReason why) {
        firstFailed = why;
        List<Integer> waiting = List.copyOf(held);
        held.clear();
        CloseReason told =
                CloseReason.of(CloseReason.Kind.CONFIG, "not tried: the primary path is required and failed");
        waiting.forEach(index -> dialing().connectFailed(index, told, Clock.now()));
    }

    private Dialing dialing() {
        if (dialing == null) {
            throw new IllegalStateException("nothing is being dialed");
        }
        return dialing;
    }

    @Override
    public void cancelConnect(int pathIndex) {
        held.remove((Integer) pathIndex);
        Connect connect = connects.remove(pathIndex);
        if (connect != null) {
            connect.cancel();
        }
    }

    @Override
    public void wakeAt(long nanos) {
        timer.wakeAt(nanos);
    }

    @Override
    public FlowHost flowHost() {
        FlowDriver made = new FlowDriver(engine, home, transports, face);
        driver = made;
        return made;
    }

    @Override
    public void established(Flow flow) {
        finish();
        FlowDriver made = driver;
        if (made == null || flow.host() != made) {
            throw new IllegalStateException("a flow without its host");
        }
        made.drives(flow);
        result.established(made, made.listener());
    }

    @Override
    public void failed(RendrException why) {
        fail(why);
    }
}
