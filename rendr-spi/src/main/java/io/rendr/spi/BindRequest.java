// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.channel.EventLoopGroup;
import io.rendr.Provisional;

/** Asks a factory to listen. All methods may be called from any thread. */
public interface BindRequest extends CarrierContext {
    /** {@return the event loops to spread accepted carriers over} */
    EventLoopGroup eventLoops();

    /**
     * Hands over an accepted carrier, connected and not started. The engine closes it if it does not want it.
     *
     * @param carrier the carrier
     */
    void accepted(Carrier carrier);

    /** {@return whether the engine still takes carriers; a loop that accepts ends when it does not} */
    boolean accepting();

    /**
     * Tells that a port that was open has failed and accepts no more.
     *
     * @param cause why
     */
    void failed(Throwable cause);

    /**
     * Tells that a port could not take a connection, for want of descriptors for example, and waits a little before it
     * accepts the next.
     *
     * @param cause why
     */
    default void paused(Throwable cause) {}

    /**
     * Hands over a datagram socket, on its event loop, before the stage of the factory completes. Cookies, connection ids and
     * admission are the engine's, and so is the socket: it closes it. If the socket ends by itself, its listener hears so, and
     * {@link #failed} is not called.
     *
     * @param port the open socket, not started
     */
    @Provisional
    void port(DatagramPort port);
}
