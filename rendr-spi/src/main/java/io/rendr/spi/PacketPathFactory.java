// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.rendr.Provisional;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/** A factory whose carriers are datagrams. */
@Provisional
public interface PacketPathFactory extends PathFactory {
    @Override
    CompletionStage<PacketCarrier> dial(DialRequest request);

    /** What {@link #dial} does, alone. */
    @FunctionalInterface
    interface Dial {
        /**
         * Opens a carrier.
         *
         * @param request where to, for how long
         * @return see {@link PathFactory#dial}
         */
        CompletionStage<PacketCarrier> dial(DialRequest request);
    }

    /**
     * A factory without options that can only dial.
     *
     * @param name name of the transport
     * @param dial opens a carrier
     * @return the factory
     */
    static PacketPathFactory of(String name, Dial dial) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(dial, "dial");
        return new PacketPathFactory() {
            @Override
            public String transport() {
                return name;
            }

            @Override
            public CompletionStage<PacketCarrier> dial(DialRequest request) {
                return dial.dial(request);
            }
        };
    }
}
