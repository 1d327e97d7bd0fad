// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SendBufferTest {
    private static final long MIB = 1 << 20;

    private final ChunkPool pool = new ChunkPool(8 * MIB);
    private final SendBuffer buffer = new SendBuffer(pool.sending(), MIB);

    private static byte at(long offset) {
        return (byte) (offset * 7 + (offset >>> 11));
    }

    private static ByteBuffer bytes(long from, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        for (int i = 0; i < length; i++) {
            bytes.put(at(from + i));
        }
        return bytes.flip();
    }

    private void checkCopy(long from, int length) {
        ByteBuf out = Unpooled.buffer(length);
        buffer.copy(from, length, out);
        for (int i = 0; i < length; i++) {
            assertThat(out.getByte(i)).isEqualTo(at(from + i));
        }
    }

    @Test
    void takesNoMoreThanItsCapacity() {
        assertThat(buffer.append(bytes(0, (int) (2 * MIB)))).isEqualTo((int) MIB);
        assertThat(buffer.hasRoom()).isFalse();
        assertThat(buffer.append(bytes(MIB, 1))).isZero();
        buffer.release(100);
        assertThat(buffer.append(bytes(MIB, 1000))).isEqualTo(100);
    }

    @Test
    void onlyAFlowThatHasSentAllOfItAwaitsMore() {
        assertThat(buffer.isAwaited(0)).isTrue();
        buffer.append(bytes(0, 1000));
        assertThat(buffer.isAwaited(1000)).isFalse();
        buffer.reached(999);
        assertThat(buffer.isAwaited(1000)).isFalse();
        buffer.reached(1000);
        buffer.reached(500); // sent again
        assertThat(buffer.isAwaited(1000)).isTrue();
    }

    @Test
    void aQuarterIsAmpleRoom() {
        buffer.append(bytes(0, (int) MIB));
        buffer.release(MIB / 4 - 1);
        assertThat(buffer.hasRoom()).isTrue();
        assertThat(buffer.hasAmpleRoom()).isFalse();
        buffer.release(MIB / 4);
        assertThat(buffer.hasAmpleRoom()).isTrue();
    }

    @Test
    void copiesAnyPartInAnyOrder() {
        buffer.append(bytes(0, (int) MIB));
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            int length = 1 + random.nextInt(100_000);
            checkCopy(random.nextInt((int) MIB - length), length);
        }
    }

    @Test
    void lendsWhatLiesInOneChunk() {
        buffer.append(bytes(0, 200_000));
        long at = 1000;
        while (at < 200_000) {
            ByteBuf piece = buffer.lend(at, (int) (200_000 - at));
            assertThat(piece).isNotNull();
            assertThat((at + piece.readableBytes()) % ChunkPool.LARGE == 0 || at + piece.readableBytes() == 200_000)
                    .isTrue();
            assertThat(piece.isDirect()).isTrue();
            assertThat(piece.nioBuffer()).isEqualTo(bytes(at, piece.readableBytes()));
            at += piece.readableBytes();
            piece.release();
        }
        assertThat(buffer.lend(5, 7).nioBuffer()).isEqualTo(bytes(5, 7));
    }

    @Test
    void aChunkIsWholeUntilWhatWasLentOfItIsReleased() {
        buffer.append(bytes(0, ChunkPool.LARGE));
        ByteBuf first = buffer.lend(0, 10_000);
        ByteBuf again = buffer.lend(0, 20_000);
        buffer.release(ChunkPool.LARGE);
        buffer.trim();
        assertThat(pool.used()).isEqualTo(ChunkPool.LARGE);
        assertThat(pool.sending().reserved()).isEqualTo(ChunkPool.LARGE);
        buffer.append(bytes(ChunkPool.LARGE, (int) MIB));
        assertThat(first.nioBuffer()).isEqualTo(bytes(0, 10_000));
        first.release();
        assertThat(again.nioBuffer()).isEqualTo(bytes(0, 20_000));
        buffer.close();
        assertThat(pool.used()).isEqualTo(ChunkPool.LARGE);
        again.release();
        assertThat(pool.used()).isZero();
        assertThat(pool.sending().reserved()).isZero();
    }

    @Test
    void theGuaranteedChunkIsNotLent() {
        SendBuffer greedy = new SendBuffer(pool.sending(), 8 * MIB);
        greedy.append(bytes(0, (int) (8 * MIB)));
        buffer.append(bytes(0, 100));
        assertThat(buffer.lend(0, 100)).isNull();
    }

    @Test
    void aReleasedOffsetCannotBeCopied() {
        buffer.append(bytes(0, 300_000));
        buffer.release(200_000);
        assertThatThrownBy(() -> checkCopy(0, 10))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("released");
    }

    @Test
    void whatWasNotWrittenCannotBeCopied() {
        buffer.append(bytes(0, ChunkPool.LARGE));
        assertThatThrownBy(() -> checkCopy(ChunkPool.LARGE, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anEmptyBufferHoldsNoChunk() {
        buffer.append(bytes(0, 100_000));
        assertThat(pool.used()).isEqualTo(2L * ChunkPool.LARGE);
        buffer.release(100_000);
        buffer.trim();
        assertThat(pool.used()).isZero();
        assertThat(pool.sending().reserved()).isZero();
        buffer.append(bytes(100_000, 10));
        checkCopy(100_000, 10);
    }

    @Test
    void whenThePoolIsEmptyAFlowStillHasItsGuaranteedChunk() {
        SendBuffer greedy = new SendBuffer(pool.sending(), 8 * MIB);
        greedy.append(bytes(0, (int) (8 * MIB)));
        assertThat(pool.sending().free()).isLessThan(ChunkPool.LARGE);
        assertThat(buffer.append(bytes(0, 10_000))).isEqualTo(ChunkPool.SMALL);
        assertThat(buffer.append(bytes(ChunkPool.SMALL, 1))).isZero();
        buffer.release(ChunkPool.SMALL);
        assertThat(buffer.append(bytes(ChunkPool.SMALL, 10_000))).isEqualTo(ChunkPool.SMALL);
        checkCopy(ChunkPool.SMALL, ChunkPool.SMALL);
    }

    @Test
    void aClosedBufferGivesEverythingBackAndTakesNothing() {
        buffer.append(bytes(0, 200_000));
        buffer.close();
        assertThat(pool.used()).isZero();
        assertThat(pool.sending().reserved()).isZero();
        assertThat(buffer.append(bytes(0, 1))).isZero();
    }
}
