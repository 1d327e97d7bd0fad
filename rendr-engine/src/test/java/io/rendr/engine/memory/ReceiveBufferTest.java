// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiveBufferTest {
    private static final long MIB = 1 << 20;

    private final ChunkPool pool = new ChunkPool(8 * MIB);
    private final ReceiveBuffer buffer = new ReceiveBuffer(pool.receiving());

    private static byte at(long offset) {
        return (byte) (offset * 13 + (offset >>> 12));
    }

    private int write(long offset, int length) {
        ByteBuf bytes = Unpooled.buffer(length + 3);
        bytes.writeZero(3);
        for (int i = 0; i < length; i++) {
            bytes.writeByte(at(offset + i));
        }
        return buffer.write(offset, bytes, 3, length);
    }

    private void checkRead(int max) {
        long from = buffer.consumed();
        ByteBuffer target = ByteBuffer.allocate(max);
        int count = buffer.read(target);
        for (int i = 0; i < count; i++) {
            assertThat(target.get(i)).isEqualTo(at(from + i));
        }
    }

    @Test
    void whatIsReadBelowTheAwaitedOffsetNeedNotBeTold() {
        write(0, 1000);
        buffer.awaitConsumption(500);
        checkRead(499);
        assertThat(buffer.isConsumptionAwaited()).isFalse();
        checkRead(1);
        assertThat(buffer.isConsumptionAwaited()).isTrue();
        buffer.awaitConsumption(1000);
        assertThat(buffer.isConsumptionAwaited()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyOrderOfArrivalIsReadInOrder(long seed) {
        Random random = new Random(seed);
        long total = 3 * MIB;
        long fresh = 0;
        while (buffer.consumed() < total) {
            buffer.grant(200_000 + random.nextInt(200_000));
            long low = Math.max(0, buffer.available() - 20_000);
            long span = Math.min(buffer.limit(), total) - low;
            long offset = random.nextInt(3) == 0 ? buffer.available() : low + (long) (random.nextDouble() * span);
            int length = (int) Math.min(Math.min(buffer.limit(), total) - offset, 1 + random.nextInt(60_000));
            fresh += write(offset, length);
            checkRead(random.nextInt(80_000));
            assertThat(buffer.consumed()).isLessThanOrEqualTo(buffer.available());
        }
        assertThat(fresh).isEqualTo(total);
        assertThat(buffer.early().isEmpty()).isTrue();
    }

    @Test
    void aRepeatedByteIsNotNew() {
        buffer.grant(MIB);
        assertThat(write(0, 1000)).isEqualTo(1000);
        assertThat(write(500, 1000)).isEqualTo(500);
        assertThat(write(3000, 1000)).isEqualTo(1000);
        assertThat(write(0, 5000)).isEqualTo(2500);
        assertThat(buffer.available()).isEqualTo(5000);
    }

    @Test
    void nothingIsPutBeyondTheLimit() {
        assertThatThrownBy(() -> write(buffer.limit() - 1, 2)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aGrantReservesRoomAndTakesNoMemory() {
        buffer.grant(MIB);
        assertThat(buffer.limit()).isGreaterThanOrEqualTo(MIB);
        assertThat(pool.used()).isZero();
        assertThat(pool.receiving().reserved()).isGreaterThanOrEqualTo(MIB - ChunkPool.SMALL);
    }

    @Test
    void thePoolBoundsWhatIsGranted() {
        ReceiveBuffer greedy = new ReceiveBuffer(pool.receiving());
        greedy.grant(100 * MIB);
        assertThat(pool.receiving().free()).isLessThan(ChunkPool.LARGE);
        buffer.grant(MIB);
        assertThat(buffer.limit()).isEqualTo(ChunkPool.SMALL);
        write(0, ChunkPool.SMALL);
        checkRead(ChunkPool.SMALL);
        buffer.grant(MIB);
        assertThat(buffer.limit()).isEqualTo(2L * ChunkPool.SMALL);
    }

    @Test
    void withAnEmptyPoolTheWholeGuaranteedRoomIsThereAgainOnceItIsRead() {
        while (pool.receiving().reserveLarge()) {
            // until nothing is left
        }
        for (int i = 0; i < 20; i++) {
            long offset = buffer.available();
            assertThat(write(offset, 3_000)).isEqualTo(3_000);
            checkRead(2_999);
            buffer.grant(MIB);
            assertThat(buffer.limit()).isEqualTo(offset + ChunkPool.SMALL);
            checkRead(1);
            buffer.grant(MIB);
            assertThat(buffer.limit()).isEqualTo(offset + 3_000 + ChunkPool.SMALL);
            assertThat(pool.receiving().used()).isZero();
        }
    }

    @Test
    void anIdleBufferKeepsItsRoomButNoMemory() {
        buffer.grant(MIB);
        write(0, 10_000);
        checkRead(10_000);
        buffer.trim();
        assertThat(pool.used()).isZero();
        write(10_000, 10_000);
        checkRead(10_000);
        assertThat(buffer.consumed()).isEqualTo(20_000);
    }

    @Test
    void returnedRoomIsFreeAndWhatWasKeptStays() {
        buffer.grant(MIB);
        write(0, 100_000);
        checkRead(100_000);
        long limit = buffer.shrink(100_000 + ChunkPool.SMALL);
        assertThat(limit).isEqualTo(100_000 + ChunkPool.SMALL);
        assertThat(pool.receiving().reserved()).isZero();
        write(100_000, ChunkPool.SMALL);
        checkRead(ChunkPool.SMALL);
        buffer.grant(MIB);
        write(100_000 + ChunkPool.SMALL, 50_000);
        checkRead(50_000);
        assertThat(buffer.consumed()).isEqualTo(150_000 + ChunkPool.SMALL);
    }

    @Test
    void whatIsUnreadSurvivesAReturn() {
        buffer.grant(MIB);
        write(0, 100_000);
        long limit = buffer.shrink(100_000);
        assertThat(limit).isBetween(100_000L, 100_000L + ChunkPool.LARGE);
        checkRead(100_000);
        assertThat(buffer.consumed()).isEqualTo(100_000);
    }

    @Test
    void aClosedBufferGivesEverythingBack() {
        buffer.grant(MIB);
        write(0, 200_000);
        write(400_000, 100_000);
        checkRead(70_000);
        buffer.close();
        buffer.close();
        assertThat(pool.used()).isZero();
        assertThat(pool.receiving().reserved()).isZero();
        assertThat(buffer.read(ByteBuffer.allocate(10))).isZero();
    }

    @Test
    void lentBytesKeepTheirRoomUntilTheyAreReleased() {
        buffer.grant(3 * ChunkPool.LARGE);
        write(0, ChunkPool.SMALL + 2 * ChunkPool.LARGE);
        long reserved = pool.receiving().reserved();
        ByteBuf small = lent(Integer.MAX_VALUE, ChunkPool.SMALL); // as far as one chunk goes
        ByteBuf first = lent(1000, 1000);
        ByteBuf second = lent(Integer.MAX_VALUE, ChunkPool.LARGE - 1000);
        ByteBuf last = lent(100, 100);
        assertThat(buffer.consumed()).isEqualTo(ChunkPool.SMALL + ChunkPool.LARGE + 100);
        assertThat(pool.receiving().reserved()).isEqualTo(reserved);
        long used = pool.receiving().used();
        first.release();
        assertThat(pool.receiving().used()).isEqualTo(used);
        second.release();
        assertThat(pool.receiving().used()).isEqualTo(used - ChunkPool.LARGE);
        assertThat(pool.receiving().reserved()).isEqualTo(reserved - ChunkPool.LARGE);
        checkRead(Integer.MAX_VALUE >> 8); // reading and lending go together
        buffer.close();
        assertThat(pool.receiving().used()).isEqualTo(ChunkPool.SMALL + ChunkPool.LARGE);
        last.release();
        small.release();
        assertThat(pool.receiving().used()).isZero();
        assertThat(pool.receiving().reserved()).isZero();
    }

    private ByteBuf lent(int max, int expected) {
        long from = buffer.consumed();
        ByteBuf lent = buffer.lend(max);
        assertThat(lent).isNotNull();
        assertThat(lent.readableBytes()).isEqualTo(expected);
        for (int i = 0; i < expected; i++) {
            assertThat(lent.getByte(i)).isEqualTo(at(from + i));
        }
        return lent;
    }

    @Test
    void aChunkThatIsLentIsNotTrimmed() {
        buffer.grant(2 * ChunkPool.LARGE);
        write(0, ChunkPool.SMALL + 100);
        checkRead(ChunkPool.SMALL);
        ByteBuf kept = lent(100, 100);
        buffer.trim();
        write(ChunkPool.SMALL + 100, 200); // goes behind what is lent, in the same chunk
        for (int i = 0; i < 100; i++) {
            assertThat(kept.getByte(i)).isEqualTo(at(ChunkPool.SMALL + i));
        }
        checkRead(200);
        kept.release();
        buffer.trim();
        assertThat(pool.receiving().used()).isZero();
        assertThat(buffer.lend(1)).isNull();
        buffer.close();
        assertThat(pool.receiving().reserved()).isZero();
    }
}
