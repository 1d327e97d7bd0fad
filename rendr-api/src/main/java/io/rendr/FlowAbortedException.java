// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import org.jspecify.annotations.Nullable;

/** {@link Conn#abort(int)} was called at one of the ends, or the engine had to give the flow up. */
public final class FlowAbortedException extends RendrException {
    /** Code: the end that closed gave up waiting for its tail to be read within the linger time. */
    public static final int LINGER_EXPIRED = 0x8000_0001;
    /** Code: no path answered the other end for longer than the migration budget. */
    public static final int BUDGET_EXCEEDED = 0x8000_0002;
    /** Code: migrations brought the other end no progress. */
    public static final int ZOMBIE = 0x8000_0003;
    /** Code: too many carriers of the flow broke the protocol. */
    public static final int PROTOCOL = 0x8000_0004;
    /** Code: the runtime is closing. */
    public static final int SHUTTING_DOWN = 0x8000_0005;
    /** Code: admission did not decide, or nobody took the flow, in time. */
    public static final int NOT_CLAIMED = 0x8000_0006;
    /** Code: an internal limit or a failure of the engine or of the connection's handler. */
    public static final int INTERNAL = 0x8000_0007;
    /** Code: the reading end closed; what is still written will not be read. */
    public static final int CLOSED = 0x8000_0008;
    /** Code: no path of the dialing end carries packets as large as the flow's may be. */
    public static final int TOO_SMALL = 0x8000_0009;

    private static final long serialVersionUID = 1L;

    /** The code. */
    private final int code;

    /** Which end. */
    private final boolean byPeer;

    /**
     * Creates the exception.
     *
     * @param flowId the flow; {@code null} if unknown
     * @param code what was given to {@link Conn#abort(int)}, or one of the constants, which are negative
     * @param byPeer whether the peer did it
     */
    public FlowAbortedException(@Nullable FlowId flowId, int code, boolean byPeer) {
        super(
                flowId,
                flow(flowId) + " was aborted by " + (byPeer ? "the peer" : "this end") + ", code " + meaning(code),
                null);
        this.code = code;
        this.byPeer = byPeer;
    }

    private static String meaning(int code) {
        if (code >= 0) {
            return String.valueOf(code);
        }
        return "0x" + Integer.toHexString(code) + " (" + engineMeaning(code) + ")";
    }

    private static String engineMeaning(int code) {
        switch (code) {
            case LINGER_EXPIRED:
                return "what was written last was not read within the linger time after close";
            case BUDGET_EXCEEDED:
                return "no path answered there for longer than the migration budget";
            case ZOMBIE:
                return "migrations brought no progress there";
            case PROTOCOL:
                return "too many protocol errors; run the same version at both ends";
            case SHUTTING_DOWN:
                return "the runtime is closing";
            case NOT_CLAIMED:
                return "the application did not take the flow within claimTimeout";
            case INTERNAL:
                return "the engine or the handler of the connection failed; see the log there";
            case CLOSED:
                return "the reading end has closed the connection";
            case TOO_SMALL:
                return "no path carries packets as large as maxPacketSize";
            default:
                return "unknown to this version";
        }
    }

    /** {@return what was given to {@link Conn#abort(int)}, from 0; or one of the constants, which are negative} */
    public int code() {
        return code;
    }

    /** {@return whether the peer did it} */
    public boolean byPeer() {
        return byPeer;
    }
}
