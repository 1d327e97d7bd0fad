// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static io.rendr.engine.flow.TwoHosts.MS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.FlowAbortedException;
import io.rendr.LastPathException;
import io.rendr.MigrationBudgetExceededException;
import io.rendr.MigrationCause;
import io.rendr.PathSpec;
import io.rendr.Protection;
import io.rendr.ResendCause;
import io.rendr.engine.wire.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlowTest {
    private static final FlowSettings SETTINGS = FlowSettings.defaults();
    private static final String A = "tcp://127.0.0.1:1?name=a";
    private static final String B = "tcp://127.0.0.1:2?name=b";

    /** Writes a known pattern at one side and checks it at the other, a step at a time. */
    private static final class Transfer {
        private final TwoHosts world;
        private final TwoHosts.Side from;
        private final TwoHosts.Side to;
        private final long size;
        private long written;
        private long read;
        private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);

        Transfer(TwoHosts world, TwoHosts.Side from, TwoHosts.Side to, long size) {
            this.world = world;
            this.from = from;
            this.to = to;
            this.size = size;
            step();
        }

        private void step() {
            if (from.ended || to.ended) {
                return;
            }
            boolean moved = true;
            while (moved) {
                moved = write() | read();
            }
            if (read < size) {
                world.in(MS, this::step);
            }
        }

        private boolean write() {
            if (!from.flow().sendBuffer().hasRoom()) {
                return false;
            }
            buffer.clear();
            long left = Math.min(buffer.capacity(), size - written);
            for (int i = 0; i < left; i++) {
                buffer.put(pattern(written + i));
            }
            buffer.flip();
            int taken = from.flow().sendBuffer().append(buffer);
            written += taken;
            if (taken > 0) {
                from.flow().written(world.now);
            }
            return taken > 0;
        }

        private boolean read() {
            buffer.clear();
            int taken = to.flow().receiveBuffer().read(buffer);
            for (int i = 0; i < taken; i++) {
                assertThat(buffer.get(i)).isEqualTo(pattern(read + i));
            }
            read += taken;
            if (taken > 0) {
                to.flow().consumed(world.now);
            }
            return taken > 0;
        }

        private static byte pattern(long offset) {
            return (byte) (offset * 31 + (offset >>> 13));
        }

        boolean isDone() {
            return read == size;
        }
    }

    private final List<TwoHosts> worlds = new ArrayList<>();

    private TwoHosts world(FlowSettings settings) {
        TwoHosts world = new TwoHosts(settings);
        worlds.add(world);
        world.dial(settings, A, B);
        return world;
    }

    private TwoHosts twoPaths() {
        return world(SETTINGS);
    }

    @AfterEach
    void close() {
        worlds.forEach(TwoHosts::close);
        worlds.forEach(world -> assertThat(world.pool.used()).isZero());
    }

    @ParameterizedTest
    @EnumSource(Protection.class)
    void bytesArriveBothWaysAndNothingIsSentTwice(Protection protection) {
        FlowSettings settings = SETTINGS.withProtection(protection);
        TwoHosts world = world(settings);
        assertThat(world.dialer.accepted).isTrue();
        world.grown = 0;
        Transfer there = new Transfer(world, world.dialer, world.acceptor, 4 << 20);
        Transfer back = new Transfer(world, world.acceptor, world.dialer, 3 << 20);
        world.run(20_000 * MS);
        assertThat(there.isDone()).isTrue();
        assertThat(back.isDone()).isTrue();
        assertThat(world.dialer.flow().counters().totalResent()).isZero();
        assertThat(world.acceptor.flow().counters().duplicates()).isZero();
        assertThat(world.dialer.flow().counters().totalMigrations()).isZero();
        assertThat(world.acceptor.flow().counters().bytesReceived()).isEqualTo(4 << 20);
        // A batch that outgrows its buffer is copied.
        assertThat(world.grown).isZero();
    }

    @Test
    void aCarrierThatGathersHoldsTheMemoryOfWhatItHasNotLetGo() {
        TwoHosts world = world(SETTINGS.withProtection(Protection.NONE));
        world.gathering = true;
        Transfer there = new Transfer(world, world.dialer, world.acceptor, 20 << 20);
        world.run(100 * MS);
        assertThat(there.isDone()).isFalse();
        world.dialer.flow().abort(0, world.now);
        // The flow has closed its buffer; what is on its way holds its chunks.
        assertThat(world.pool.sending().used()).isPositive();
        world.run(1_000 * MS);
        assertThat(world.pool.sending().used()).isZero();
        assertThat(world.pool.sending().reserved()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResetOfTheActiveCarrierLosesNothing(boolean gathering) {
        TwoHosts world = world(SETTINGS.withProtection(Protection.NONE));
        world.gathering = gathering;
        Transfer there = new Transfer(world, world.dialer, world.acceptor, 5 << 20);
        Transfer back = new Transfer(world, world.acceptor, world.dialer, 5 << 20);
        world.run(40 * MS);
        assertThat(there.isDone()).isFalse();
        world.dialer.wires.get(0).reset();
        world.run(60_000 * MS);
        assertThat(there.isDone()).isTrue();
        assertThat(back.isDone()).isTrue();
        assertThat(world.dialer.flow().counters().migrations(MigrationCause.DEATH))
                .isGreaterThanOrEqualTo(1);
        assertThat(world.dialer.flow().counters().resent(ResendCause.DEATH)).isPositive();
    }

    @Test
    void aSilentPathIsLeftWithinASecondAndLosesNothing() {
        TwoHosts world = twoPaths();
        Transfer there = new Transfer(world, world.dialer, world.acceptor, 5 << 20);
        Transfer back = new Transfer(world, world.acceptor, world.dialer, 5 << 20);
        world.run(40 * MS);
        world.dialer.wires.get(0).silence();
        world.run(1_000 * MS);
        assertThat(world.dialer.told).contains("migrated 0>1 DEATH");
        world.run(60_000 * MS);
        assertThat(there.isDone()).isTrue();
        assertThat(back.isDone()).isTrue();
        assertThat(world.dialer.flow().counters().longestGap).isLessThan(1_000 * MS);
    }

    @Test
    void withoutAnyPathTheFlowWaitsAndGoesOn() {
        TwoHosts world = twoPaths();
        Transfer there = new Transfer(world, world.dialer, world.acceptor, 5 << 20);
        world.run(40 * MS);
        world.dialer.refuseConnects = true;
        world.dialer.wires.values().forEach(TwoHosts.Wire::reset);
        world.run(60_000 * MS);
        assertThat(world.dialer.flow().isHeld()).isTrue();
        assertThat(there.isDone()).isFalse();
        world.dialer.refuseConnects = false;
        world.run(30_000 * MS);
        assertThat(there.isDone()).isTrue();
        assertThat(world.dialer.ended).isFalse();
    }

    @Test
    void theBudgetEndsBothEnds() {
        TwoHosts world = twoPaths();
        new Transfer(world, world.dialer, world.acceptor, 5 << 20);
        world.run(40 * MS);
        world.dialer.refuseConnects = true;
        world.dialer.wires.values().forEach(TwoHosts.Wire::reset);
        world.run(91_000 * MS);
        assertThat(world.dialer.failure).isInstanceOf(MigrationBudgetExceededException.class);
        assertThat(world.acceptor.ended).isFalse();
        world.run(5_000 * MS);
        assertThat(world.acceptor.failure).isInstanceOf(MigrationBudgetExceededException.class);
        world.dialer.flow().detachApplication();
        world.acceptor.flow().detachApplication();
        world.run(5_000 * MS);
        assertThat(world.dialer.released && world.acceptor.released).isTrue();
        assertThat(world.pool.used()).isZero();
        assertThat(world.pool.flows()).isZero();
    }

    @Test
    void anExplicitMigrationMovesBothEndsAndRepeatsNothing() {
        TwoHosts world = twoPaths();
        Transfer there = new Transfer(world, world.dialer, world.acceptor, 5 << 20);
        Transfer back = new Transfer(world, world.acceptor, world.dialer, 5 << 20);
        world.run(40 * MS);
        int[] moved = {-1};
        world.dialer
                .flow()
                .admin()
                .migrate(
                        1,
                        new Outcome() {
                            @Override
                            public void done(int pathId) {
                                moved[0] = pathId;
                            }

                            @Override
                            public void failed(IOException cause) {
                                throw new AssertionError(cause);
                            }
                        },
                        world.now);
        world.run(100 * MS);
        assertThat(moved[0]).isEqualTo(1);
        assertThat(world.dialer.flow().activePath()).isEqualTo(1);
        assertThat(world.acceptor.flow().activePath()).isEqualTo(1);
        world.run(60_000 * MS);
        assertThat(there.isDone()).isTrue();
        assertThat(back.isDone()).isTrue();
        assertThat(world.dialer.flow().counters().totalResent()).isZero();
        assertThat(world.acceptor.flow().counters().totalResent()).isZero();
    }

    @Test
    void closeDeliversTheTailAndReleasesEverything() {
        TwoHosts world = twoPaths();
        Transfer there = new Transfer(world, world.dialer, world.acceptor, 1 << 20);
        world.run(5_000 * MS);
        assertThat(there.isDone()).isTrue();
        world.dialer.flow().close(world.now);
        world.run(500 * MS);
        assertThat(world.acceptor.flow().isAtEnd()).isTrue();
        assertThat(world.dialer.ended).isFalse();
        world.acceptor.flow().sawEnd(world.now);
        world.run(3_000 * MS);
        assertThat(world.dialer.ended).isTrue();
        assertThat(world.dialer.failure).isNull();
        assertThat(world.acceptor.failure).isNull();
        assertThat(world.dialer.released && world.acceptor.released).isTrue();
        // That the first to go takes its carriers along is no loss of the other.
        assertThat(world.dialer.flow().counters().carriersLost).isZero();
        assertThat(world.acceptor.flow().counters().carriersLost).isZero();
        world.dialer.flow().detachApplication();
        world.acceptor.flow().detachApplication();
        assertThat(world.pool.used()).isZero();
        assertThat(world.pool.flows()).isZero();
    }

    @Test
    void anIdleFlowHoldsNoMemoryAndHardlySpeaks() {
        TwoHosts world = twoPaths();
        Transfer there = new Transfer(world, world.dialer, world.acceptor, 5 << 20);
        world.run(20_000 * MS);
        assertThat(there.isDone()).isTrue();
        assertThat(world.pool.used()).isZero();
        assertThat(world.pool.receiving().reserved()).isZero();
        int events = world.run(600_000 * MS);
        assertThat(events / 600.0).isLessThan(2);
        assertThat(world.dialer.flow().counters().totalMigrations()).isZero();
    }

    @Test
    void aFullCarrierThatFallsSilentIsFoundDead() {
        TwoHosts world = twoPaths();
        Transfer there = new Transfer(world, world.dialer, world.acceptor, 8 << 20);
        world.run(40 * MS);
        world.dialer.refuseConnects = true;
        world.dialer.wires.get(0).silence();
        // No room either: not even a probe can be written.
        world.dialer.wires.get(0).dialer.window = 0;
        world.run(7_000 * MS);
        assertThat(world.dialer.told).contains("path 0 DOWN");
        world.run(60_000 * MS);
        assertThat(there.isDone()).isTrue();
    }

    @Test
    void whatAPathThatWasLeftStillHoldsIsRepairedWhenItFallsSilent() {
        TwoHosts world = twoPaths();
        Transfer there = new Transfer(world, world.dialer, world.acceptor, 5 << 20);
        Transfer back = new Transfer(world, world.acceptor, world.dialer, 5 << 20);
        world.run(40 * MS);
        world.dialer.flow().admin().migrate(1, world.silentOutcome(), world.now);
        world.run(12 * MS);
        world.dialer.wires.get(0).silence();
        world.run(2_000 * MS);
        assertThat(world.dialer.flow().counters().longestGap).isLessThan(1_500 * MS);
        world.run(60_000 * MS);
        assertThat(there.isDone()).isTrue();
        assertThat(back.isDone()).isTrue();
    }

    @Test
    void aPathNameThatThePeerCannotBeToldIsRefusedAndHarmsNothing() {
        TwoHosts world = twoPaths();
        List<IOException> failures = new ArrayList<>();
        PathSpec spec = PathSpec.of("tcp://127.0.0.1:9");
        world.dialer.flow().admin().addPath(spec, "x".repeat(65), world.failingOutcome(failures), world.now);
        assertThat(failures).singleElement().satisfies(e -> assertThat(e).hasMessageContaining("?name="));
        Transfer there = new Transfer(world, world.dialer, world.acceptor, 1 << 20);
        world.run(5_000 * MS);
        assertThat(there.isDone()).isTrue();
    }

    @Test
    void anAddedPathCarriesAndARemovedOneDrains() {
        TwoHosts world = twoPaths();
        Transfer there = new Transfer(world, world.dialer, world.acceptor, 5 << 20);
        PathSpec spec = PathSpec.of("tcp://127.0.0.1:9?name=c");
        world.dialer.flow().admin().addPath(spec, "c", world.silentOutcome(), world.now);
        world.run(60 * MS);
        world.dialer.flow().admin().migrate(2, world.silentOutcome(), world.now);
        world.run(60 * MS);
        assertThat(world.dialer.flow().activePath()).isEqualTo(2);
        world.dialer.flow().admin().removePath(0, world.silentOutcome(), world.now);
        world.dialer.flow().admin().removePath(2, world.silentOutcome(), world.now);
        assertThat(world.dialer.flow().activePath()).isEqualTo(1);
        world.run(60_000 * MS);
        assertThat(there.isDone()).isTrue();
        assertThat(world.dialer.flow().pathList()).hasSize(1);
        assertThat(world.acceptor.flow().pathList()).hasSize(1);
        assertThat(world.dialer.flow().counters().resent(ResendCause.DEATH)).isZero();
        assertThat(world.dialer.flow().counters().migrations(MigrationCause.DEATH))
                .isZero();
    }

    @Test
    void theLastPathIsNotRemoved() {
        TwoHosts world = twoPaths();
        List<IOException> failures = new ArrayList<>();
        world.dialer.flow().admin().removePath(0, world.silentOutcome(), world.now);
        world.dialer.flow().admin().removePath(1, world.failingOutcome(failures), world.now);
        assertThat(failures).singleElement().isInstanceOf(LastPathException.class);
    }

    @Test
    void twoEndsThatCloseAtOnceWithUnreadBytesEndAtOnce() {
        TwoHosts world = twoPaths();
        world.dialer.flow().sendBuffer().append(ByteBuffer.allocate(100_000));
        world.dialer.flow().written(world.now);
        world.acceptor.flow().sendBuffer().append(ByteBuffer.allocate(100_000));
        world.acceptor.flow().written(world.now);
        world.run(100 * MS);
        world.dialer.flow().close(world.now);
        world.acceptor.flow().close(world.now);
        world.run(1_000 * MS);
        assertThat(world.dialer.ended && world.acceptor.ended).isTrue();
        assertThat(world.dialer.failure).isNull();
        assertThat(world.acceptor.failure).isNull();
    }

    @Test
    void anAbortReachesThePeerWithItsCode() {
        TwoHosts world = twoPaths();
        world.dialer.flow().abort(42, world.now);
        world.run(100 * MS);
        assertThat(world.acceptor.failure)
                .isInstanceOfSatisfying(
                        FlowAbortedException.class, e -> assertThat(e.code()).isEqualTo(42));
        assertThat(world.acceptor.flow().counters().protocolErrors()).isZero();
        assertThat(world.dialer.released).isTrue();
    }

    @Test
    void threeProtocolErrorsWithinAMinuteAreTooMany() {
        Poison poison = new Poison();
        assertThat(poison.strike(0)).isFalse();
        assertThat(poison.strike(50_000 * MS)).isFalse();
        assertThat(poison.strike(70_000 * MS)).isFalse();
        assertThat(poison.strike(100_000 * MS)).isTrue();
    }

    @Test
    void aPongThatDoesNotCoverItsPingIsAnError() {
        FlowPath path = new FlowPath(0, "a", false, PathSpec.of(A), new Slots(), 90_000 * TwoHosts.MS, 0);
        LinkHealth health = new LinkHealth(path, 0);
        long id = health.probeSent(0, 100, MS);
        assertThatThrownBy(() -> health.answered(id, 0, 0, 99, 2 * MS)).isInstanceOf(WireException.class);
        health.answered(id, 0, 0, 100, 2 * MS);
        assertThat(path.rtt().srtt()).isEqualTo(MS);
    }
}
