// SPDX-License-Identifier: Apache-2.0
/** The transport {@code quic}: see {@link io.rendr.transport.quic}. */
module io.rendr.transport.quic {
    requires io.netty.codec;
    requires io.netty.codec.classes.quic;
    requires io.netty.handler;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires io.rendr.tls;
    requires io.rendr.udp;
    requires org.slf4j;
    requires transitive io.rendr.spi;
    requires static transitive org.jspecify;

    exports io.rendr.transport.quic;

    provides io.rendr.spi.PathFactory with
            io.rendr.transport.quic.QuicTransport;
}
