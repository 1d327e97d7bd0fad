// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

class TlsNioContractTest extends TcpContract {
    TlsNioContractTest() {
        super("127.0.0.1", Certificates.acceptor());
    }
}
