// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.rendr.PathSpec;
import io.rendr.spi.PathFactory;
import java.util.Optional;

class MemContractTest extends TransportContract {

    private final MemNetwork network = new MemNetwork();
    private int names;

    @Override
    protected PathFactory factory() {
        return new MemTransport(network);
    }

    @Override
    protected PathSpec endpoint() {
        return PathSpec.of("mem://place-" + names++);
    }

    @Override
    protected Optional<PathSpec> hangingAddress() {
        network.link("far-away").blackHole(true);
        return Optional.of(PathSpec.of("mem://far-away"));
    }
}
