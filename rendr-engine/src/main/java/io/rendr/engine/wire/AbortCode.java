// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

/**
 * The codes of STOP and ABORT. 0 to 2^31 - 1 are the application's; the engine's own have the top bit set, so the two
 * never meet.
 */
public final class AbortCode {
    /** The end that closed gave up waiting for its tail to be read. */
    public static final int LINGER_EXPIRED = 0x8000_0001;
    /** No path answered for longer than the migration budget. */
    public static final int BUDGET_EXCEEDED = 0x8000_0002;
    /** Migrations brought no progress. */
    public static final int ZOMBIE = 0x8000_0003;
    /** Several carriers in a row broke the protocol. */
    public static final int PROTOCOL = 0x8000_0004;
    /** The runtime is closing. */
    public static final int SHUTTING_DOWN = 0x8000_0005;
    /** Admission did not decide, or nobody took the flow, in time. */
    public static final int NOT_CLAIMED = 0x8000_0006;
    /** An internal limit or a failure of the engine. */
    public static final int INTERNAL = 0x8000_0007;
    /** The reading side was closed: what is still written will not be read. The usual code of STOP. */
    public static final int CLOSED = 0x8000_0008;

    private AbortCode() {}

    /** Whether {@code code} was chosen by an application. */
    public static boolean isApplication(int code) {
        return code >= 0;
    }
}
