// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.PreSharedKey;
import io.rendr.Protection;
import io.rendr.RendrConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how a flow is protected; the same at both ends. */
final class Protecting {
    @Option(
            names = "--psk-file",
            paramLabel = "FILE",
            description =
                    "Keys that both ends know, see rendr keygen. Without it traffic is still encrypted, but anyone"
                            + " may connect, and one who is active during the handshake can be in between.")
    private @Nullable Path pskFile;

    @Option(
            names = "--insecure-plaintext",
            description = "Do not encrypt. Both ends have to say so. For networks that are encrypted anyway, and for"
                    + " measuring.")
    private boolean plaintext;

    boolean hasKeys() {
        return pskFile != null;
    }

    Protection protection() {
        return plaintext ? Protection.NONE : Protection.SEALED;
    }

    /** A runtime's settings with the keys of the file. */
    RendrConfig runtime() throws IOException {
        RendrConfig.Builder config = RendrConfig.builder();
        if (pskFile != null) {
            for (PreSharedKey key : KeyFile.read(pskFile)) {
                config.preSharedKey(key.id(), key.key());
            }
        }
        return config.build();
    }
}
