// SPDX-License-Identifier: Apache-2.0
/**
 * What an application compiles against. Everything is in one package, {@link io.rendr}; the engine is found at run time
 * and comes with the artifact {@code io.rendr:rendr-engine}.
 */
module io.rendr {
    requires static transitive org.jspecify;

    exports io.rendr;

    uses io.rendr.RendrProvider;
}
