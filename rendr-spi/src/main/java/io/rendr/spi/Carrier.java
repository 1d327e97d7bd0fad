// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.channel.EventLoop;
import io.rendr.CloseReason;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * The live channel under a path: a byte stream or a datagram channel. All methods are called on {@link #eventLoop()} only,
 * and so are those of the listener.
 *
 * <p>How the engine writes: while there is something to send and {@link #credit()} is above zero, it writes; then it
 * flushes, and looks at the credit again. If it leaves credit unused it comes back by itself. If none is left it waits for
 * {@link CarrierListener#writable()}, which a carrier owes only to a writer that has used up its credit.
 */
public sealed interface Carrier permits StreamCarrier, PacketCarrier {
    /** {@return the event loop it lives on, for its whole life} */
    EventLoop eventLoop();

    /** {@return what is true of it for its whole life} */
    CarrierTraits traits();

    /** {@return this end} */
    SocketAddress localAddress();

    /** {@return the other end} */
    SocketAddress remoteAddress();

    /**
     * Starts reading. Called once; nothing is read before. If the carrier has already ended, the listener hears so, later.
     *
     * @param listener hears what arrives
     * @throws IllegalStateException if called twice
     */
    void start(CarrierListener listener);

    /**
     * How much it takes now without building a queue. Zero once it has ended.
     *
     * @return stream carriers: bytes; packet carriers: datagrams
     */
    int credit();

    /** {@return bytes that were written and have not been given to the system or the channel below} */
    long queued();

    /** Sends what was written. May call nothing back: see {@link CarrierListener}. */
    void flush();

    /**
     * Ends it. What is queued is dropped and released; after that the listener hears
     * {@link CarrierListener#closed closed} with {@code why}, later and exactly once. Idempotent; the first reason counts.
     *
     * @param why if {@linkplain CloseReason#isOrderly() orderly}, what the system has already taken is still delivered;
     *     otherwise the channel below is cut, a TCP connection with {@code SO_LINGER} 0, so that nothing lingers
     */
    void close(CloseReason why);

    /**
     * Something that not every carrier can do: {@link RttSource}, {@link Rebindable}, {@link DirectWrite}.
     *
     * @param <A> the ability
     * @param type its type
     * @return the ability; empty, the default, if it cannot
     */
    default <A> Optional<A> ability(Class<A> type) {
        return Optional.empty();
    }
}
