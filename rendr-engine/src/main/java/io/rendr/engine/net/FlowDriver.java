// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.netty.channel.EventLoop;
import io.rendr.CloseReason;
import io.rendr.CommonOptions;
import io.rendr.MigrationCause;
import io.rendr.PathSpec;
import io.rendr.RendrException;
import io.rendr.engine.flow.Attachment;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowHost;
import io.rendr.engine.flow.PacketPort;
import io.rendr.engine.keys.RecordScratch;
import io.rendr.engine.registry.TransportRegistry;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Drives one flow on its home loop: its timer, its dials, and what the application's threads have to tell it.
 *
 * <p>The application's threads use the flow's two buffers directly and only say that they did, by {@link #written} and
 * {@link #consumed}: at most one task is queued at a time for any number of calls.
 */
public final class FlowDriver implements FlowHost {
    private static final int WRITTEN = 1;
    private static final int CONSUMED = 2;
    private static final VarHandle NEWS;

    static {
        try {
            NEWS = MethodHandles.lookup().findVarHandle(FlowDriver.class, "news", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Engine engine;
    private final HomeLoop home;
    private final TransportRegistry transports;
    private final FlowListener listener;
    private final FlowTimer timer;
    private final Map<Integer, Connect> connects = new HashMap<>();
    private final Runnable tell = this::tell;
    private final Runnable tellFlow = this::tellFlow;
    private volatile @Nullable Flow flow;

    @SuppressWarnings("unused") // through NEWS
    private volatile int news;

    /** @param face makes the application's face of the flow, given this driver */
    FlowDriver(Engine engine, HomeLoop home, TransportRegistry transports, Function<FlowDriver, FlowListener> face) {
        this.engine = engine;
        this.home = home;
        this.transports = transports;
        this.timer = new FlowTimer(home, this::due);
        this.listener = face.apply(this);
    }

    // ---- for the engine

    HomeLoop home() {
        return home;
    }

    FlowListener listener() {
        return listener;
    }

    /** Joins the driver to the flow that was made for it; before anybody else sees either. */
    void drives(Flow driven) {
        flow = driven;
        listener.opened();
        engine.live(this);
    }

    /** Takes a proven carrier of this flow from the loop that it arrived on; as a turn of that loop. */
    void attach(Attachment attachment, HomeLoop there) {
        if (there == home) {
            flow().attach(attachment, Clock.now());
            return;
        }
        Attachment across = attachment.through(from(there, attachment.port()));
        across.rest().retain();
        home.run(() -> {
            try {
                flow().attach(across, Clock.now());
            } finally {
                across.rest().release();
            }
        });
    }

    private CarrierPort from(HomeLoop there, CarrierPort port) {
        return port instanceof PacketPort packets
                ? new RemotePackets(packets, there, home)
                : new RemoteCarrier(port, there, home);
    }

    // ---- for the application's face

    public Engine engine() {
        return engine;
    }

    /** The loop that the flow lives on. */
    public EventLoop eventLoop() {
        return home.loop();
    }

    public TransportRegistry transports() {
        return transports;
    }

    public Flow flow() {
        return Objects.requireNonNull(flow, "the flow is not there yet");
    }

    /** Bytes were appended to the send buffer; any thread. */
    public void written() {
        news(WRITTEN);
    }

    /** Bytes were read from the receive buffer; any thread. */
    public void consumed() {
        news(CONSUMED);
    }

    /**
     * The buffer was changed before the bit is looked at here, and the bit is cleared before the buffer is looked at
     * there: so a change is seen by the task that is queued, or queues one.
     */
    private void news(int bit) {
        if (((int) NEWS.getVolatile(this) & bit) != 0) {
            return;
        }
        if ((int) NEWS.getAndBitwiseOr(this, bit) == 0) {
            try {
                home.loop().execute(tell);
            } catch (RejectedExecutionException e) {
                // The loops have ended, and with them the flow: nobody is left to be told.
                NEWS.setVolatile(this, 0);
            }
        }
    }

    private void tell() {
        home.turn(tellFlow);
    }

    private void tellFlow() {
        int bits = (int) NEWS.getAndSet(this, 0);
        long now = Clock.now();
        if ((bits & WRITTEN) != 0) {
            flow().written(now);
        }
        if ((bits & CONSUMED) != 0) {
            flow().consumed(now);
        }
    }

    /**
     * Does something to the flow, on its loop, soon; any thread.
     *
     * @return false if the runtime has ended, and with it the flow
     */
    public boolean run(BiConsumer<Flow, Long> action) {
        try {
            home.run(() -> action.accept(flow(), Clock.now()));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /**
     * Asks the flow something, on its loop, and waits for the answer, which is a matter of microseconds.
     *
     * @param call the method of the API, for the error
     * @throws IllegalStateException on another event loop of the runtime
     */
    public <T> T ask(String call, Function<Flow, T> question) {
        if (home.inLoop()) {
            return question.apply(flow());
        }
        engine.loops().checkMayBlock(call, "a thread of the application, such as one of the callback executor");
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            home.loop().execute(() -> home.turn(() -> answer(answer, question)));
        } catch (RejectedExecutionException e) {
            // The loops have ended: nobody changes the flow any more.
            return question.apply(flow());
        }
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw e;
        }
    }

    private <T> void answer(CompletableFuture<T> answer, Function<Flow, T> question) {
        try {
            answer.complete(question.apply(flow()));
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
        }
    }

    /** Runs a turn after a while, unless it is cancelled before; called on the home loop. */
    public Future<?> after(long nanos, Runnable body) {
        return home.loop().schedule(() -> home.turn(body), nanos, NANOSECONDS);
    }

    // ---- for the core

    @Override
    public RecordScratch scratch() {
        return home.scratch();
    }

    @Override
    public void wakeAt(long nanos) {
        timer.wakeAt(nanos);
    }

    @Override
    public void callAt(long nanos, LongConsumer action) {
        Runnable turn = () -> home.turn(() -> action.accept(Clock.now()));
        long wait = nanos - Clock.now();
        try {
            if (wait > 0) {
                home.loop().schedule(turn, wait, NANOSECONDS);
            } else {
                home.loop().execute(turn);
            }
        } catch (RejectedExecutionException e) {
            // The loops have ended, and with them every flow: nobody is left to be told.
        }
    }

    private void due() {
        flow().onTimer(Clock.now());
    }

    @Override
    public long connectTimeout(PathSpec spec) {
        return CommonOptions.connectTimeout(spec, transports.of(spec)).toNanos();
    }

    @Override
    public void connect(int pathId, PathSpec spec, int attempt) {
        Connect connect = Connect.of(engine, transports, home, flow().kind(), spec, attempt, new Connect.Result() {
            @Override
            public void connected(CarrierPort port) {
                connects.remove(pathId);
                flow().connected(pathId, port, Clock.now());
            }

            @Override
            public void failed(CloseReason why) {
                connects.remove(pathId);
                flow().connectFailed(pathId, why, Clock.now());
            }
        });
        connects.put(pathId, connect);
        connect.start();
    }

    @Override
    public void cancelConnect(int pathId) {
        Connect connect = connects.remove(pathId);
        if (connect != null) {
            connect.cancel();
        }
    }

    @Override
    public void readable() {
        listener.readable();
    }

    @Override
    public void writable() {
        listener.writable();
    }

    @Override
    public void accepted() {
        listener.accepted();
    }

    @Override
    public void migrated(int fromPath, int toPath, MigrationCause cause) {
        FlowLog.moved(flow(), fromPath, toPath, cause);
        listener.migrated(fromPath, toPath, cause);
    }

    @Override
    public void introduced() {
        listener.introduced();
    }

    @Override
    public void pathChanged(int pathId) {
        FlowLog.pathChanged(flow(), pathId);
        listener.pathChanged(pathId);
    }

    @Override
    public void ended(CloseReason why, @Nullable RendrException failure) {
        FlowLog.ended(flow(), why, failure);
        listener.ended(why, failure);
    }

    @Override
    public void released() {
        timer.cancel();
        connects.values().forEach(Connect::cancel);
        connects.clear();
        engine.dead(this);
        listener.released();
    }
}
