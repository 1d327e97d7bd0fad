// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.testkit.LinkCounters;
import java.util.LinkedHashMap;
import java.util.Map;

/** The counters of a link, for {@code --json}. */
final class LinkFigures {
    private LinkFigures() {}

    static Map<String, Object> of(LinkCounters counters) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("connections", counters.connections());
        figures.put("resets", counters.resets());
        figures.put("up", of(counters.up()));
        figures.put("down", of(counters.down()));
        return figures;
    }

    private static Map<String, Object> of(LinkCounters.Way way) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("forwarded", way.forwarded());
        figures.put("held", way.held());
        figures.put("swallowed", way.swallowed());
        figures.put("fins", way.fins());
        figures.put("blackHoles", way.blackHoles());
        figures.put("blackHoledMillis", way.blackHoled().toMillis());
        return figures;
    }
}
