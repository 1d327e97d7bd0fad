// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import io.rendr.testkit.TransportRig;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf("io.rendr.transport.tcp.Epolls#available")
class TlsEpollContractTest extends TcpContract {
    TlsEpollContractTest() {
        super("[::1]", Certificates.acceptor());
    }

    @Override
    protected TransportRig rig() {
        return Epolls.rig();
    }
}
