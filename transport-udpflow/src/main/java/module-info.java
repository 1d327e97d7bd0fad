// SPDX-License-Identifier: Apache-2.0
/** The transport {@code udpflow}: see {@link io.rendr.transport.udpflow}. */
module io.rendr.transport.udpflow {
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires io.rendr.udp;
    requires org.slf4j;
    requires transitive io.rendr.spi;
    requires static transitive org.jspecify;

    exports io.rendr.transport.udpflow;

    provides io.rendr.spi.PathFactory with
            io.rendr.transport.udpflow.UdpFlowTransport;
}
