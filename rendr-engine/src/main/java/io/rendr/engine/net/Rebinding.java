// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.rendr.spi.Carrier;
import io.rendr.spi.Rebindable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has a carrier go on from another local address, if its transport can. */
final class Rebinding {
    private static final Logger LOG = LoggerFactory.getLogger(Rebinding.class);

    private Rebinding() {}

    /**
     * Asks the carrier to.
     *
     * @param local where to; null for wherever the system chooses
     * @param done hears null when the carrier has moved, else why it stays where it is
     */
    static void of(Carrier carrier, @Nullable SocketAddress local, Consumer<@Nullable IOException> done) {
        Optional<Rebindable> ability = carrier.ability(Rebindable.class);
        if (ability.isEmpty()) {
            done.accept(new IOException("a carrier of this transport cannot go on from another local address"));
            return;
        }
        SocketAddress target = local == null ? new InetSocketAddress(0) : local;
        ability.get().rebind(target).whenComplete((to, failure) -> {
            if (failure == null) {
                LOG.debug("the carrier to {} moved to {}", carrier.remoteAddress(), to);
                done.accept(null);
                return;
            }
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            LOG.info("the carrier to {} stays at {}: {}", carrier.remoteAddress(), carrier.localAddress(), cause);
            done.accept(
                    cause instanceof IOException io ? io : new IOException(String.valueOf(cause.getMessage()), cause));
        });
    }
}
