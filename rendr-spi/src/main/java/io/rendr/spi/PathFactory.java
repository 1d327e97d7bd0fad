// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.rendr.Transport;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Makes the carriers of one kind: <b>the</b> service that a transport provides, found by {@link java.util.ServiceLoader}.
 * An implementation has a public constructor without arguments that does nothing, so that looking around costs nothing and
 * cannot fail; what is missing on this machine is told by {@link #unavailable()}.
 *
 * <p>Implement {@link StreamPathFactory} or {@link PacketPathFactory}, or this one for a transport that makes both.
 */
public interface PathFactory extends Transport {
    /**
     * Opens a carrier. Called on the event loop of the request; must not block, see {@link CarrierContext#blocking}.
     *
     * @param request where to, for how long
     * @return completes with a carrier that is connected and not started, or with why there is none. One that comes after
     *     the request was cancelled is closed by the engine
     */
    CompletionStage<? extends Carrier> dial(DialRequest request);

    /**
     * Listens. Called on an event loop; must not block. Every connection is handed to {@link BindRequest#accepted}.
     *
     * @param request where
     * @return completes with the port when it is open, or with why it could not be opened. The default fails: this transport
     *     cannot listen
     */
    default CompletionStage<BoundPort> bind(BindRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException(
                "transport '" + transport() + "' cannot listen; it can only dial (in '" + request.spec() + "')"));
    }
}
