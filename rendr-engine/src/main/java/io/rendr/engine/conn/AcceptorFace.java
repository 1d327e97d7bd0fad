// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.FlowId;
import io.rendr.FlowKind;
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
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An acceptor of the runtime: admits flows, and hands them to whoever accepts, or to a handler. */
final class AcceptorFace implements Acceptor, Listening.Arrivals {
    private final Engine engine;
    private final AcceptorConfig config;
    private final Backlog<StreamConnection> streams;
    private final Backlog<PacketConnection> packets;
    private final Set<Arrival<?>> live = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Listening listening;
    private volatile List<PathSpec> endpoints = List.of();
    private volatile boolean closed;
    private volatile long acceptTimeout;

    private AcceptorFace(Engine engine, AcceptorConfig config) {
        this.engine = engine;
        this.config = config;
        this.streams = new Backlog<>(config.backlog());
        this.packets = new Backlog<>(config.backlog());
    }

    /** Opens all endpoints or none. */
    static AcceptorFace open(Engine engine, AcceptorConfig config) throws IOException {
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
                0,
                0,
                Map.of());
    }

    AcceptorConfig config() {
        return config;
    }

    boolean isOpen() {
        return !closed && engine.isOpen();
    }

    // ---- flows come

    @Override
    public FlowListener arriving(FlowKind kind, FlowDriver driver, PathSpec endpoint) {
        if (kind == FlowKind.STREAM) {
            Arrival<StreamConnection> arrival = new Arrival<>(
                    this, driver, endpoint, streams, config.onStream().orElse(null));
            return arrival.introduce(new StreamConnection(driver, arrival));
        }
        Arrival<PacketConnection> arrival =
                new Arrival<>(this, driver, endpoint, packets, config.onPacket().orElse(null));
        return arrival.introduce(new PacketConnection(driver, arrival));
    }

    void came(Arrival<?> arrival) {
        live.add(arrival);
    }

    void gone(Arrival<?> arrival) {
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
        checkNoHandler(config.onStream(), "streams go to the handler given to onStream, accept gets none");
        return streams.await("accept", acceptTimeout);
    }

    @Override
    public CompletionStage<StreamConn> acceptAsync() {
        checkNoHandler(config.onStream(), "streams go to the handler given to onStream, accept gets none");
        return later(streams.take());
    }

    @Override
    public PacketConn acceptPacket() throws IOException {
        engine.loops().checkMayBlock("Acceptor.acceptPacket", "acceptPacketAsync");
        checkNoHandler(config.onPacket(), "packet flows go to the handler given to onPacket, acceptPacket gets none");
        return packets.await("acceptPacket", acceptTimeout);
    }

    @Override
    public CompletionStage<PacketConn> acceptPacketAsync() {
        checkNoHandler(config.onPacket(), "packet flows go to the handler given to onPacket, acceptPacket gets none");
        return later(packets.take());
    }

    private static void checkNoHandler(Optional<?> handler, String problem) {
        if (handler.isPresent()) {
            throw new IllegalStateException(problem);
        }
    }

    private <F> CompletionStage<F> later(CompletableFuture<? extends F> next) {
        CompletableFuture<F> result = new CompletableFuture<>();
        next.whenComplete((conn, thrown) -> engine.workers().call(() -> {
            if (thrown != null) {
                result.completeExceptionally(thrown);
            } else {
                result.complete(conn);
            }
        }));
        return result.minimalCompletionStage();
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
        return live.stream().map(arrival -> arrival.flowId()).collect(Collectors.toUnmodifiableSet());
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
        Set<Connection> left = new HashSet<>(streams.close(why));
        left.addAll(packets.close(why));
        for (Arrival<?> arrival : live) {
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
