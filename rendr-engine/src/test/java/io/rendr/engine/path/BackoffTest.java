// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(250, 4_000, new Random(1));

    @Test
    void stepsDoubleUpToTheLastAndAreDrawnFromTheirUpperHalf() {
        for (long step : new long[] {250, 500, 1_000, 2_000, 4_000, 4_000, 4_000}) {
            assertThat(backoff.next()).isBetween(step / 2, step);
        }
        assertThat(backoff.failures()).isEqualTo(7);
    }

    @Test
    void successStartsAnew() {
        for (int i = 0; i < 100; i++) {
            backoff.next();
        }
        backoff.reset();
        assertThat(backoff.next()).isBetween(125L, 250L);
    }
}
