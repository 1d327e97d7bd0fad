// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/**
 * Whether the engine itself encrypts and authenticates what a carrier does not. The stricter of both ends counts: a flow goes
 * without only if both have chosen {@link #NONE}.
 */
public enum Protection {
    /**
     * The default: everything that travels over a carrier which does not authenticate the peer by itself is sealed with
     * AES-128-GCM. Without a pre-shared key this protects against listeners, but not against someone who is active
     * during the handshake. Carriers that do authenticate the acceptor, over TLS that verified its certificate, are not
     * sealed on top of that, unless the path says {@code ?seal=always}.
     */
    SEALED,
    /**
     * Nothing is sealed. For networks that are trusted or already encrypted, and for measuring. Attaching further paths
     * is still proved with keys. Refused on raw UDP.
     */
    NONE
}
