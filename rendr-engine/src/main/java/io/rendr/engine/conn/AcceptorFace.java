// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.FlowId;
import io.rendr.FlowRefusedException;
import io.rendr.PacketConn;
import io.rendr.PathSpec;
import io.rendr.StreamConn;
import io.rendr.engine.flow.FlowSettings;
import io.rendr.engine.net.Engine;
import io.rendr.engine.net.FlowDriver;
import io.rendr.engine.net.FlowListener;
import io.rendr.engine.net.Listening;
import io.rendr.engine.registry.TransportRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An acceptor of the runtime: admits flows, and hands them to whoever accepts, or to a handler. */
final class AcceptorFace implements Acceptor, Listening.Arrivals {
    private static final String NO_PACKETS =
            " is not in this version: packet flows are provisional; accept streams and frame packets on them";

    private final Engine engine;
    private final AcceptorConfig config;
    private final Backlog backlog;
    private final Set<Arrival> live = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Listening listening;
    private volatile List<PathSpec> endpoints = List.of();
    private volatile boolean closed;
    private volatile long acceptTimeout;

    private AcceptorFace(Engine engine, AcceptorConfig config) {
        this.engine = engine;
        this.config = config;
        this.backlog = new Backlog(config.backlog());
    }

    /** Opens all endpoints or none. */
    static AcceptorFace open(Engine engine, AcceptorConfig config) throws IOException {
        if (config.onPacket().isPresent()) {
            throw new UnsupportedOperationException("onPacket" + NO_PACKETS);
        }
        TransportRegistry transports = engine.transportsWith(config.transports());
        FlowSettings settings = settings(engine, config);
        AcceptorFace acceptor = new AcceptorFace(engine, config);
        CompletableFuture<Listening> opening = Listening.open(
                engine,
                transports,
                config.endpoints(),
                settings,
                new Listening.Limits(
                        config.handshakeTimeout().toNanos(), config.maxHandshakes(), config.handshakesPerSource()),
                acceptor);
        try {
            Listening open = Later.join(opening, "listen");
            acceptor.endpoints = open.dialSpecs();
            acceptor.listening = open;
        } catch (InterruptedIOException e) {
            opening.cancel(false);
            throw e;
        }
        engine.onClose(acceptor.stop);
        return acceptor;
    }

    private static FlowSettings settings(Engine engine, AcceptorConfig config) {
        FlowSettings defaults = FlowSettings.defaults();
        return new FlowSettings(
                config.migrationBudget().toNanos(),
                engine.config().linger().toNanos(),
                defaults.probeInterval(),
                defaults.zombieMaxMigrations(),
                defaults.zombieCooldown(),
                defaults.redialFirst(),
                defaults.redialLast(),
                config.protection(),
                null,
                Map.of());
    }

    AcceptorConfig config() {
        return config;
    }

    Backlog backlog() {
        return backlog;
    }

    boolean isOpen() {
        return !closed && engine.isOpen();
    }

    // ---- flows come

    @Override
    public FlowListener arriving(FlowDriver driver, PathSpec endpoint) {
        return new StreamConnection(driver, conn -> new Arrival(this, driver, conn, endpoint));
    }

    void came(Arrival arrival) {
        live.add(arrival);
    }

    void gone(Arrival arrival) {
        live.remove(arrival);
    }

    @Override
    public void failed(IOException why) {
        shut(() -> new IOException(why.getMessage(), why));
    }

    // ---- who accepts

    @Override
    public StreamConn accept() throws IOException {
        engine.loops().checkMayBlock("Acceptor.accept", "acceptAsync");
        checkNoHandler();
        CompletableFuture<StreamConnection> next = backlog.take();
        long limit = acceptTimeout;
        try {
            return limit == 0 ? Later.join(next, "accept") : Later.join(next, "accept", limit);
        } catch (TimeoutException e) {
            if (backlog.giveUp(next)) {
                throw new SocketTimeoutException("accept waited for its time-out of " + NANOSECONDS.toMillis(limit)
                        + " ms; the acceptor is still open");
            }
            return Later.join(next, "accept");
        } catch (InterruptedIOException e) {
            if (backlog.giveUp(next)) {
                throw e;
            }
            Thread.currentThread().interrupt();
            return next.join();
        }
    }

    @Override
    public CompletionStage<StreamConn> acceptAsync() {
        checkNoHandler();
        CompletableFuture<StreamConn> result = new CompletableFuture<>();
        backlog.take()
                .whenComplete((conn, thrown) -> engine.workers().call(() -> {
                    if (thrown != null) {
                        result.completeExceptionally(thrown);
                    } else {
                        result.complete(conn);
                    }
                }));
        return result.minimalCompletionStage();
    }

    private void checkNoHandler() {
        if (config.onStream().isPresent()) {
            throw new IllegalStateException("streams go to the handler given to onStream, accept gets none");
        }
    }

    @Override
    public PacketConn acceptPacket() {
        throw new UnsupportedOperationException("acceptPacket" + NO_PACKETS);
    }

    @Override
    public CompletionStage<PacketConn> acceptPacketAsync() {
        throw new UnsupportedOperationException("acceptPacketAsync" + NO_PACKETS);
    }

    @Override
    public void setAcceptTimeout(Duration timeout) {
        acceptTimeout = WaitPoint.nanos(timeout);
    }

    @Override
    public List<PathSpec> endpoints() {
        return endpoints;
    }

    @Override
    public Set<FlowId> flowIds() {
        return live.stream().map(Arrival::flowId).collect(Collectors.toUnmodifiableSet());
    }

    // ---- the end

    private final Runnable stop = this::close;

    @Override
    public void close() {
        shut(ClosedChannelException::new);
    }

    private void shut(Supplier<IOException> why) {
        closed = true;
        engine.forget(stop);
        Listening open = listening;
        if (open != null) {
            open.close();
        }
        List<StreamConnection> left = backlog.close(why);
        for (Arrival arrival : live) {
            if (!arrival.decide(FlowRefusedException.SHUTTING_DOWN) && left.contains(arrival.conn())) {
                arrival.refuseFlow(FlowRefusedException.SHUTTING_DOWN);
            }
        }
    }

    @Override
    public String toString() {
        return "Acceptor" + endpoints;
    }
}
