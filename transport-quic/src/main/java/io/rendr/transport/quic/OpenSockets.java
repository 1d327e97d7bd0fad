// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The sockets of all paths and endpoints of a transport. Those of carriers that were closed stay open for a while, for what is
 * still under way: more than a TCP socket, which the kernel looks after, and event loops that end take none of them along.
 * Thread-safe.
 */
final class OpenSockets {
    /** What is under way has so long when the runtime closes. */
    private static final long FAREWELL = TimeUnit.SECONDS.toNanos(1);

    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** One was opened. */
    void add(Channel socket) {
        open.add(socket);
        socket.closeFuture().addListener(done -> open.remove(socket));
        if (closed) {
            socket.close();
        }
    }

    /** Whether there are to be no more. */
    boolean isClosed() {
        return closed;
    }

    /** Waits a little until the last is closed, and closes the others. Blocks. */
    void close() {
        long deadline = System.nanoTime() + FAREWELL;
        await(deadline);
        closed = true;
        open.forEach(Channel::close);
        await(deadline + FAREWELL);
    }

    private void await(long deadline) {
        for (Channel socket : open) {
            socket.closeFuture().awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
    }
}
