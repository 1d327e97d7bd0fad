// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

class QuicNioContractTest extends QuicContract {
    QuicNioContractTest() {
        super(Way.NIO, "127.0.0.1");
    }
}
