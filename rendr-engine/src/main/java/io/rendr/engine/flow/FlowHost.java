// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CloseReason;
import io.rendr.MigrationCause;
import io.rendr.PathSpec;
import io.rendr.RendrException;
import io.rendr.engine.keys.RecordScratch;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a flow asks of whoever drives it. Called under the flow's exclusion; an implementation may call the flow back
 * only after the call that led here has returned.
 */
public interface FlowHost {
    /** Scratch space that no flow under another exclusion uses. */
    RecordScratch scratch();

    /** Calls {@link Flow#onTimer} at {@code nanos} or soon after; replaces the earlier request. */
    void wakeAt(long nanos);

    /**
     * Calls {@code action} with the time, at {@code nanos} or soon after, under the flow's exclusion, even if the flow is
     * over by then. From any thread and under any lock: never from inside this call. Nothing is called any more once the
     * runtime has ended.
     */
    void callAt(long nanos, LongConsumer action);

    /**
     * Opens a carrier for a path; answered by {@link Flow#connected} or {@link Flow#connectFailed}, once.
     *
     * @param attempt 0 for the first attempt since a carrier of the path was last confirmed
     */
    void connect(int pathId, PathSpec spec, int attempt);

    /** Nanoseconds after which {@link #connect} has failed at the latest. */
    long connectTimeout(PathSpec spec);

    /** Gives up {@link #connect}; nothing is answered any more. */
    void cancelConnect(int pathId);

    /** The application's reader finds bytes, the end, or a failure. */
    void readable();

    /** The application's writer finds room, a failure, or that the peer consumed everything up to the end. */
    void writable();

    /** The peer's application took the flow: {@code dial} may return. The dialer's end only. */
    void accepted();

    void migrated(int fromPath, int toPath, MigrationCause cause);

    /** The peer told about itself: at the accepting end, admission can decide now. */
    void introduced();

    /** The state of a path changed. */
    void pathChanged(int pathId);

    /**
     * The flow is over for the application. Carriers may linger a moment to say good-bye.
     *
     * @param failure what reads and writes throw from now on; null after a clean end
     */
    void ended(CloseReason why, @Nullable RendrException failure);

    /** No carrier, timer or attempt is left: the flow may be forgotten. The last call. */
    void released();
}
