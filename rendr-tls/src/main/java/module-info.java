// SPDX-License-Identifier: Apache-2.0
/** What transports that speak TLS share: see {@link io.rendr.tls}. Not for applications. */
module io.rendr.tls {
    requires io.netty.codec;
    requires io.netty.handler;
    requires org.slf4j;
    requires transitive io.rendr;
    requires static transitive org.jspecify;

    exports io.rendr.tls;
}
