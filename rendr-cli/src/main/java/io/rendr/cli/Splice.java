// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.Conn;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A socket joined to a flow: what goes in at one end of the tunnel comes out at the other. */
interface Splice {
    /** What the other end is told when it broke at this one. */
    int BROKEN = 1;

    /** The flow. */
    Conn conn();

    /** What was carried so far, for people. */
    String carried();

    /** Why it ended out of order; {@code null} if it did not. */
    @Nullable
    String broken();

    /** Carries until both ways have ended, one of them on this thread, and leaves the flow closed. */
    void run(Executor threads);

    /** Ends both sides at once. */
    void abort(String why);
}
