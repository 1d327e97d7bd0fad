// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.rendr.CloseReason;
import io.rendr.MigrationCause;
import io.rendr.RendrException;
import org.jspecify.annotations.Nullable;

/**
 * What a flow has to tell the application's face of it. Called on the flow's home loop, from inside the core: an
 * implementation wakes threads and queues work, and does nothing else.
 */
public interface FlowListener {
    /** The flow came into being: its driver can be asked for it from now on. The first call, unless there is none. */
    void opened();

    /** A reader finds bytes, the end, or a failure. */
    void readable();

    /** A writer finds room, or a failure. */
    void writable();

    /** The peer's application took the flow; at the dialer's end only. */
    void accepted();

    /** The peer told about itself: admission can decide; at the acceptor's end only. */
    void introduced();

    void migrated(int fromPath, int toPath, MigrationCause cause);

    void pathChanged(int pathId);

    /** The flow is over for the application; with what reads and writes throw from now on, or null after a clean end. */
    void ended(CloseReason why, @Nullable RendrException failure);

    /** The runtime is closing: the flow has to be closed in order; any thread. */
    void shutDown();

    /** Nothing of the flow is left. The last call. */
    void released();
}
