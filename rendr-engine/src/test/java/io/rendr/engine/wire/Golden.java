// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;

/**
 * Texts under version control that are made from the code: the test compares, and {@code -Drendr.golden=write} writes
 * them anew after a change that is meant.
 */
public final class Golden {
    private static final boolean WRITE = "write".equals(System.getProperty("rendr.golden"));

    private Golden() {}

    /** Holds a file of the module, one line {@code name hex} for each vector. */
    public static void vectors(String file, Map<String, byte[]> vectors) throws IOException {
        StringBuilder text = new StringBuilder();
        vectors.forEach((name, bytes) -> text.append(name)
                .append(' ')
                .append(HexFormat.of().formatHex(bytes))
                .append('\n'));
        file(Path.of("src/test/resources/golden", file), text.toString());
    }

    private static void file(Path path, String expected) throws IOException {
        if (WRITE) {
            Files.createDirectories(path.getParent());
            Files.writeString(path, expected);
        }
        assertThat(path)
                .as("run with -Drendr.golden=write if the change is meant")
                .hasContent(expected);
    }

    /** Holds the part of a file between the lines {@code <!-- begin: name -->} and {@code <!-- end: name -->}. */
    public static void part(Path path, String name, String expected) throws IOException {
        String text = Files.readString(path);
        String begin = "<!-- begin: " + name + " -->\n";
        int from = text.indexOf(begin);
        int to = text.indexOf("<!-- end: " + name + " -->");
        assertThat(from).as("marker of %s in %s", name, path).isNotNegative();
        assertThat(to).as("end marker of %s in %s", name, path).isGreaterThan(from);
        from += begin.length();
        if (WRITE) {
            Files.writeString(path, text.substring(0, from) + expected + text.substring(to));
            return;
        }
        assertThat(text.substring(from, to))
                .as("%s in %s; run with -Drendr.golden=write if the change is meant", name, path)
                .isEqualTo(expected);
    }
}
