// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/**
 * Whether the engine itself encrypts and authenticates what a carrier does not. Both ends have to choose the same value,
 * otherwise the handshake is refused.
 */
public enum Protection {
    /**
     * The default: everything that travels over a carrier which does not authenticate the peer by itself is sealed with
     * AES-128-GCM. Without a pre-shared key this protects against listeners, but not against someone who is active
     * during the handshake.
     */
    SEALED,
    /**
     * Nothing is sealed. For networks that are trusted or already encrypted, and for measuring. Attaching further paths
     * is still proved with keys. Refused on raw UDP.
     */
    NONE
}
