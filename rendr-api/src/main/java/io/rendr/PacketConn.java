// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * A connection that carries packets: each one whole, at most once, in any order. Nothing is fragmented. What calls throw
 * besides: see {@link StreamConn}.
 */
@Provisional
public interface PacketConn extends Conn {
    /**
     * Sends one packet, and waits until there is room for it.
     *
     * @param packet all that remains is one packet
     * @throws PacketTooLargeException if it is larger than {@link #maxPacketSize()}; nothing was sent
     * @throws IOException see {@link StreamConn}
     */
    void send(ByteBuffer packet) throws IOException;

    /**
     * Sends one packet if there is room for it now.
     *
     * @param packet all that remains is one packet; untouched if there is no room
     * @return whether it was taken
     * @throws PacketTooLargeException if it is larger than {@link #maxPacketSize()}; nothing was sent
     * @throws IOException see {@link StreamConn}
     */
    boolean trySend(ByteBuffer packet) throws IOException;

    /**
     * Sends as many packets, in order, as there is room for now.
     *
     * @param packets one packet each
     * @return how many were taken
     * @throws PacketTooLargeException if the first one that was not taken is too large and none before it was taken
     * @throws IOException see {@link StreamConn}
     */
    int trySend(List<ByteBuffer> packets) throws IOException;

    /**
     * Receives one packet, and waits until there is one.
     *
     * @param dst where to put it
     * @return its size in bytes, may be 0; -1 after the peer has closed and everything was received
     * @throws PacketTooLargeException if {@code dst} is too small; the packet stays and can be received with a larger one
     * @throws IOException see {@link StreamConn}
     */
    int receive(ByteBuffer dst) throws IOException;

    /**
     * Receives one packet if there is one now.
     *
     * @param dst where to put it
     * @return whether there was one
     * @throws java.io.EOFException after the peer has closed and everything was received
     * @throws PacketTooLargeException if {@code dst} is too small; the packet stays and can be received with a larger one
     * @throws IOException see {@link StreamConn}
     */
    boolean tryReceive(ByteBuffer dst) throws IOException;

    /** {@return the largest packet in bytes, agreed by both ends; does not change} */
    int maxPacketSize();

    /** {@return what happens to lost packets} */
    DeliveryClass delivery();

    /** {@return completes on the callback executor when {@link #tryReceive} is worth a call} */
    CompletionStage<Void> whenReadable();

    /** {@return completes on the callback executor when {@link #trySend(ByteBuffer)} is worth a call} */
    CompletionStage<Void> whenWritable();

    /**
     * How long {@link #receive} waits before it throws {@link java.net.SocketTimeoutException}.
     *
     * @param timeout zero, the default, waits for ever
     * @throws IllegalArgumentException if negative
     */
    void setReadTimeout(Duration timeout);

    /**
     * How long {@link #send} waits before it throws {@link java.net.SocketTimeoutException}.
     *
     * @param timeout zero, the default, waits for ever
     * @throws IllegalArgumentException if negative
     */
    void setWriteTimeout(Duration timeout);
}
