// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

/**
 * The peer's bytes break the protocol. It ends the carrier they came on, never the flow.
 *
 * <p>It has no stack trace: a hostile peer can cause it at will, and its reason and text say all there is.
 */
public final class WireException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why, as a stable key for counters and tests. */
    public enum Reason {
        /** A frame type below 0x80 that this version does not know. */
        UNKNOWN_TYPE,
        /** A handshake message where none may come: after the carrier was confirmed, or the wrong one. */
        HANDSHAKE_FRAME,
        /** A frame that only a handshake may carry was expected, and something else came. */
        NOT_HANDSHAKE,
        /** A flag bit that the type does not define. */
        BAD_FLAGS,
        /** A frame longer or shorter than its type allows, or whose inner lengths do not add up. */
        BAD_LENGTH,
        /** A field with a value outside its range. */
        BAD_VALUE,
        /** A sealed record that is cut, forged or out of order. */
        BAD_RECORD,
        /** A frame that does not end with the sealed record it began in. */
        FRAME_SPANS_RECORDS,
        /** Payload beyond the limit that was granted. */
        BEYOND_LIMIT,
        /** A well-formed frame that the state of the flow does not allow here. */
        UNEXPECTED
    }

    private final Reason reason;

    public WireException(Reason reason, String text) {
        super(text, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    @Override
    public String toString() {
        return "WireException[" + reason + "]: " + getMessage();
    }
}
