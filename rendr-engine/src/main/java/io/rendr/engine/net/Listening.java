// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.rendr.CloseReason;
import io.rendr.FlowKind;
import io.rendr.PathSpec;
import io.rendr.engine.flow.FlowSettings;
import io.rendr.engine.registry.TransportRegistry;
import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The endpoints of one acceptor, and the bound on the handshakes that are open at a time. Thread-safe. */
public final class Listening {
    /**
     * What holds for the handshakes of an acceptor.
     *
     * @param timeout nanoseconds that one may take
     * @param most so many at a time that have proved nothing, and as many that know a key
     * @param perSource per second and source that may prove nothing; 0 for any number
     */
    public record Limits(long timeout, int most, int perSource) {}

    /** Takes the flows that come in. */
    public interface Arrivals {
        /** Makes the application's face of a flow that is about to come into being; on its home loop. */
        FlowListener arriving(FlowKind kind, FlowDriver driver, PathSpec endpoint);

        /** The last open endpoint has failed. */
        void failed(IOException why);
    }

    private final Engine engine;
    private final FlowSettings settings;
    private final Limits limits;
    private final Arrivals arrivals;
    private final List<Endpoint> endpoints = new ArrayList<>();
    private final Set<Endpoint> failed = ConcurrentHashMap.newKeySet();
    private final Newcomers strangers;
    private final Newcomers known;
    private final Sources sources;
    private volatile boolean closed;

    private Listening(Engine engine, FlowSettings settings, Limits limits, Arrivals arrivals) {
        this.engine = engine;
        this.settings = settings;
        this.limits = limits;
        this.arrivals = arrivals;
        this.strangers = new Newcomers(limits.most());
        this.known = new Newcomers(limits.most());
        this.sources = new Sources(limits.perSource());
    }

    /**
     * Opens all endpoints or none; any thread.
     *
     * @return completes when all are open, or with an {@link IOException} that names the one that could not be
     */
    public static CompletableFuture<Listening> open(
            Engine engine,
            TransportRegistry transports,
            List<PathSpec> specs,
            FlowSettings settings,
            Limits limits,
            Arrivals arrivals) {
        Listening listening = new Listening(engine, settings, limits, arrivals);
        specs.forEach(spec -> listening.endpoints.add(new Endpoint(listening, spec, transports)));
        CompletableFuture<?>[] opening = listening.endpoints.stream()
                .map(endpoint -> endpoint.bind().exceptionally(e -> {
                    throw new CompletionException(named(endpoint, e));
                }))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture<Listening> open = new CompletableFuture<>();
        CompletableFuture.allOf(opening).whenComplete((nothing, thrown) -> {
            if (thrown != null) {
                listening.close();
                open.completeExceptionally(thrown instanceof CompletionException ? thrown.getCause() : thrown);
            } else if (!open.complete(listening)) {
                listening.close();
            }
        });
        return open;
    }

    private static IOException named(Endpoint endpoint, Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        CloseReason why = CloseReason.of(cause);
        String text = "cannot listen at " + endpoint.spec() + ": " + why;
        IOException named = isBind(cause) ? new BindException(text) : new IOException(text);
        named.initCause(cause);
        return named;
    }

    private static boolean isBind(@Nullable Throwable thrown) {
        return thrown instanceof BindException || thrown != null && isBind(thrown.getCause());
    }

    /** What to dial to get here, in the order of the configuration. */
    public List<PathSpec> dialSpecs() {
        return endpoints.stream().map(Endpoint::dialSpec).toList();
    }

    /** Stops listening and ends the handshakes that are open. Flows go on. */
    public void close() {
        closed = true;
        endpoints.forEach(Endpoint::close);
    }

    boolean isOpen() {
        return !closed && engine.isOpen();
    }

    void failed(Endpoint endpoint, Throwable cause) {
        if (failed.add(endpoint) && failed.size() == endpoints.size() && !closed) {
            arrivals.failed(named(endpoint, cause));
        }
    }

    /**
     * The system refused an endpoint a connection, most likely because descriptors have run out. Handshakes that have
     * proved nothing hold some.
     */
    void paused(Endpoint endpoint, Throwable cause) {
        engine.door().paused(endpoint.spec(), cause);
        strangers.halve();
    }

    Engine engine() {
        return engine;
    }

    FlowSettings settings() {
        return settings;
    }

    Limits limits() {
        return limits;
    }

    Arrivals arrivals() {
        return arrivals;
    }

    /** The handshakes that have proved nothing yet. */
    Newcomers strangers() {
        return strangers;
    }

    /** The handshakes of those who know a secret of ours; strangers cannot displace them. */
    Newcomers known() {
        return known;
    }

    /** What each source may still begin. */
    Sources sources() {
        return sources;
    }
}
