// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/** A live connection cannot go from one mode to the other in one step, see {@link Mode#canChangeTo(Mode)}. */
public final class IllegalModeTransitionException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** The mode it has. */
    private final Mode from;

    /** The mode that was asked for. */
    private final Mode to;

    /**
     * Creates the exception.
     *
     * @param from the mode it has
     * @param to the mode that was asked for
     */
    public IllegalModeTransitionException(Mode from, Mode to) {
        super("a connection cannot go from " + from + " to " + to + " in one step: set " + Mode.PRIME + " first");
        this.from = from;
        this.to = to;
    }

    /** {@return the mode it has} */
    public Mode from() {
        return from;
    }

    /** {@return the mode that was asked for} */
    public Mode to() {
        return to;
    }
}
