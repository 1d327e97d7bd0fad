// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.spi.ChannelSecurity;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The way out to one carrier, implemented by whoever drives the engine. Used under the flow's exclusion only. */
public interface CarrierPort {
    /** Sets who hears what the carrier reports from now on. */
    void events(CarrierEvents events);

    /** Bytes that can be written now without building a queue above the carrier; 0 or less when it has no room. */
    int credit();

    /** Takes the bytes and the duty to release them. They leave at the next {@link #flush}, if not before. */
    void write(ByteBuf bytes);

    /** Whether payload may be written where it lies, in many small buffers that nobody changes. */
    default boolean gathers() {
        return false;
    }

    void flush();

    /** Bytes that the first message of a dialer shall have at least, so that no answer is larger; 0 on a stream. */
    default int leastMessage() {
        return 0;
    }

    /** What the peer shall address its datagrams by; 0 on a stream. */
    default long connectionId() {
        return 0;
    }

    /** Learns what the peer wants datagrams to be addressed by; of no account on a stream. */
    default void peerConnectionId(long id) {}

    /**
     * Has the carrier go on from another local address, if such a carrier can.
     *
     * @param local where to; null for wherever the system chooses
     * @param done hears null after {@link CarrierEvents#rerouted}, else why the carrier stays where it is
     */
    default void rebind(@Nullable SocketAddress local, Consumer<@Nullable IOException> done) {
        done.accept(new IOException("this end cannot choose where the carrier is"));
    }

    /** Ends the carrier; idempotent. A stream reports {@link CarrierEvents#closed} once after it. */
    void close(CloseReason why);

    /** What the carrier proves of the peer by itself. */
    ChannelSecurity security();

    /** Paths of one fate group are expected to fail together; null when nothing is known. */
    @Nullable
    String fateGroup();

    @Nullable
    SocketAddress localAddress();

    @Nullable
    SocketAddress remoteAddress();
}
