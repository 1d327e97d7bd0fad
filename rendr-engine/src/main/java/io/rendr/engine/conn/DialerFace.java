// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.Conn;
import io.rendr.Dialer;
import io.rendr.DialerConfig;
import io.rendr.PacketConn;
import io.rendr.StreamConn;
import io.rendr.Target;
import io.rendr.engine.flow.FlowSettings;
import io.rendr.engine.net.Engine;
import io.rendr.engine.registry.TransportRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;

/** A dialer of the runtime. */
final class DialerFace implements Dialer {
    private final Engine engine;
    private final DialerConfig config;
    private final TransportRegistry transports;
    private final FlowSettings settings;
    private final Target target;

    DialerFace(Engine engine, DialerConfig config) {
        this.engine = engine;
        this.config = config;
        this.transports = engine.transportsWith(config.transports());
        config.paths().forEach(transports::of);
        if (config.l3Identity().isPresent()) {
            throw new UnsupportedOperationException("l3Identity is not in this version: put it into the metadata");
        }
        this.target = config.primary()
                .map(name -> LivePolicy.preferring(config.target(), name))
                .orElse(config.target());
        this.settings = new FlowSettings(
                config.migrationBudget().toNanos(),
                engine.config().linger().toNanos(),
                config.probeInterval().toNanos(),
                config.zombieMaxMigrations(),
                config.zombieCooldown().toNanos(),
                config.redialBackoffMin().toNanos(),
                config.redialBackoffMax().toNanos(),
                config.protection(),
                0,
                0,
                config.metadata());
    }

    Engine engine() {
        return engine;
    }

    TransportRegistry transports() {
        return transports;
    }

    /** The policy tree of its flows, the primary path before others. */
    Target target() {
        return target;
    }

    @Override
    public DialerConfig config() {
        return config;
    }

    @Override
    public StreamConn dial() throws IOException {
        engine.loops().checkMayBlock("Dialer.dial", "dialAsync");
        return join(stream());
    }

    @Override
    public CompletableFuture<StreamConn> dialAsync() {
        Opening<StreamConnection> opening = stream();
        return later(opening.start(), opening::cancel);
    }

    @Override
    public PacketConn dialPacket() throws IOException {
        engine.loops().checkMayBlock("Dialer.dialPacket", "dialPacketAsync");
        return join(packets());
    }

    @Override
    public CompletableFuture<PacketConn> dialPacketAsync() {
        Opening<PacketConnection> opening = packets();
        return later(opening.start(), opening::cancel);
    }

    private Opening<StreamConnection> stream() {
        return new Opening<>(this, settings, StreamConnection::new);
    }

    private Opening<PacketConnection> packets() {
        FlowSettings forPackets = settings.forPackets(config.repairTtl().toNanos(), config.maxPacketSize());
        return new Opening<>(this, forPackets, PacketConnection::new);
    }

    private static <C extends Connection> C join(Opening<C> opening) throws IOException {
        try {
            return Later.join(opening.start(), "dial");
        } catch (InterruptedIOException e) {
            opening.cancel();
            throw e;
        }
    }

    private <F extends Conn> CompletableFuture<F> later(CompletableFuture<? extends F> started, Runnable cancel) {
        CompletableFuture<F> result = new CompletableFuture<>();
        started.whenComplete((conn, thrown) -> engine.workers().call(() -> {
            if (thrown != null) {
                result.completeExceptionally(thrown);
            } else if (!result.complete(conn)) {
                conn.close();
            }
        }));
        result.whenComplete((conn, thrown) -> {
            if (result.isCancelled()) {
                cancel.run();
            }
        });
        return result;
    }

    @Override
    public String toString() {
        return "Dialer[" + config + "]";
    }
}
