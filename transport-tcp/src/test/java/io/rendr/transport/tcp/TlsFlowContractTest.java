// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import io.rendr.PathSpec;

class TlsFlowContractTest extends TcpFlowContractTest {
    @Override
    protected PathSpec endpoint() {
        return super.endpoint().with(Certificates.acceptor());
    }
}
