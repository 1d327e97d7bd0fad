// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The same figure of several rounds. */
final class Series {
    private double[] values = new double[16];
    private int size;

    void add(double value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] = value;
    }

    /** The value of the last round. */
    double last() {
        return values[size - 1];
    }

    /** Round by round, this over that. */
    Series over(Series base) {
        if (base.size != size) {
            throw new IllegalArgumentException(size + " rounds over " + base.size);
        }
        Series ratios = new Series();
        for (int i = 0; i < size; i++) {
            ratios.add(values[i] / base.values[i]);
        }
        return ratios;
    }

    /** The value below which the share {@code p} of all lies; of no value it is NaN. */
    double percentile(double p) {
        if (size == 0) {
            return Double.NaN;
        }
        double[] sorted = Arrays.copyOf(values, size);
        Arrays.sort(sorted);
        double at = p * (size - 1);
        int below = (int) at;
        int above = Math.min(size - 1, below + 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    double min() {
        return percentile(0);
    }

    double median() {
        return percentile(0.5);
    }

    double max() {
        return percentile(1);
    }

    int size() {
        return size;
    }

    /** For JSON. */
    Map<String, Double> figures() {
        Map<String, Double> map = new LinkedHashMap<>();
        map.put("min", rounded(min()));
        map.put("median", rounded(median()));
        map.put("max", rounded(max()));
        return map;
    }

    private static double rounded(double value) {
        return Double.isFinite(value) ? Double.parseDouble(String.format(Locale.ROOT, "%.4g", value)) : value;
    }

    /** {@code min/median/max}. */
    String text(String form) {
        return String.format(Locale.ROOT, form + "/" + form + "/" + form, min(), median(), max());
    }
}
