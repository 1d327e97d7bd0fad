// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SeriesTest {
    @Test
    void tellsLeastMedianAndMost() {
        Series series = of(5, 1, 4, 2);
        assertThat(series.min()).isEqualTo(1);
        assertThat(series.median()).isEqualTo(3);
        assertThat(series.max()).isEqualTo(5);
        assertThat(series.text("%.0f")).isEqualTo("1/3/5");
    }

    @Test
    void holdsMoreThanItsFirstRoom() {
        Series series = new Series();
        for (int i = 0; i <= 1000; i++) {
            series.add(i);
        }
        assertThat(series.percentile(0.99)).isEqualTo(990);
    }

    @Test
    void pairsRoundByRound() {
        Series ratios = of(2, 9, 5).over(of(1, 3, 1));
        assertThat(ratios.text("%.0f")).isEqualTo("2/3/5");
        assertThatThrownBy(() -> of(1, 2).over(of(1))).isInstanceOf(IllegalArgumentException.class);
    }

    private static Series of(double... values) {
        Series series = new Series();
        for (double value : values) {
            series.add(value);
        }
        return series;
    }
}
