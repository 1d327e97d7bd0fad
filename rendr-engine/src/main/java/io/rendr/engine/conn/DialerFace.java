// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.Dialer;
import io.rendr.DialerConfig;
import io.rendr.PacketConn;
import io.rendr.StreamConn;
import io.rendr.engine.flow.Dialing;
import io.rendr.engine.flow.FlowSettings;
import io.rendr.engine.net.Engine;
import io.rendr.engine.registry.TransportRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A dialer of the runtime. */
final class DialerFace implements Dialer {
    private static final String NO_PACKETS =
            " is not in this version: packet flows are provisional; use dial() and frame packets on the stream";

    private final Engine engine;
    private final DialerConfig config;
    private final TransportRegistry transports;
    private final FlowSettings settings;
    private final List<Dialing.Plan> plans;

    DialerFace(Engine engine, DialerConfig config) {
        this.engine = engine;
        this.config = config;
        this.transports = engine.transportsWith(config.transports());
        config.paths().forEach(transports::of);
        if (config.l3Identity().isPresent()) {
            throw new UnsupportedOperationException("l3Identity is not in this version: put it into the metadata");
        }
        this.plans = new ArrayList<>(LivePolicy.plans(config.target()));
        config.primary().ifPresent(this::moveToFront);
        this.settings = new FlowSettings(
                config.migrationBudget().toNanos(),
                engine.config().linger().toNanos(),
                config.probeInterval().toNanos(),
                config.zombieMaxMigrations(),
                config.zombieCooldown().toNanos(),
                config.redialBackoffMin().toNanos(),
                config.redialBackoffMax().toNanos(),
                config.protection(),
                LivePolicy.quality(config.target()),
                config.metadata());
    }

    private void moveToFront(String name) {
        Optional<Dialing.Plan> primary =
                plans.stream().filter(plan -> plan.name().equals(name)).findFirst();
        primary.ifPresent(plan -> {
            plans.remove(plan);
            plans.add(0, plan);
        });
    }

    Engine engine() {
        return engine;
    }

    TransportRegistry transports() {
        return transports;
    }

    FlowSettings settings() {
        return settings;
    }

    /** The paths to dial, in order. */
    List<Dialing.Plan> plans() {
        return plans;
    }

    @Override
    public DialerConfig config() {
        return config;
    }

    @Override
    public StreamConn dial() throws IOException {
        engine.loops().checkMayBlock("Dialer.dial", "dialAsync");
        Opening opening = new Opening(this);
        try {
            return Later.join(opening.start(), "dial");
        } catch (InterruptedIOException e) {
            opening.cancel();
            throw e;
        }
    }

    @Override
    public CompletableFuture<StreamConn> dialAsync() {
        Opening opening = new Opening(this);
        CompletableFuture<StreamConn> result = new CompletableFuture<>();
        opening.start()
                .whenComplete((conn, thrown) -> engine.workers().call(() -> {
                    if (thrown != null) {
                        result.completeExceptionally(thrown);
                    } else if (!result.complete(conn)) {
                        conn.close();
                    }
                }));
        result.whenComplete((conn, thrown) -> {
            if (result.isCancelled()) {
                opening.cancel();
            }
        });
        return result;
    }

    @Override
    public PacketConn dialPacket() {
        throw new UnsupportedOperationException("dialPacket" + NO_PACKETS);
    }

    @Override
    public CompletableFuture<PacketConn> dialPacketAsync() {
        throw new UnsupportedOperationException("dialPacketAsync" + NO_PACKETS);
    }

    @Override
    public String toString() {
        return "Dialer[" + config + "]";
    }
}
