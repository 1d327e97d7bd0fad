// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.rendr.engine.wire.Message;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A pre-shared key and its id. Thread-safe, except that {@link #destroy} must be the last call. */
public final class Psk {
    /** Fewer bytes than this could be guessed from a recorded handshake. */
    public static final int MIN_LENGTH = 32;

    private final String id;
    private final byte[] secret;

    /**
     * Copies {@code secret}.
     *
     * @param id travels in clear; 1 to 64 bytes of UTF-8 without control characters
     * @param secret at least {@value #MIN_LENGTH} bytes from a good random source
     * @throws IllegalArgumentException if one of them is out of bounds
     */
    public Psk(String id, byte[] secret) {
        int length = id.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > Message.MAX_PSK_ID || id.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("the id of a pre-shared key has 1 to " + Message.MAX_PSK_ID
                    + " bytes and no control characters, not '" + id + "'");
        }
        if (secret.length < MIN_LENGTH) {
            throw new IllegalArgumentException("pre-shared key '" + id + "' has " + secret.length + " bytes; at least "
                    + MIN_LENGTH + " random bytes are needed");
        }
        this.id = id;
        this.secret = secret.clone();
    }

    public String id() {
        return id;
    }

    byte[] secret() {
        return secret;
    }

    /** Overwrites the secret. Handshakes that have begun with it go on. */
    public void destroy() {
        Arrays.fill(secret, (byte) 0);
    }

    /** Does not show the secret. */
    @Override
    public String toString() {
        return "Psk[" + id + "]";
    }
}
