// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

class QuicEpollContractTest extends QuicContract {
    QuicEpollContractTest() {
        super(Way.EPOLL, "[::1]");
    }
}
