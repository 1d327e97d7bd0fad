// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

class TcpNioContractTest extends TcpContract {
    TcpNioContractTest() {
        super("127.0.0.1", null);
    }
}
