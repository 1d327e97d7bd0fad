// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import io.rendr.PathSpec;
import io.rendr.spi.PathFactory;
import io.rendr.testkit.FlowContract;

class TcpFlowContractTest extends FlowContract {
    @Override
    protected PathFactory factory() {
        return new TcpTransport();
    }

    @Override
    protected PathSpec endpoint() {
        return PathSpec.of("tcp://127.0.0.1:0");
    }
}
