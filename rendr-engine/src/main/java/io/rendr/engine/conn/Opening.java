// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.CloseReason;
import io.rendr.DialException;
import io.rendr.DialerConfig;
import io.rendr.PathFailure;
import io.rendr.RendrException;
import io.rendr.Target;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.net.Dial;
import io.rendr.engine.net.FlowDriver;
import io.rendr.engine.net.FlowListener;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code dial}, from the first attempt to the peer's admission; afterwards, what the connection remembers of
 * it.
 */
final class Opening implements Dial.Result, StreamConnection.Origin {
    /** What the peer is told of a flow that was opened and is not wanted any more. */
    private static final int GIVEN_UP = 0;

    private final DialerFace dialer;
    private final CompletableFuture<StreamConnection> result = new CompletableFuture<>();
    private final long startedAt = System.nanoTime();
    private volatile @Nullable Dial dial;
    private volatile boolean cancelled;
    private volatile @Nullable StreamConnection conn;

    Opening(DialerFace dialer) {
        this.dialer = dialer;
    }

    private DialerConfig config() {
        return dialer.config();
    }

    /** Starts to dial. The result is completed on an event loop. */
    CompletableFuture<StreamConnection> start() {
        dial = Dial.start(
                dialer.engine(),
                dialer.transports(),
                dialer.settings(),
                dialer.plans(),
                config().primary().isPresent() && config().primaryRequired(),
                config().expectPeer().orElse(null),
                config().dialTimeout().toNanos(),
                driver -> new StreamConnection(driver, ignored -> this),
                this);
        return result;
    }

    /** Gives up: a connection that comes late is closed. */
    void cancel() {
        cancelled = true;
        Dial started = dial;
        if (started != null) {
            started.cancel();
        }
        giveUpLate();
    }

    private void giveUpLate() {
        StreamConnection late = conn;
        if (cancelled && late != null) {
            late.abortWith(GIVEN_UP);
        }
    }

    // ---- on the home loop

    @Override
    public void established(FlowDriver driver, FlowListener face) {
        StreamConnection made = (StreamConnection) face;
        conn = made;
        giveUpLate();
        if (config().eager()) {
            result.complete(made);
            return;
        }
        long left = config().dialTimeout().toNanos() - (System.nanoTime() - startedAt);
        Future<?> timer = driver.after(left, () -> notAdmitted(made));
        result.whenComplete((done, thrown) -> timer.cancel(false));
    }

    private void notAdmitted(StreamConnection made) {
        if (!result.isDone()) {
            CloseReason why = CloseReason.of(
                    CloseReason.Kind.TIMEOUT,
                    "the peer answered, but its application did not admit the flow within "
                            + config().dialTimeout().toMillis() + " ms");
            List<PathFailure> failures = dialer.plans().stream()
                    .map(plan -> new PathFailure(plan.name(), plan.spec(), null, why))
                    .toList();
            result.completeExceptionally(new DialException(failures));
            made.abortWith(GIVEN_UP);
        }
    }

    @Override
    public void failed(IOException why) {
        result.completeExceptionally(why);
    }

    @Override
    public void opened() {
        // Of interest to an acceptor only: established follows here.
    }

    @Override
    public void accepted() {
        StreamConnection made = conn;
        if (made != null) {
            result.complete(made);
        }
    }

    @Override
    public void introduced() {
        // Of interest to an acceptor only: admission waits for it there.
    }

    @Override
    public void ended(CloseReason why, @Nullable RendrException failure) {
        boolean nobodyHasIt = result.completeExceptionally(
                failure != null ? failure : new RendrException(null, "the peer ended the flow at once: " + why, null));
        StreamConnection made = conn;
        if (nobodyHasIt && made != null) {
            made.detach();
        }
    }

    // ---- what the connection remembers

    @Override
    public Optional<Target> target() {
        return Optional.of(config().target());
    }

    @Override
    public Map<String, String> metadata(Flow flow) {
        return config().metadata();
    }
}
