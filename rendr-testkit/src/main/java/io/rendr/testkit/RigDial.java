// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.rendr.CloseReason;
import io.rendr.FlowKind;
import io.rendr.PathSpec;
import io.rendr.spi.Carrier;
import io.rendr.spi.DialRequest;
import io.rendr.spi.PathFactory;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One dial of a {@link TransportRig}. */
public final class RigDial extends RigContext implements DialRequest {

    private final Duration timeout;
    private final CompletableFuture<Carrier> result = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Void> factoryDone = new CompletableFuture<>();

    RigDial(TransportRig rig, PathSpec spec, Duration timeout) {
        super(rig, spec);
        this.timeout = timeout;
    }

    void begin(PathFactory factory) {
        eventLoop().execute(() -> {
            CompletionStage<? extends Carrier> stage;
            try {
                stage = factory.dial(this);
            } catch (Throwable t) {
                result.completeExceptionally(new AssertionError("dial() threw instead of failing its stage", t));
                return;
            }
            stage.whenComplete((carrier, failure) -> {
                over();
                if (failure != null) {
                    result.completeExceptionally(failure);
                } else if (!result.complete(carrier)) {
                    onLoop(() -> carrier.close(CloseReason.of(CloseReason.Kind.LOCAL, "connected too late")));
                }
                factoryDone.complete(null);
            });
            eventLoop()
                    .schedule(
                            () -> cancel(new SocketTimeoutException(
                                    "no carrier to " + spec() + " within " + timeout.toMillis() + " ms")),
                            timeout.toMillis(),
                            TimeUnit.MILLISECONDS);
        });
    }

    /** The carrier, not started; or why there is none. */
    public CompletionStage<Carrier> result() {
        return result;
    }

    /** The carrier with a probe on it, waiting for it; not started. */
    public CarrierProbe probe() {
        return new CarrierProbe(Await.result(result));
    }

    /** Gives the dial up. */
    public void cancel() {
        cancel(new java.util.concurrent.CancellationException("the test cancelled the dial of " + spec()));
    }

    private void cancel(Throwable why) {
        onLoop(() -> {
            if (result.completeExceptionally(why)) {
                giveUp();
            }
        });
    }

    /** Completes when the stage of the transport has: a cancelled dial need not complete it. */
    public CompletionStage<@Nullable Void> factoryDone() {
        return factoryDone;
    }

    @Override
    public FlowKind flowKind() {
        return FlowKind.STREAM;
    }

    @Override
    public Duration timeout() {
        return timeout;
    }

    @Override
    public int attempt() {
        return 1;
    }
}
