// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** One JSON object of numbers, booleans, texts and objects, in the order they were put. */
final class Json {
    private final Map<String, Object> values = new LinkedHashMap<>();

    Json put(String name, Object value) {
        values.put(name, value);
        return this;
    }

    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(entry -> quote(entry.getKey()) + ":" + text(entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String text(Object value) {
        if (value instanceof Double number) {
            return String.format(Locale.ROOT, "%.3f", number);
        }
        return value instanceof String text ? quote(text) : String.valueOf(value);
    }

    private static String quote(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
