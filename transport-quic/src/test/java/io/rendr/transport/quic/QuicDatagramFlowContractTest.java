// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.rendr.PathSpec;
import io.rendr.spi.PathFactory;
import io.rendr.testkit.FlowContract;

class QuicDatagramFlowContractTest extends FlowContract {
    @Override
    protected PathFactory factory() {
        return new QuicTransport();
    }

    @Override
    protected int largestPacket() {
        return 1_300; // more than at first, less than when the route is known
    }

    @Override
    protected PathSpec endpoint() {
        return PathSpec.of("quic://127.0.0.1:0?mode=datagram").with(Certificates.acceptor());
    }
}
