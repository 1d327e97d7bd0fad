// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * Opens connections to one peer over the paths of its {@link DialerConfig}. Immutable, reusable, thread-safe; holds
 * nothing and needs no closing.
 */
public interface Dialer {
    /** {@return what it was made from} */
    DialerConfig config();

    /**
     * Opens a stream. Paths are tried in order, each 250 ms after the one before if that has not answered; the first that
     * the peer confirms carries the flow, the others follow. Waits until the peer's application has admitted the flow,
     * unless the dialer is {@linkplain DialerConfig#eager() eager}.
     *
     * @return the connection
     * @throws DialException if no path could be opened within {@link DialerConfig#dialTimeout()}; has every path's cause
     * @throws FlowRefusedException if the peer does not take the flow
     * @throws HandshakeException if the peer was reached and the two ends do not fit together
     * @throws java.io.InterruptedIOException if the thread is interrupted
     * @throws IOException if anything else the network caused went wrong
     * @throws UnknownTransportException if a path names a transport that the runtime does not have
     */
    StreamConn dial() throws IOException;

    /**
     * Opens a packet connection, like {@link #dial()}. Fails naming the size that would work if no path carries packets of
     * {@link DialerConfig#maxPacketSize()}.
     *
     * @return the connection
     * @throws IOException see {@link #dial()}
     */
    @Provisional
    PacketConn dialPacket() throws IOException;

    /**
     * {@link #dial()} without waiting.
     *
     * @return completes on the callback executor, exceptionally with what {@code dial} throws; cancelling it stops dialing
     *     and closes a connection that comes late
     */
    CompletableFuture<StreamConn> dialAsync();

    /**
     * {@link #dialPacket()} without waiting.
     *
     * @return see {@link #dialAsync()}
     */
    @Provisional
    CompletableFuture<PacketConn> dialPacketAsync();
}
