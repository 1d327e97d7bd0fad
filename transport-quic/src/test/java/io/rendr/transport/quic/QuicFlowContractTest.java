// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.rendr.PathSpec;
import io.rendr.spi.PathFactory;
import io.rendr.testkit.FlowContract;

class QuicFlowContractTest extends FlowContract {
    @Override
    protected PathFactory factory() {
        return new QuicTransport();
    }

    @Override
    protected PathSpec endpoint() {
        return PathSpec.of("quic://127.0.0.1:0").with(Certificates.acceptor());
    }
}
