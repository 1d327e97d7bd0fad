// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.rendr.CloseReason;
import io.rendr.DialException;
import io.rendr.InstanceId;
import io.rendr.PathSpec;
import io.rendr.RendrException;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.engine.flow.Dialing;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowHost;
import io.rendr.engine.flow.FlowSettings;
import io.rendr.engine.registry.TransportRegistry;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private @Nullable Dialing dialing;
    private @Nullable FlowDriver driver;
    private boolean over;

    private Dial(Engine engine, TransportRegistry transports, Function<FlowDriver, FlowListener> face, Result result) {
        this.engine = engine;
        this.transports = transports;
        this.home = engine.loops().next();
        this.face = face;
        this.result = result;
        this.timer = new FlowTimer(home, this::due);
    }

    /**
     * Starts a dial; any thread.
     *
     * @param expected the only runtime to talk to; null for any
     * @param timeout nanoseconds after which it has failed at the latest
     * @param face makes the application's face of the flow
     */
    public static Dial start(
            Engine engine,
            TransportRegistry transports,
            FlowSettings settings,
            List<Dialing.Plan> plans,
            @Nullable InstanceId expected,
            long timeout,
            Function<FlowDriver, FlowListener> face,
            Result result) {
        Dial dial = new Dial(engine, transports, face, result);
        dial.home.run(() -> dial.begin(settings, plans, expected, timeout));
        return dial;
    }

    private void begin(FlowSettings settings, List<Dialing.Plan> plans, @Nullable InstanceId expected, long timeout) {
        if (over) {
            return;
        }
        if (!engine.isOpen()) {
            fail(new RendrException(null, "the runtime is closed", null));
            return;
        }
        long now = Clock.now();
        dialing = Dialing.create(engine.instance(), settings, plans, expected, this, now + timeout);
        if (dialing == null) {
            fail(new RendrException(
                    null,
                    "no room for another flow: the memory budget guarantees "
                            + engine.instance().pool().maxFlows() + "; close flows or raise memoryBudget",
                    null));
            return;
        }
        engine.onClose(cancel);
        dialing.start(now);
    }

    /** Gives up, and has failed; any thread. Does nothing once the flow is established. */
    public void cancel() {
        home.run(() -> {
            if (!over) {
                finish();
                if (dialing != null) {
                    dialing.cancel();
                }
                result.failed(new RendrException(null, "the dial was cancelled", null));
            }
        });
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
        Connect connect = Connect.of(engine, transports, home, spec, 0, new Connect.Result() {
            @Override
            public void connected(CarrierPort port) {
                connects.remove(pathIndex);
                dialing().connected(pathIndex, port, Clock.now());
            }

            @Override
            public void failed(CloseReason why) {
                connects.remove(pathIndex);
                dialing().connectFailed(pathIndex, why, Clock.now());
            }
        });
        connects.put(pathIndex, connect);
        connect.start();
    }

    private Dialing dialing() {
        if (dialing == null) {
            throw new IllegalStateException("nothing is being dialed");
        }
        return dialing;
    }

    @Override
    public void cancelConnect(int pathIndex) {
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
    public void failed(DialException why) {
        fail(why);
    }
}
