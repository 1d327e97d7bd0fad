// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** Where a benchmark's progress and figures go. */
final class Output {
    @Option(names = "--json", description = "End with one line of JSON: {name, ok, figures}.")
    private boolean json;

    /** Tells a person who waits how far it is. */
    void progress(String form, Object... values) {
        System.err.printf(Locale.ROOT, form + "%n", values);
    }

    /** A line for people. */
    void line(String form, Object... values) {
        System.out.printf(Locale.ROOT, form + "%n", values);
    }

    /** The end: the verdict, and with --json its line. Returns the exit status. */
    int end(String name, boolean ok, Map<String, ?> figures) throws IOException {
        line("%s: %s", name, ok ? "good enough" : "NOT good enough");
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("name", name);
            all.put("ok", ok);
            all.put("figures", figures);
            System.out.println(JSON.std.asString(all));
        }
        System.out.flush();
        return ok ? 0 : 1;
    }
}
