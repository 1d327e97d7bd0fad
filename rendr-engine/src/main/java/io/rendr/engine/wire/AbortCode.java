// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

/**
 * The codes of STOP and ABORT. 0 to 2^31 - 1 are the application's; the engine's own have the top bit set, so the two
 * never meet. Among those, 0x8001_0000 to 0x8001_ffff in an ABORT say that the application refused the flow, and carry its
 * code in the low half; 0x8002_0001 to 0x8002_ffff say that the engine refused it, with its negated code in the low half.
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

    /** No path of the dialer carries packets as large as the flow's may be. */
    public static final int TOO_SMALL = 0x8000_0009;

    private static final int REFUSAL = 0x8001_0000;
    private static final int ENGINE_REFUSAL = 0x8002_0000;
    private static final int REFUSAL_MASK = 0xffff;

    private AbortCode() {}

    /**
     * The code that tells a dialer that its flow was refused.
     *
     * @param code the application's, 0 to 65,535; or the engine's, -1 to -65,535
     */
    public static int refused(int code) {
        if (code < -REFUSAL_MASK || code > REFUSAL_MASK) {
            throw new IllegalArgumentException("a refusal has a code from 0 to 65,535, not " + code);
        }
        return code < 0 ? ENGINE_REFUSAL | -code : REFUSAL | code;
    }

    /** Whether {@code code} came from {@link #refused}. */
    public static boolean isRefusal(int code) {
        int block = code & ~REFUSAL_MASK;
        return block == REFUSAL || block == ENGINE_REFUSAL;
    }

    /** What was given to {@link #refused}. */
    public static int refusal(int code) {
        int low = code & REFUSAL_MASK;
        return (code & ~REFUSAL_MASK) == ENGINE_REFUSAL ? -low : low;
    }

    /** Whether {@code code} was chosen by an application. */
    public static boolean isApplication(int code) {
        return code >= 0;
    }
}
