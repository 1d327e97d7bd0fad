// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RttEstimatorTest {
    private static final long MS = 1_000_000;
    private final RttEstimator rtt = new RttEstimator();

    @Test
    void beforeAnySampleRtoIsOneSecond() {
        assertThat(rtt.known()).isFalse();
        assertThat(rtt.rto()).isEqualTo(1000 * MS);
    }

    @Test
    void theFirstSampleSetsMeanAndHalfOfItAsDeviation() {
        rtt.sample(100 * MS);
        assertThat(rtt.srtt()).isEqualTo(100 * MS);
        assertThat(rtt.rttvar()).isEqualTo(50 * MS);
        assertThat(rtt.rto()).isEqualTo((100 + 200 + 25) * MS);
    }

    @Test
    void laterSamplesMoveBothByTheGainsOfTheRfc() {
        rtt.sample(100 * MS);
        rtt.sample(140 * MS);
        assertThat(rtt.rttvar()).isEqualTo((3 * 50 + 40) * MS / 4);
        assertThat(rtt.srtt()).isEqualTo((7 * 100 + 140) * MS / 8);
    }

    @Test
    void theFirstSampleReplacesWhatAHandshakeTook() {
        rtt.seed(400 * MS);
        assertThat(rtt.srtt()).isEqualTo(400 * MS);
        rtt.sample(10 * MS);
        assertThat(rtt.srtt()).isEqualTo(10 * MS);
        assertThat(rtt.min()).isEqualTo(10 * MS);
        rtt.seed(400 * MS);
        assertThat(rtt.srtt()).isEqualTo(10 * MS);
    }

    @Test
    void aSteadyPathKeepsTheVarianceFloor() {
        for (int i = 0; i < 200; i++) {
            rtt.sample(20 * MS);
        }
        assertThat(rtt.rto()).isEqualTo((20 + 10 + 25) * MS);
        assertThat(rtt.min()).isEqualTo(20 * MS);
    }
}
