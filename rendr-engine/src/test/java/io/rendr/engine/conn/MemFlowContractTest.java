// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.PathSpec;
import io.rendr.spi.PathFactory;
import io.rendr.testkit.FlowContract;
import io.rendr.testkit.MemNetwork;
import io.rendr.testkit.MemTransport;

/** Here because the test kit itself has no engine. */
class MemFlowContractTest extends FlowContract {
    private final MemNetwork network = new MemNetwork();

    @Override
    protected PathFactory factory() {
        return new MemTransport(network);
    }

    @Override
    protected PathSpec endpoint() {
        return PathSpec.of("mem://place");
    }
}
