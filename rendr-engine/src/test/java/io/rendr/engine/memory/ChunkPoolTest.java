// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ChunkPoolTest {
    @Test
    void aBudgetGuaranteesSoManyFlowsAndNoMore() {
        ChunkPool pool = new ChunkPool(1 << 20);
        assertThat(pool.maxFlows()).isEqualTo((1 << 20) / 2 / 4 / ChunkPool.SMALL);
        for (int i = 0; i < pool.maxFlows(); i++) {
            assertThat(pool.admit()).isTrue();
        }
        assertThat(pool.admit()).isFalse();
        pool.leave();
        assertThat(pool.admit()).isTrue();
    }

    @Test
    void theElasticPartRunsOutAtTheBudget() {
        ChunkPool.Half half = new ChunkPool(8 << 20).sending();
        int reserved = 0;
        while (half.reserveLarge()) {
            reserved++;
        }
        assertThat(reserved).isEqualTo((8 << 20) / 2 / 4 * 3 / ChunkPool.LARGE);
        half.unreserveLarge();
        assertThat(half.reserveLarge()).isTrue();
    }

    @Test
    void memoryIsUsedAgain() {
        ChunkPool.Half half = new ChunkPool(8 << 20).sending();
        half.reserveLarge();
        Chunk chunk = half.takeLarge();
        assertThat(half.used()).isEqualTo(ChunkPool.LARGE);
        half.give(chunk);
        assertThat(half.used()).isZero();
        assertThat(half.takeLarge()).isSameAs(chunk);
    }

    @Test
    void aBudgetTooSmallIsRefusedWithTheLeastThatWorks() {
        assertThatThrownBy(() -> new ChunkPool(1000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 MiB");
    }
}
