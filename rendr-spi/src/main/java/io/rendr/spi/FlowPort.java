// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.rendr.FlowId;
import io.rendr.Provisional;
import org.jspecify.annotations.Nullable;

/**
 * The face of a stream flow for an adapter that lives on the flow's own event loop, such as a Netty channel:
 * {@code conn.unwrap(FlowPort.class)}. No thread is parked and no byte is copied for it. All methods are called on
 * {@link #eventLoop()} only; an adapter that uses it leaves read and write of the connection alone.
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

    /** {@return bytes that {@link #write} takes now} */
    int credit();

    /**
     * Hands over payload. More than {@link #credit()} is taken too, but the writer should wait for {@link Listener#writable}.
     *
     * @param payload the bytes; owned by the flow from now on
     */
    void write(ByteBuf payload);

    /** Lets what was written go. */
    void flush();

    /**
     * Takes payload that has arrived; taking it gives the peer credit for more.
     *
     * @param maxBytes the most to take
     * @return bytes in order, owned by the caller; {@code null} if there are none now
     */
    @Nullable
    ByteBuf read(int maxBytes);

    /** {@return whether the peer has ended its output and everything was taken} */
    boolean isAtEnd();

    /** Ends this end's output. */
    void shutdownOutput();

    /** Hears when there is something to do. Called on the event loop. */
    @Provisional
    interface Listener {
        /** {@link FlowPort#read} has something, or the end was reached. */
        void readable();

        /** {@link FlowPort#credit()} is above zero again after it was used up. */
        void writable();

        /**
         * The flow is over. The last call.
         *
         * @param failure what ended it; {@code null} after an orderly end
         */
        void closed(@Nullable Throwable failure);
    }
}
