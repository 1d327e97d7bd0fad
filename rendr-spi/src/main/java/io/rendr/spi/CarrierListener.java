// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import java.net.SocketAddress;

/**
 * Hears what happens on a carrier. Called on the carrier's event loop, and never from inside a call to the carrier: not
 * {@link #writable()} from {@link Carrier#flush()}, not {@link #closed} from {@link Carrier#close}. After
 * {@link Carrier#close} only {@link #closed} is still called.
 */
public interface CarrierListener {
    /**
     * Something arrived.
     *
     * @param data the bytes or datagrams; owned by the listener from now on. Datagrams may be a piece of a much larger buffer:
     *     copy what is kept
     * @param segmentSize packet carriers: size of each datagram in {@code data}, the last one may be shorter (the layout of
     *     UDP generic receive offload); stream carriers: 0
     */
    void received(ByteBuf data, int segmentSize);

    /** What was read in one go has been handed over; called once after one or more {@link #received}. */
    void readComplete();

    /** {@link Carrier#credit()} is above zero again after it was used up. */
    void writable();

    /**
     * The carrier has ended, whoever ended it. The last call.
     *
     * @param why what was given to {@link Carrier#close}, or what happened
     */
    void closed(CloseReason why);

    /**
     * {@link PacketCarrier#maxDatagramSize()} has changed.
     *
     * @param bytes the new size
     */
    default void maxDatagramSizeChanged(int bytes) {}

    /**
     * The carrier sees its peer at another address.
     *
     * @param now the new address; the engine decides whether to believe it
     */
    default void remoteAddressChanged(SocketAddress now) {}

    /**
     * Datagrams that were written have been dropped before they reached the network.
     *
     * @param datagrams how many
     */
    default void dropped(int datagrams) {}
}
