// SPDX-License-Identifier: Apache-2.0
/** The transport {@code tcp}: see {@link io.rendr.transport.tcp}. */
module io.rendr.transport.tcp {
    requires io.netty.codec;
    requires io.netty.handler;
    requires io.netty.transport.classes.epoll;
    requires io.rendr.tls;
    requires transitive io.rendr.spi;
    requires static transitive org.jspecify;

    exports io.rendr.transport.tcp;

    provides io.rendr.spi.PathFactory with
            io.rendr.transport.tcp.TcpTransport;
}
