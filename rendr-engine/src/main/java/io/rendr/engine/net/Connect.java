// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.netty.util.concurrent.Future;
import io.rendr.CloseReason;
import io.rendr.CommonOptions;
import io.rendr.FlowKind;
import io.rendr.PathSpec;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.engine.flow.Instance;
import io.rendr.engine.registry.TransportRegistry;
import io.rendr.spi.Carrier;
import io.rendr.spi.DialRequest;
import io.rendr.spi.PacketCarrier;
import io.rendr.spi.PathFactory;
import io.rendr.spi.StreamCarrier;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to open a carrier. It ends exactly once: with a carrier, with a failure, by its time-out, or by being
 * cancelled, which is not answered. A carrier that comes after the end is closed.
 */
final class Connect extends LentContext implements DialRequest {
    /** Hears how the attempt ended, as a turn of the home loop; nothing after {@link Connect#cancel}. */
    interface Result {
        void connected(CarrierPort port);

        void failed(CloseReason why);
    }

    private final TransportRegistry transports;
    private final PathFactory factory;
    private final FlowKind kind;
    private final int attempt;
    private final long timeout;
    private final Result result;
    private @Nullable Future<?> timer;
    private boolean over;

    private Connect(
            Engine engine,
            HomeLoop home,
            TransportRegistry transports,
            FlowKind kind,
            PathSpec spec,
            int failures,
            Result result) {
        super(engine, home, spec);
        this.kind = kind;
        this.transports = transports;
        this.factory = transports.of(spec);
        this.attempt = failures + 1;
        this.timeout = CommonOptions.connectTimeout(spec, factory).toNanos();
        this.result = result;
    }

    /**
     * Prepares an attempt.
     *
     * @param failures attempts of the path that have failed since it last worked
     */
    static Connect of(
            Engine engine,
            TransportRegistry transports,
            HomeLoop home,
            FlowKind kind,
            PathSpec spec,
            int failures,
            Result result) {
        return new Connect(engine, home, transports, kind, spec, failures, result);
    }

    @Override
    public FlowKind flowKind() {
        return kind;
    }

    @Override
    public Duration timeout() {
        return Duration.ofNanos(timeout);
    }

    @Override
    public int attempt() {
        return attempt;
    }

    /** Starts the attempt, unless it was cancelled before; on the home loop. */
    void start() {
        if (over) {
            return;
        }
        timer = home.loop().schedule(() -> home.turn(this::timedOut), timeout, NANOSECONDS);
        try {
            transports.checkAvailable(factory);
            CompletionStage<? extends Carrier> stage = factory.dial(this);
            if (stage == null) {
                throw new IllegalStateException("transport '" + factory.transport() + "' returned null from dial");
            }
            stage.whenComplete((carrier, thrown) -> home.run(() -> ended(carrier, thrown)));
        } catch (RuntimeException | LinkageError e) {
            home.run(() -> fail(reason(e)));
        }
    }

    /** Gives up; on the home loop. */
    void cancel() {
        if (finish()) {
            cancelled();
        }
    }

    private void timedOut() {
        timer = null;
        if (finish()) {
            cancelled();
            result.failed(CloseReason.of(
                    CloseReason.Kind.TIMEOUT,
                    spec() + " did not connect within " + timeout().toMillis() + " ms"));
        }
    }

    private void ended(@Nullable Carrier carrier, @Nullable Throwable thrown) {
        if (carrier == null) {
            fail(thrown != null ? reason(thrown) : noCarrier());
        } else if (over) {
            discard(carrier, CloseReason.of(CloseReason.Kind.LOCAL, "connected after the attempt was given up"));
        } else if (carrier instanceof StreamCarrier stream) {
            finish();
            delivered();
            adopt(stream);
        } else if (carrier instanceof PacketCarrier packets && carrier.eventLoop() == home.loop()) {
            finish();
            delivered();
            Instance instance = engine.instance();
            long id = instance.random().nextLong();
            result.connected(new LocalPackets(packets, home, spec(), instance.allocator(), id, false));
        } else {
            CloseReason why = CloseReason.of(
                    CloseReason.Kind.CONFIG,
                    "transport '" + factory.transport() + "' opened a carrier of datagrams on another event loop than"
                            + " that of the request");
            discard(carrier, why);
            fail(why);
        }
    }

    private CloseReason noCarrier() {
        return CloseReason.of(
                CloseReason.Kind.ERROR, "transport '" + factory.transport() + "' completed dial without a carrier");
    }

    private void fail(CloseReason why) {
        if (finish()) {
            cancelled();
            result.failed(why);
        }
    }

    private boolean finish() {
        if (over) {
            return false;
        }
        over = true;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        return true;
    }

    /** A transport may answer with a carrier of a loop of its own; then it is used across. */
    private void adopt(StreamCarrier carrier) {
        if (carrier.eventLoop() == home.loop()) {
            result.connected(new LocalCarrier(carrier, home, spec()));
            return;
        }
        HomeLoop there = engine.loops().of(carrier.eventLoop());
        there.run(() -> {
            RemoteCarrier remote = new RemoteCarrier(new LocalCarrier(carrier, there, spec()), there, home);
            home.run(() -> result.connected(remote));
        });
    }

    private static void discard(Carrier carrier, CloseReason why) {
        if (carrier.eventLoop().inEventLoop()) {
            carrier.close(why);
        } else {
            carrier.eventLoop().execute(() -> carrier.close(why));
        }
    }
}
