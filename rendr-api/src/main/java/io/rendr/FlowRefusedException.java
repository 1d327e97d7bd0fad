// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import org.jspecify.annotations.Nullable;

/** The peer was reached, proved itself, and does not take the flow. */
public final class FlowRefusedException extends RendrException {
    /** Code: the peer has no room for another flow, or is too busy with handshakes. Try again later. */
    public static final int BUSY = -1;
    /** Code: nobody at the peer accepts flows of this kind, or its backlog is full. */
    public static final int NOBODY_ACCEPTS = -2;
    /** Code: nobody took the flow within the peer's claim time-out. */
    public static final int NOT_CLAIMED = -3;
    /** Code: the peer is shutting down. */
    public static final int SHUTTING_DOWN = -4;

    private static final long serialVersionUID = 1L;

    /** The code. */
    private final int code;

    /**
     * Creates the exception.
     *
     * @param flowId the flow; {@code null} if unknown
     * @param code what the peer's application gave to {@link Incoming#refuse(int)}, or one of the negative constants
     */
    public FlowRefusedException(@Nullable FlowId flowId, int code) {
        super(flowId, "the peer refused " + flow(flowId) + ", code " + meaning(code), null);
        this.code = code;
    }

    private static String meaning(int code) {
        switch (code) {
            case BUSY:
                return code + " (busy: no room for another flow now; try again later or raise its memoryBudget)";
            case NOBODY_ACCEPTS:
                return code + " (nobody accepts this kind of flow there, or its backlog is full)";
            case NOT_CLAIMED:
                return code + " (its application did not take the flow within claimTimeout)";
            case SHUTTING_DOWN:
                return code + " (it is shutting down)";
            default:
                return code + " (its application said no)";
        }
    }

    /** {@return what the peer's application gave to {@link Incoming#refuse(int)}, from 0; or a negative constant} */
    public int code() {
        return code;
    }
}
