// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.rendr.CloseReason;
import io.rendr.Provisional;
import java.net.SocketAddress;

/**
 * An unconnected datagram socket: datagrams with their source come out, datagrams for an address go in. Many carriers share
 * one; the engine tells them apart and proves their addresses. All methods are called on {@link #eventLoop()} only, and so
 * are those of the listener, which is never called from inside a call to the port; buffers belong to who is handed them, as
 * with a {@link Carrier}. An error of a single datagram does not end it.
 *
 * <p>It belongs to the engine, which closes it when the last carrier on it has ended: {@link BoundPort#close} does not.
 */
@Provisional
public interface DatagramPort {
    /** {@return the event loop it lives on} */
    EventLoop eventLoop();

    /** {@return where it is bound} */
    SocketAddress localAddress();

    /** {@return the largest datagram that the socket sends, in bytes; what a route carries may be less} */
    int maxDatagramSize();

    /**
     * {@return how many datagrams of equal size it hands to the system as one: more than 1 with segmentation offload} A write
     * may hold more; it is cut. May change, when a system that seemed to have the offload turns out not to.
     */
    int maxSegments();

    /**
     * Starts reading. Called once; nothing is read before.
     *
     * @param listener hears what arrives
     */
    void start(Listener listener);

    /** {@return datagrams that it takes now without building a queue; zero once it has ended} */
    int credit();

    /**
     * Queues datagrams of equal size, one behind the other; the last one may be shorter. What cannot be sent is dropped and
     * reported later: {@link Listener#dropped}.
     *
     * @param datagrams the datagrams; owned by the port from now on. If empty, nothing is sent
     * @param segmentSize size of each in bytes, at least 1
     * @param to where they go; resolved
     */
    void write(ByteBuf datagrams, int segmentSize, SocketAddress to);

    /** Sends what was written. */
    void flush();

    /**
     * Ends it. The listener hears {@link Listener#closed closed} later and exactly once. Idempotent.
     *
     * @param why the reason
     */
    void close(CloseReason why);

    /** Hears what happens on a port. */
    @Provisional
    interface Listener {
        /**
         * Datagrams arrived from one source. Empty ones are not reported.
         *
         * @param datagrams one behind the other; owned by the listener from now on. May be a piece of a much larger buffer: copy
         *     what is kept
         * @param segmentSize size of each, the last one may be shorter
         * @param source where they came from
         */
        void received(ByteBuf datagrams, int segmentSize, SocketAddress source);

        /** What was read in one go has been handed over. */
        void readComplete();

        /** {@link DatagramPort#credit()} is above zero again after it was used up. */
        void writable();

        /**
         * Datagrams that were written have been dropped before they reached the network.
         *
         * @param datagrams how many
         */
        default void dropped(int datagrams) {}

        /**
         * The port has ended. The last call.
         *
         * @param why the reason
         */
        void closed(CloseReason why);
    }
}
