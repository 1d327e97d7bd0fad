// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;

/** Hears what one stream carrier reports: a handshake at first, then the {@link Link} that carries the flow. */
public interface CarrierEvents {
    /** Bytes arrived, cut anywhere. The callee takes them all at once; the caller keeps the duty to release. */
    void received(ByteBuf bytes, long now);

    /** Nothing more is at hand: the end of a read batch. */
    void readComplete(long now);

    /** {@link CarrierPort#credit} is above 0 again after it was not. */
    void writable(long now);

    /** An end of the carrier is at another address, and the way to the peer may be another one. */
    default void rerouted(long now) {}

    /** The largest datagram that the carrier takes is another one. */
    default void resized(long now) {}

    /** The carrier ended, for whatever reason. Nothing follows. */
    void closed(CloseReason why, long now);
}
