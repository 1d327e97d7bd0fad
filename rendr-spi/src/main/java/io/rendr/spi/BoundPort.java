// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.rendr.PathSpec;
import java.net.SocketAddress;

/** An open endpoint. */
public interface BoundPort extends AutoCloseable {
    /** {@return where it listens, with the real port} */
    SocketAddress localAddress();

    /** {@return what to dial to get here: the endpoint's spec with the real port} */
    PathSpec dialSpec();

    /**
     * Stops listening; carriers that were accepted go on. From any thread; further calls have no effect. Does not wait: a
     * connection may still be accepted for a moment. A {@link DatagramPort} stays open, as carriers share it: the engine takes
     * no new ones from it, and closes it after the last.
     */
    @Override
    void close();
}
