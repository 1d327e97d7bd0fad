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
 * are those of the listener; buffers belong to who is handed them, as with a {@link Carrier}.
 */
@Provisional
public interface DatagramPort {
    /** {@return the event loop it lives on} */
    EventLoop eventLoop();

    /** {@return where it is bound} */
    SocketAddress localAddress();

    /** {@return the largest datagram that the socket sends, in bytes; what a route carries may be less} */
    int maxDatagramSize();

    /** {@return how many datagrams of equal size one write may hold: more than 1 with segmentation offload} */
    int maxSegments();

    /**
     * Starts reading. Called once; nothing is read before.
     *
     * @param listener hears what arrives
     */
    void start(Listener listener);

    /** {@return datagrams that it takes now without building a queue} */
    int credit();

    /**
     * Queues datagrams of equal size, one behind the other; the last one may be shorter.
     *
     * @param datagrams the datagrams; owned by the port from now on
     * @param segmentSize size of each in bytes, at least 1
     * @param to where they go
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
         * Datagrams arrived from one source.
         *
         * @param datagrams one behind the other; owned by the listener from now on
         * @param segmentSize size of each, the last one may be shorter
         * @param source where they came from
         */
        void received(ByteBuf datagrams, int segmentSize, SocketAddress source);

        /** What was read in one go has been handed over. */
        void readComplete();

        /** {@link DatagramPort#credit()} is above zero again after it was used up. */
        void writable();

        /**
         * The port has ended. The last call.
         *
         * @param why the reason
         */
        void closed(CloseReason why);
    }
}
