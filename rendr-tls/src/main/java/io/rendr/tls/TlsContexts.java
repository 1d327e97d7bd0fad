// SPDX-License-Identifier: Apache-2.0
package io.rendr.tls;

import io.rendr.PathSpec;
import io.rendr.TlsConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * What dialers need for TLS, kept from dial to dial, because reading what a JVM trusts takes longer than a handshake; made anew
 * when a file it came from has changed. Thread-safe.
 *
 * @param <C> what a transport makes of the settings
 */
public final class TlsContexts<C> {
    /** Far more than a process has; only so that one that makes up settings without end does not fill the memory. */
    private static final int MOST = 256;

    /**
     * Makes what is kept.
     *
     * @param <C> what that is
     */
    @FunctionalInterface
    public interface Recipe<C> {
        /**
         * Makes one. May block.
         *
         * @param spec the path, for messages
         * @param config its settings
         * @return what is kept
         * @throws IllegalArgumentException if the settings cannot work
         */
        C make(PathSpec spec, TlsConfig config);
    }

    private record Made<C>(List<String> stamps, C context) {}

    private final Recipe<C> recipe;
    private final ConcurrentHashMap<TlsConfig, Made<C>> known = new ConcurrentHashMap<>();

    /**
     * Keeps nothing yet.
     *
     * @param recipe makes what is kept
     */
    public TlsContexts(Recipe<C> recipe) {
        this.recipe = recipe;
    }

    /**
     * What a dial needs. Blocks: looks at files.
     *
     * @param spec the path, for messages
     * @param config its settings
     * @return the same for equal settings whose files have not changed
     * @throws IllegalArgumentException if the settings cannot work; names the path, the option and the file
     */
    public C of(PathSpec spec, TlsConfig config) {
        List<String> stamps = Stream.of(config.certificate(), config.key(), config.trust())
                .flatMap(Optional::stream)
                .filter(value -> !PemFiles.isInline(value))
                .map(TlsContexts::stamp)
                .toList();
        Made<C> before = known.get(config);
        if (before != null && before.stamps.equals(stamps)) {
            return before.context;
        }
        C made = recipe.make(spec, config);
        if (known.size() >= MOST) {
            known.clear();
        }
        known.put(config, new Made<>(stamps, made));
        return made;
    }

    private static String stamp(String file) {
        try {
            Path path = Path.of(file);
            return Files.getLastModifiedTime(path) + " " + Files.size(path);
        } catch (IOException | InvalidPathException e) {
            return "none"; // reading it says what is wrong
        }
    }
}
