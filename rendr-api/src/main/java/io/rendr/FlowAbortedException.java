// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import org.jspecify.annotations.Nullable;

/** {@link Conn#abort(int)} was called at one of the ends, or the engine had to give the flow up. */
public final class FlowAbortedException extends RendrException {
    /** Code: the peer did not read to the end within the linger time after {@link Conn#close()}. */
    public static final int LINGER_EXPIRED = -1;
    /** Code: too many carriers of the flow broke the protocol. */
    public static final int PROTOCOL_ERRORS = -2;
    /** Code: the runtime was closed. */
    public static final int RUNTIME_CLOSED = -3;
    /** Code: the connection's handler failed with an exception. */
    public static final int HANDLER_FAILED = -4;

    private static final long serialVersionUID = 1L;

    /** The code. */
    private final int code;

    /** Which end. */
    private final boolean byPeer;

    /**
     * Creates the exception.
     *
     * @param flowId the flow; {@code null} if unknown
     * @param code what was given to {@link Conn#abort(int)}, or one of the negative constants
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
        switch (code) {
            case LINGER_EXPIRED:
                return code + " (not read to the end within the linger time after close)";
            case PROTOCOL_ERRORS:
                return code + " (too many protocol errors; are both ends the same version?)";
            case RUNTIME_CLOSED:
                return code + " (the runtime was closed)";
            case HANDLER_FAILED:
                return code + " (the handler of the connection threw an exception; see the log there)";
            default:
                return String.valueOf(code);
        }
    }

    /** {@return what was given to {@link Conn#abort(int)}, from 0; or one of the negative constants} */
    public int code() {
        return code;
    }

    /** {@return whether the peer did it} */
    public boolean byPeer() {
        return byPeer;
    }
}
