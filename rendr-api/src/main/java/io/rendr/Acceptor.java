// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Takes the flows that peers open at its endpoints, of both kinds. Thread-safe. */
public interface Acceptor extends Closeable {
    /**
     * Waits for a stream. Not for use with {@link AcceptorConfig.Builder#onStream}.
     *
     * @return the connection, admitted and confirmed
     * @throws java.net.SocketTimeoutException after the {@linkplain #setAcceptTimeout accept time-out}
     * @throws java.nio.channels.ClosedChannelException after {@link #close()}
     * @throws java.io.InterruptedIOException if the thread is interrupted; the acceptor stays open
     * @throws IOException if all endpoints have failed
     * @throws IllegalStateException if a handler takes the streams
     */
    StreamConn accept() throws IOException;

    /**
     * Waits for a packet connection, like {@link #accept()}.
     *
     * @return the connection
     * @throws IOException see {@link #accept()}
     */
    @Provisional
    PacketConn acceptPacket() throws IOException;

    /**
     * {@link #accept()} without waiting and without time-out.
     *
     * @return completes on the callback executor
     */
    CompletionStage<StreamConn> acceptAsync();

    /**
     * {@link #acceptPacket()} without waiting and without time-out.
     *
     * @return completes on the callback executor
     */
    @Provisional
    CompletionStage<PacketConn> acceptPacketAsync();

    /**
     * How long {@link #accept()} and {@link #acceptPacket()} wait.
     *
     * @param timeout zero, the default, waits for ever
     * @throws IllegalArgumentException if negative
     */
    void setAcceptTimeout(Duration timeout);

    /** {@return what to dial to get here, in the order of the configuration: ports that were 0 are the real ones} */
    List<PathSpec> endpoints();

    /** {@return the flows that were accepted here and live} */
    Set<FlowId> flowIds();

    /** Stops listening and refuses flows that wait. Flows that were handed out go on. Further calls have no effect. */
    @Override
    void close();
}
