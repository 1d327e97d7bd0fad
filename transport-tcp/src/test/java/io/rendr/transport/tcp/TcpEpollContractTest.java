// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import io.rendr.testkit.TransportRig;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf("io.rendr.transport.tcp.Epolls#available")
class TcpEpollContractTest extends TcpContract {
    TcpEpollContractTest() {
        super("[::1]", null);
    }

    @Override
    protected TransportRig rig() {
        return Epolls.rig();
    }
}
