// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.List;

/** A configuration is wrong. The message lists every problem that was found, not only the first. */
public final class InvalidConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** The problems, each a sentence. */
    @SuppressWarnings("serial") // List.copyOf is serializable
    private final List<String> problems;

    /**
     * Creates the exception.
     *
     * @param what what is wrong, such as {@code DialerConfig}
     * @param problems each a sentence that says what to change; at least one
     */
    public InvalidConfigException(String what, List<String> problems) {
        super(message(what, problems));
        this.problems = List.copyOf(problems);
    }

    static void throwIfAny(String what, List<String> problems) {
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(what, problems);
        }
    }

    private static String message(String what, List<String> problems) {
        if (problems.size() == 1) {
            return what + ": " + problems.get(0);
        }
        return what + " has " + problems.size() + " problems:\n  - " + String.join("\n  - ", problems);
    }

    /** {@return every problem, each a sentence} */
    public List<String> problems() {
        return problems;
    }
}
