// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

/**
 * A Diffie-Hellman function over 32-byte strings. There is one real one, {@link X25519}; a simulation that makes
 * millions of handshakes may bring a cheaper one.
 */
public interface KeyAgreement {
    /** The public key, 32 bytes, that belongs to 32 random bytes. */
    byte[] publicKey(byte[] privateKey);

    /**
     * The shared secret, 32 bytes.
     *
     * @throws HandshakeFailure if the peer's key is not usable
     */
    byte[] agree(byte[] privateKey, byte[] peerPublicKey) throws HandshakeFailure;
}
