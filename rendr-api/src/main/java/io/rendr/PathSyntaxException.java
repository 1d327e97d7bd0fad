// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/** The text of a path cannot be read. The message shows the text, secrets hidden, and says where and why. */
public final class PathSyntaxException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** Where in the text. */
    private final int index;

    /** Why. */
    private final String reason;

    /**
     * Creates the exception.
     *
     * @param input the text, without secrets
     * @param index position of the problem in the original text, from 0
     * @param reason what is wrong and what was expected
     */
    public PathSyntaxException(String input, int index, String reason) {
        super("'" + input + "', character " + (index + 1) + ": " + reason);
        this.index = index;
        this.reason = reason;
    }

    /** {@return position of the problem in the original text, from 0} */
    public int index() {
        return index;
    }

    /** {@return what is wrong and what was expected} */
    public String reason() {
        return reason;
    }
}
