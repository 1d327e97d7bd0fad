// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine's core over schedules from fixed seeds; as many on every machine, however fast it is. */
class SeedsTest {
    private static final int SEEDS = 250;

    @BeforeAll
    static void countBuffersHere() {
        Quiet.leakDetector();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 10_001, 20_001, 30_001})
    void nothingIsViolated(long first) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        Batch batch = new Batch(first, SEEDS, Long.MAX_VALUE / 4, schedule -> true, lines::add);

        batch.run(2);

        assertThat(batch.kept())
                .as("replay with: simulator/run --seed S --log")
                .extracting(Verdict::violation)
                .isEmpty();
        assertThat(batch.seeds()).isEqualTo(SEEDS);
        assertThat(batch.medianFaults()).isGreaterThanOrEqualTo(5);
        assertThat(batch.medianMoves()).isGreaterThanOrEqualTo(3);
    }
}
