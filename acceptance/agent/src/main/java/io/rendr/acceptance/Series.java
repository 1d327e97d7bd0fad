// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Moments, and how many bytes had passed by then. One thread adds; others look when it is done. */
final class Series {
    private long[] values = new long[2 * 4096];
    private int size;

    void add(long nanos, long bytes) {
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] = nanos;
        values[size++] = bytes;
    }

    /** Lines of {@link System#nanoTime()} and bytes in all. */
    void write(Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < size; i += 2) {
                out.append(Long.toString(values[i]))
                        .append(',')
                        .append(Long.toString(values[i + 1]))
                        .append('\n');
            }
        }
    }
}
