// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBufAllocator;
import io.rendr.InstanceId;
import io.rendr.engine.keys.KeyAgreement;
import io.rendr.engine.keys.Psk;
import io.rendr.engine.memory.ChunkPool;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What all flows of one runtime share. Every part is thread-safe.
 *
 * @param random the source of keys, ids and jitter; cryptographically strong outside of simulations
 * @param psks a dialer uses the first, an acceptor takes any; none means that no proof is asked for
 * @param kind what the program is, for the peer
 * @param capabilities what it can do
 * @param version of the runtime
 * @param groups what flows to one peer tell each other
 */
public record Instance(
        InstanceId id,
        ChunkPool pool,
        RandomGenerator random,
        KeyAgreement keyAgreement,
        ByteBufAllocator allocator,
        List<Psk> psks,
        String kind,
        List<String> capabilities,
        String version,
        PeerGroups groups) {
    public Instance {
        psks = List.copyOf(psks);
        capabilities = List.copyOf(capabilities);
    }

    byte[] entropy(int bytes) {
        byte[] entropy = new byte[bytes];
        random.nextBytes(entropy);
        return entropy;
    }
}
