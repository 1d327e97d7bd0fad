// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.rendr.FlowId;
import io.rendr.Provisional;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The face of a stream flow for an adapter that lives on the flow's own event loop, such as a Netty channel:
 * {@code conn.unwrap(FlowPort.class)}. No thread is parked for it. What arrives is handed over where it lies; what is
 * written is copied once, into the memory in which the flow keeps it until the peer has it. All methods are called on
 * {@link #eventLoop()} only, or throw {@link IllegalStateException}. An adapter that uses it leaves read and write of the
 * connection alone; the connection stays what it is for everything else, such as {@code close} and {@code abort}.
 */
@Provisional
public interface FlowPort {
    /** {@return the flow} */
    FlowId flowId();

    /** {@return the event loop of the flow, for its whole life} */
    EventLoop eventLoop();

    /**
     * Starts. Called once.
     *
     * @param listener hears when there is something to do
     */
    void start(Listener listener);

    /** {@return bytes that {@link #write} takes now; 0 after which {@link Listener#writable} is called} */
    int credit();

    /**
     * Hands over payload. More than {@link #credit()} is taken too, and kept as it is until there is room, but the writer
     * should wait for {@link Listener#writable}; what was kept is dropped when the connection is closed.
     *
     * @param payload the bytes; owned by the flow from now on, also if this throws
     * @throws java.nio.channels.ClosedChannelException if this end has closed the connection or its output
     * @throws IOException if the flow has failed, or the peer reads no more
     */
    void write(ByteBuf payload) throws IOException;

    /** Lets what was written go. */
    void flush();

    /**
     * Takes payload that has arrived; taking it gives the peer credit for more. The bytes lie in the flow's memory, which
     * counts against the memory budget until they are released; who keeps them holds up the peer in the end.
     *
     * @param maxBytes the most to take
     * @return bytes in order, owned by the caller and released by him on any thread, also after the end of the connection;
     *     {@code null} if there are none now
     */
    @Nullable
    ByteBuf read(int maxBytes);

    /** {@return whether the peer has ended its output and everything was taken; asking lets the peer know} */
    boolean isAtEnd();

    /** Ends this end's output, after what was written. */
    void shutdownOutput();

    /** Hears when there is something to do. Called on the event loop, never from inside a method of the port. */
    @Provisional
    interface Listener {
        /** More has arrived, or the end: {@link FlowPort#read} until it gives nothing. What is left is not told again. */
        void readable();

        /** {@link FlowPort#credit()} is above zero again after it was used up, or writing fails from now on. */
        void writable();

        /**
         * The flow is over. The last call. What had arrived before can still be read until the connection is closed.
         *
         * @param failure what ended it; {@code null} after an orderly end
         */
        void closed(@Nullable Throwable failure);
    }
}
