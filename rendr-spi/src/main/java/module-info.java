// SPDX-License-Identifier: Apache-2.0
/**
 * What a transport author compiles against. Everything is in one package, {@link io.rendr.spi}. A transport's module
 * {@code provides io.rendr.spi.PathFactory}, and names it in {@code META-INF/services} too, for the class path.
 */
module io.rendr.spi {
    requires transitive io.netty.buffer;
    requires transitive io.netty.common;
    requires transitive io.netty.transport;
    requires transitive io.rendr;
    requires static transitive org.jspecify;

    exports io.rendr.spi;
}
