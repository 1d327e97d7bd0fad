// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import io.netty.handler.ssl.SslContext;
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
 */
final class TlsContexts {
    /** Far more than a process has; only so that one that makes up settings without end does not fill the memory. */
    private static final int MOST = 256;

    private record Made(List<String> stamps, SslContext context) {}

    private final ConcurrentHashMap<TlsConfig, Made> known = new ConcurrentHashMap<>();

    /**
     * Blocks: looks at files.
     *
     * @throws IllegalArgumentException if the settings cannot work; names the path, the option and the file
     */
    SslContext dialing(PathSpec spec, TlsConfig config) {
        List<String> stamps = Stream.of(config.certificate(), config.key(), config.trust())
                .flatMap(Optional::stream)
                .filter(value -> !PemFiles.isInline(value))
                .map(TlsContexts::stamp)
                .toList();
        Made before = known.get(config);
        if (before != null && before.stamps.equals(stamps)) {
            return before.context;
        }
        SslContext made = Tls.dialingContext(spec, config);
        if (known.size() >= MOST) {
            known.clear();
        }
        known.put(config, new Made(stamps, made));
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
