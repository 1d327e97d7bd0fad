// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import org.jspecify.annotations.Nullable;

/** One admitted flow's share of the pool and the two buffers that draw from it. */
public final class FlowMemory {
    /** Bytes a flow may have written before the peer's credit is known to be larger. */
    private static final long FIRST_SEND_CAPACITY = 256 * 1024;

    private static final long FIRST_WINDOW = 256 * 1024;

    /** The part of the free elastic pool that a new flow may take for its first window. */
    private static final long FIRST_WINDOW_SHARE = 64;

    private final ChunkPool pool;
    private final SendBuffer send;
    private final ReceiveBuffer receive;
    private boolean closed;

    private FlowMemory(ChunkPool pool) {
        this.pool = pool;
        send = new SendBuffer(pool.sending(), FIRST_SEND_CAPACITY);
        receive = new ReceiveBuffer(pool.receiving());
        receive.grant(Math.min(FIRST_WINDOW, pool.receiving().free() / FIRST_WINDOW_SHARE));
    }

    /** Reserves the share of one more flow and grants its first window; null when the budget has no share left. */
    public static @Nullable FlowMemory admit(ChunkPool pool) {
        return pool.admit() ? new FlowMemory(pool) : null;
    }

    public SendBuffer send() {
        return send;
    }

    public ReceiveBuffer receive() {
        return receive;
    }

    /** Elastic bytes of the receiving half that nobody has reserved. */
    public long freeToReceive() {
        return pool.receiving().free();
    }

    /** Elastic bytes of the sending half that nobody has reserved. */
    public long freeToSend() {
        return pool.sending().free();
    }

    /** Gives everything back; idempotent. */
    public void close() {
        if (!closed) {
            closed = true;
            send.close();
            receive.close();
            pool.leave();
        }
    }
}
