// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

/** What a carrier itself does against listeners and impostors. The engine seals everything below {@link #AUTHENTICATED}. */
public enum ChannelSecurity {
    /** Nothing. */
    NONE,
    /**
     * Encrypted, but the dialer does not know to whom: no certificate was checked, or a proxy ends the encryption. It is also
     * what an acceptor says of a carrier whose encryption it ends itself: what the dialer has checked only the dialer knows.
     */
    ENCRYPTED,
    /** Encrypted up to the peer itself, whose identity the dialer has verified. */
    AUTHENTICATED
}
