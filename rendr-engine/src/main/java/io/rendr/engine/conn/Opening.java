// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.CloseReason;
import io.rendr.DialException;
import io.rendr.DialerConfig;
import io.rendr.PathFailure;
import io.rendr.RendrException;
import io.rendr.Target;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowSettings;
import io.rendr.engine.net.Dial;
import io.rendr.engine.net.FlowDriver;
import io.rendr.engine.net.FlowListener;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code dial}, from the first attempt to the peer's admission; afterwards, what the connection remembers of
 * it.
 *
 * @param <C> the connection that is dialed
 */
final class Opening<C extends Connection> implements Dial.Result, Connection.Origin {
    /** What the peer is told of a flow that was opened and is not wanted any more. */
    private static final int GIVEN_UP = 0;

    private final DialerFace dialer;
    private final FlowSettings settings;
    private final BiFunction<FlowDriver, Connection.Origin, C> maker;
    private final CompletableFuture<C> result = new CompletableFuture<>();
    private final long startedAt = System.nanoTime();
    private volatile @Nullable Dial dial;
    private volatile boolean cancelled;
    private volatile @Nullable C conn;
    /** On the home loop. */
    private @Nullable C made;

    /** @param maker makes the connection of a flow that comes into being */
    Opening(DialerFace dialer, FlowSettings settings, BiFunction<FlowDriver, Connection.Origin, C> maker) {
        this.dialer = dialer;
        this.settings = settings;
        this.maker = maker;
    }

    private DialerConfig config() {
        return dialer.config();
    }

    /** Starts to dial. The result is completed on an event loop. */
    CompletableFuture<C> start() {
        dial = Dial.start(
                dialer.engine(),
                dialer.transports(),
                settings,
                dialer.target(),
                config().primary().isPresent() && config().primaryRequired(),
                config().expectPeer().orElse(null),
                config().dialTimeout().toNanos(),
                driver -> made(maker.apply(driver, this)),
                this);
        return result;
    }

    private C made(C face) {
        made = face;
        return face;
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
        C late = conn;
        if (cancelled && late != null) {
            late.abortWith(GIVEN_UP);
        }
    }

    // ---- on the home loop

    @Override
    public void established(FlowDriver driver, FlowListener face) {
        C opened = Objects.requireNonNull(made, "made before it is established");
        conn = opened;
        giveUpLate();
        if (config().eager()) {
            result.complete(opened);
            return;
        }
        long left = config().dialTimeout().toNanos() - (System.nanoTime() - startedAt);
        Future<?> timer = driver.after(left, () -> notAdmitted(opened));
        result.whenComplete((done, thrown) -> timer.cancel(false));
    }

    private void notAdmitted(C opened) {
        if (!result.isDone()) {
            CloseReason why = CloseReason.of(
                    CloseReason.Kind.TIMEOUT,
                    "the peer answered, but its application did not admit the flow within "
                            + config().dialTimeout().toMillis() + " ms");
            List<PathFailure> failures = dialer.target().leaves().stream()
                    .map(leaf -> new PathFailure(leaf.name(), leaf.spec(), null, why))
                    .toList();
            result.completeExceptionally(new DialException(failures));
            opened.abortWith(GIVEN_UP);
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
        C admitted = conn;
        if (admitted != null) {
            result.complete(admitted);
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
        C opened = conn;
        if (nobodyHasIt && opened != null) {
            opened.detach();
        }
    }

    // ---- what the connection remembers

    @Override
    public Optional<Target> target() {
        return Optional.of(dialer.target());
    }

    @Override
    public Map<String, String> metadata(Flow flow) {
        return config().metadata();
    }
}
