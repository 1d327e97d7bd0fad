// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QualityTest {
    private static final long MS = 1_000_000;
    private static final long S = 1000 * MS;
    private final Quality quality = new Quality();

    @Test
    void anUnmeasuredPathNeverLooksBetter() {
        assertThat(quality.known()).isFalse();
        assertThat(quality.score()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theScoreIsRttAndJitterAndTenMillisecondsPerPercentOfLoss() {
        quality.answered(20 * MS, S);
        quality.answered(24 * MS, 2 * S);
        quality.missed();
        quality.missed();
        assertThat(quality.rtt()).isEqualTo(20 * MS);
        assertThat(quality.jitter()).isEqualTo(1 * MS);
        assertThat(quality.lossPercent()).isEqualTo(50.0);
        assertThat(quality.score()).isEqualTo((20 + 1 + 500) * MS);
    }

    @Test
    void onlyTheLastSixtyFourProbesCount() {
        for (int i = 0; i < 10; i++) {
            quality.missed();
        }
        for (int i = 0; i < 64; i++) {
            quality.answered(MS, i * S);
        }
        assertThat(quality.lossPercent()).isZero();
    }

    @Test
    void theSmallestSampleIsForgottenAfterTenSeconds() {
        quality.answered(5 * MS, 0);
        for (int second = 1; second < 30; second++) {
            quality.answered(50 * MS, second * S);
        }
        assertThat(quality.rtt()).isEqualTo(50 * MS);
    }
}
