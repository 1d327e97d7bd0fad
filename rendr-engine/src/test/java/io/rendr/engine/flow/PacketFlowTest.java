// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static io.rendr.engine.flow.TwoHosts.MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.PacketCounters;
import io.rendr.Protection;
import io.rendr.engine.memory.ReceiveBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketFlowTest {
    private static final int LARGEST = 1_400;
    private static final long FOR_EVER = 60_000 * MS;
    private static final String A = "tcp://127.0.0.1:1?name=a";
    private static final String B = "tcp://127.0.0.1:2?name=b";

    /** Sends numbered packets at one side, and checks at the other that each one is whole and comes once. */
    private static final class Packets {
        private final TwoHosts world;
        private final TwoHosts.Side from;
        private final TwoHosts.Side to;
        private final int count;
        private final Random sizes;
        private final BitSet arrived = new BitSet();
        private final List<Integer> order = new ArrayList<>();
        private final ByteBuffer buffer = ByteBuffer.allocate(LARGEST);
        private ByteBuffer next;
        private int sent;
        private boolean reads = true;

        Packets(TwoHosts world, TwoHosts.Side from, TwoHosts.Side to, int count, long seed) {
            this.world = world;
            this.from = from;
            this.to = to;
            this.count = count;
            this.sizes = new Random(seed);
            this.next = packet(0);
            step();
        }

        private ByteBuffer packet(int number) {
            ByteBuffer packet = ByteBuffer.allocate(4 + sizes.nextInt(LARGEST - 3));
            packet.putInt(number);
            for (int i = 4; i < packet.capacity(); i++) {
                packet.put(at(number, i));
            }
            return packet.flip();
        }

        private static byte at(int number, int index) {
            return (byte) (number * 31 + index);
        }

        private void step() {
            if (from.ended || to.ended) {
                return;
            }
            int before = sent;
            for (int i = 0; i < 5 && sent < count && from.flow().sendBuffer().appendPacket(next); i++) {
                sent++;
                next = packet(sent);
            }
            if (sent > before) {
                from.flow().written(world.now);
            }
            if (reads) {
                read();
            }
            world.in(sent < count && reads ? MS : 25 * MS, this::step);
        }

        private void read() {
            ReceiveBuffer received = to.flow().receiveBuffer();
            int size = received.readPacket(buffer.clear());
            while (size != ReceiveBuffer.NONE) {
                buffer.flip();
                int number = buffer.getInt();
                boolean whole = true;
                for (int i = 4; i < size; i++) {
                    whole &= buffer.get(i) == at(number, i);
                }
                assertThat(whole).as("packet %s is whole", number).isTrue();
                assertThat(arrived.get(number))
                        .as("packet %s comes twice", number)
                        .isFalse();
                arrived.set(number);
                order.add(number);
                size = received.readPacket(buffer.clear());
            }
            to.flow().consumed(world.now);
        }
    }

    private final List<TwoHosts> worlds = new ArrayList<>();

    private TwoHosts world(long repairTtl) {
        FlowSettings settings =
                FlowSettings.defaults().withProtection(Protection.NONE).forPackets(repairTtl, LARGEST);
        TwoHosts world = new TwoHosts(settings);
        worlds.add(world);
        world.dial(settings, A, B);
        return world;
    }

    @AfterEach
    void close() {
        worlds.forEach(TwoHosts::close);
        worlds.forEach(world -> assertThat(world.pool.used()).isZero());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 3",
        "60000, 1",
        "60000, 2",
        "60000, 3",
        "60000, 4",
        "0, 1",
        "0, 2",
        "0, 3",
        "0, 4",
        "150, 1",
        "150, 2"
    })
    void throughFaultsPacketsArriveWholeAndAtMostOnce(long ttlMillis, long seed) {
        TwoHosts world = world(ttlMillis * MS);
        Packets there = new Packets(world, world.dialer, world.acceptor, 6_000, seed);
        Packets back = new Packets(world, world.acceptor, world.dialer, 6_000, seed + 100);
        Random faults = new Random(seed);
        int befallen = 0;
        for (int i = 0; i < 25; i++) {
            world.run((20 + faults.nextInt(100)) * MS);
            TwoHosts.Wire wire = world.dialer.wires.get(faults.nextInt(2));
            if (wire != null && wire.dialer.open) {
                befallen++;
                switch (faults.nextInt(4)) {
                    case 0 -> wire.silence();
                    case 1 -> wire.silentToAcceptor = true;
                    default -> wire.reset();
                }
            }
        }
        world.run(20_000 * MS);
        assertThat(befallen).isGreaterThan(10);
        assertThat(world.dialer.flow().counters().carriersLost).isGreaterThan(5);
        check(there, world.dialer, world.acceptor, ttlMillis * MS);
        check(back, world.acceptor, world.dialer, ttlMillis * MS);
        world.dialer.flow().shutdownOutput(world.now);
        world.acceptor.flow().shutdownOutput(world.now);
        world.run(1_000 * MS);
        assertThat(world.dialer.flow().isAtEnd()).isTrue();
        assertThat(world.acceptor.flow().isAtEnd()).isTrue();
        world.dialer.flow().sawEnd(world.now);
        world.acceptor.flow().sawEnd(world.now);
        world.run(5_000 * MS);
        assertThat(world.dialer.failure).isNull();
        assertThat(world.dialer.ended && world.acceptor.ended).isTrue();
    }

    private static void check(Packets packets, TwoHosts.Side from, TwoHosts.Side to, long ttl) {
        PacketCounters out = from.flow().counters().packets();
        PacketCounters in = to.flow().counters().packets();
        int arrived = packets.arrived.cardinality();
        assertThat(out.sent()).isEqualTo(packets.count);
        assertThat(in.delivered()).isEqualTo(arrived);
        assertThat(arrived + out.expired()).isGreaterThanOrEqualTo(packets.count);
        assertThat(arrived).isGreaterThan(packets.count / 2);
        if (ttl == FOR_EVER) {
            assertThat(arrived).isEqualTo(packets.count);
            assertThat(out.expired()).isZero();
        }
        if (ttl == 0) {
            assertThat(out.repaired()).isZero();
            assertThat(from.flow().counters().totalResent()).isZero();
        }
    }

    @Test
    void aPacketWaitsForNoOther() {
        TwoHosts world = world(FOR_EVER);
        Packets there = new Packets(world, world.dialer, world.acceptor, 6_000, 1);
        world.run(40 * MS);
        world.dialer.wires.get(0).slower = 30 * MS;
        world.run(40 * MS);
        world.dialer.flow().admin().migrate(1, world.silentOutcome(), world.now);
        world.run(30_000 * MS);
        assertThat(world.dialer.told).contains("migrated 0>1 EXPLICIT");
        assertThat(there.arrived.cardinality()).isEqualTo(there.count);
        assertThat(there.order.equals(there.order.stream().sorted().toList())).isFalse();
        assertThat(world.dialer.flow().counters().totalResent()).isZero();
    }

    @Test
    void whatWaitsLongerThanItsTimeIsNotSentAgainAndItsCreditComesBack() {
        TwoHosts world = world(500 * MS);
        Packets there = new Packets(world, world.dialer, world.acceptor, 12_000, 1);
        for (int i = 0; i < 4; i++) {
            world.run(200 * MS);
            world.dialer.refuseConnects = true;
            world.dialer.wires.values().forEach(TwoHosts.Wire::reset);
            world.run(2_000 * MS);
            assertThat(world.dialer.flow().isHeld()).isTrue();
            world.dialer.refuseConnects = false;
            world.run(300 * MS);
        }
        world.run(20_000 * MS);
        PacketCounters out = world.dialer.flow().counters().packets();
        assertThat(out.sent()).isEqualTo(12_000);
        assertThat(out.expired()).isPositive();
        assertThat(there.arrived.cardinality() + out.expired()).isGreaterThanOrEqualTo(12_000);
        assertThat(there.arrived.get(11_999)).isTrue();
        assertThat(world.dialer.flow().progress().queued()).isZero();
    }

    @Test
    void aReaderThatNeverReadsHoldsItsSenderBack() {
        TwoHosts world = world(FOR_EVER);
        Packets there = new Packets(world, world.dialer, world.acceptor, 12_000, 1);
        there.reads = false;
        world.run(10_000 * MS);
        int parked = there.sent;
        world.run(10_000 * MS);
        assertThat(there.sent).isEqualTo(parked).isLessThan(12_000);
        assertThat(world.dialer.flow().counters().totalMigrations()).isZero();
        assertThat(world.acceptor.flow().receiveBuffer().readable()).isLessThanOrEqualTo(1 << 20);
        there.reads = true;
        world.run(20_000 * MS);
        assertThat(there.arrived.cardinality()).isEqualTo(12_000);
        assertThat(world.dialer.flow().counters().totalResent()).isZero();
    }
}
