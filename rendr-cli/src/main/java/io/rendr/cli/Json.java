// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** The one line of {@code --json} for a program to read: {@code {"name":..,"ok":..,"figures":{..}}}. */
final class Json {
    private Json() {}

    /** @param figures maps, lists, numbers, texts and booleans; keep their order with a linked map */
    static String line(String name, boolean ok, Map<String, ?> figures) {
        try {
            return JSON.std
                    .composeString()
                    .startObject()
                    .put("name", name)
                    .put("ok", ok)
                    .putObject("figures", figures)
                    .end()
                    .finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is no I/O behind a string
        }
    }
}
