// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import io.rendr.PathSpec;
import io.rendr.spi.PathFactory;
import io.rendr.testkit.FlowContract;

class UdpFlowContractTest extends FlowContract {
    @Override
    protected PathFactory factory() {
        return new UdpFlowTransport();
    }

    @Override
    protected PathSpec endpoint() {
        return PathSpec.of("udpflow://127.0.0.1:0");
    }
}
