// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.engine.keys.KeyAgreement;

/**
 * A stand-in for X25519 that costs next to nothing and protects nothing: the public key is the private one turned
 * around, the shared secret their byte-wise exclusive or. Both ends agree, and different keys give different secrets,
 * which is all that the state machines above can see.
 */
final class CheapKeys implements KeyAgreement {
    @Override
    public byte[] publicKey(byte[] privateKey) {
        byte[] key = new byte[32];
        for (int i = 0; i < 32; i++) {
            key[i] = (byte) (privateKey[31 - i] ^ 0x5a);
        }
        return key;
    }

    @Override
    public byte[] agree(byte[] privateKey, byte[] peerPublicKey) {
        byte[] mine = publicKey(privateKey);
        byte[] shared = new byte[32];
        for (int i = 0; i < 32; i++) {
            shared[i] = (byte) (mine[i] ^ peerPublicKey[i] ^ 0x33);
        }
        return shared;
    }
}
