// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

/**
 * A key that both ends know, with the name under which the dialer refers to it. Several at an acceptor serve rotation.
 * Printing one shows the name only.
 */
public final class PreSharedKey {
    /** The shortest key, in bytes. */
    public static final int MIN_BYTES = 32;

    /** The longest key, in bytes. */
    public static final int MAX_BYTES = 1024;

    private final String id;
    private final byte[] key;

    /**
     * Creates a key.
     *
     * @param id its name, 1 to 64 printable ASCII characters without colon; travels in the clear
     * @param key at least {@value #MIN_BYTES} bytes from a random source, not a password; copied
     * @throws IllegalArgumentException if name or key do not fit
     */
    public PreSharedKey(String id, byte[] key) {
        if (!id.matches("[!-9;-~]{1,64}")) {
            throw new IllegalArgumentException(
                    "the id of a pre-shared key is 1 to 64 printable ASCII characters without space and colon: '" + id
                            + "'.");
        }
        if (key.length < MIN_BYTES || key.length > MAX_BYTES) {
            throw new IllegalArgumentException("pre-shared key '" + id + "' has " + key.length + " bytes; it needs "
                    + MIN_BYTES + " to " + MAX_BYTES + " from a random source.");
        }
        this.id = id;
        this.key = key.clone();
    }

    static PreSharedKey parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("a pre-shared key is written id:base64.");
        }
        String id = text.substring(0, colon);
        try {
            return new PreSharedKey(id, Base64.getDecoder().decode(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            if (String.valueOf(e.getMessage()).contains("pre-shared key")) {
                throw e;
            }
            // The decoder's message may quote a character of the key.
            throw new IllegalArgumentException("pre-shared key '" + id + "' is not base64.");
        }
    }

    String toText() {
        return id + ":" + Base64.getEncoder().encodeToString(key);
    }

    /** {@return its name} */
    public String id() {
        return id;
    }

    /** {@return a copy of the key; wipe it after use} */
    public byte[] key() {
        return key.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PreSharedKey that && id.equals(that.id) && MessageDigest.isEqual(key, that.key);
    }

    @Override
    public int hashCode() {
        return 31 * id.hashCode() + Arrays.hashCode(key);
    }

    /** {@return the name; the key is hidden} */
    @Override
    public String toString() {
        return id + ":" + PathText.HIDDEN;
    }
}
