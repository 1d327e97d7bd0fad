// SPDX-License-Identifier: Apache-2.0
/** What transports over UDP share: see {@link io.rendr.udp}. Not for applications. */
module io.rendr.udp {
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires org.slf4j;
    requires io.netty.common;
    requires transitive io.netty.transport;
    requires transitive io.rendr;
    requires static transitive org.jspecify;

    exports io.rendr.udp;
}
