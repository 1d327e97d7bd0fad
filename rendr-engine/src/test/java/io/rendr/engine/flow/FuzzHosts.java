// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.PathSpec;
import io.rendr.Protection;
import io.rendr.RendrException;
import io.rendr.Target;
import io.rendr.engine.fuzz.Fuzzing;
import io.rendr.engine.keys.Handshakes;
import io.rendr.engine.memory.ChunkPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * Two hosts whose keys are the same every time, so that a recording of one run is right in the next, and whose pool is the
 * same for all of them, so that a run that keeps memory is found out.
 */
final class FuzzHosts implements AutoCloseable {
    static final FlowSettings SETTINGS = settings(Protection.NONE);
    private static final RandomGeneratorFactory<RandomGenerator> RANDOMS =
            RandomGeneratorFactory.of("L64X128MixRandom");
    private static final ChunkPool POOL = new ChunkPool(32 << 20);
    private static final PathSpec PATH = PathSpec.of("tcp://127.0.0.1:1?name=a");

    final TwoHosts world;
    private final TwoHosts.Wire wire;
    private @Nullable Dialing dialing;

    FuzzHosts(boolean key) {
        world = new TwoHosts(
                SETTINGS, POOL, RANDOMS.create(1), Fuzzing.CHEAP, key ? List.of(Handshakes.psk()) : List.of());
        wire = world.new Wire();
    }

    private static FlowSettings settings(Protection protection) {
        FlowSettings d = FlowSettings.defaults();
        return new FlowSettings(
                d.migrationBudget(),
                d.linger(),
                d.probeInterval(),
                d.zombieMaxMigrations(),
                d.zombieCooldown(),
                d.redialFirst(),
                d.redialLast(),
                protection,
                0,
                0,
                Map.of());
    }

    /** Lets the acceptor wait for a handshake. */
    FuzzHosts accept() {
        new Acceptance(world.acceptances, wire.acceptor, world.now);
        return this;
    }

    /** Lets the dialer begin one. */
    FuzzHosts dial() {
        world.dialer.refuseConnects = true;
        dialing = Dialing.create(
                world.dialing,
                SETTINGS,
                Target.selector("main", new Target.Path("a", PATH)),
                null,
                new Dialing.Host() {
                    @Override
                    public void connect(int pathIndex, PathSpec spec) {
                        world.in(0, () -> Objects.requireNonNull(dialing).connected(pathIndex, wire.dialer, world.now));
                    }

                    @Override
                    public void cancelConnect(int pathIndex) {}

                    @Override
                    public void wakeAt(long nanos) {}

                    @Override
                    public FlowHost flowHost() {
                        return world.dialer;
                    }

                    @Override
                    public void established(Flow flow) {
                        world.dialer.flow = flow;
                    }

                    @Override
                    public void failed(RendrException why) {
                        dialing = null;
                    }
                },
                world.now + 10_000 * TwoHosts.MS);
        Objects.requireNonNull(dialing).start(world.now);
        world.run(0);
        return this;
    }

    /** Draws what a dialer draws for its HELLO from the source that both ends share. */
    static void drawAsDialer(RandomGenerator random) {
        random.nextLong();
        random.nextLong();
        random.nextBytes(new byte[32]);
    }

    TwoHosts.End dialer() {
        return wire.dialer;
    }

    TwoHosts.End acceptor() {
        return wire.acceptor;
    }

    /** Hands bytes to an end as if they had arrived, in pieces, with a little time between them. */
    void arrive(TwoHosts.End end, byte[] bytes, int piece) {
        for (int at = 0; at < bytes.length && end.open; at += piece) {
            ByteBuf part = Unpooled.wrappedBuffer(bytes, at, Math.min(piece, bytes.length - at));
            CarrierEvents listener = end.listener;
            if (listener == null) {
                return;
            }
            listener.received(part, world.now);
            if (end.open && end.listener != null) {
                end.listener.readComplete(world.now);
            }
            world.run(TwoHosts.MS);
        }
    }

    /** What one end says to the other, while both run undisturbed for a moment. */
    byte[] recordTo(TwoHosts.End end) {
        List<byte[]> heard = new ArrayList<>();
        end.tap = bytes -> {
            byte[] copy = new byte[bytes.readableBytes()];
            bytes.getBytes(bytes.readerIndex(), copy);
            heard.add(copy);
        };
        world.run(100 * TwoHosts.MS);
        end.tap = bytes -> {};
        return Fuzzing.joined(heard);
    }

    /** Ends everything; fails if memory of the pool stays in use. */
    @Override
    public void close() {
        if (dialing != null && world.dialer.flow == null) {
            dialing.cancel();
        }
        for (TwoHosts.Side side : List.of(world.dialer, world.acceptor)) {
            if (side.flow != null) {
                // What the protocol of a flow could not cope with ends in a RendrException that asks for a report.
                RendrException failure = side.failure;
                if (failure != null && String.valueOf(failure.getMessage()).contains("please report")) {
                    throw new AssertionError(failure);
                }
            }
        }
        world.close();
        if (POOL.used() != 0 || POOL.flows() != 0) {
            throw new AssertionError(POOL.flows() + " flows hold " + POOL.used() + " bytes after the end");
        }
    }
}
