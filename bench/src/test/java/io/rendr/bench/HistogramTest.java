// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void tellsPercentilesToWithinAStep() {
        Histogram histogram = new Histogram();
        for (long value = 0; value < 1_000_000; value++) {
            histogram.add(value);
        }
        for (double p : new double[] {0.0001, 0.01, 0.5, 0.95, 0.99, 1}) {
            assertThat((double) histogram.percentile(p)).isCloseTo(p * 1_000_000, Percentage.withPercentage(1.6));
        }
    }

    @Test
    void takesAnyValue() {
        Histogram histogram = new Histogram();
        assertThat(histogram.percentile(0.5)).isZero();
        histogram.add(Long.MAX_VALUE);
        assertThat(histogram.percentile(1)).isGreaterThan(Long.MAX_VALUE / 64 * 63);
        histogram.add(-1);
        assertThat(histogram.percentile(0)).isZero();
    }
}
