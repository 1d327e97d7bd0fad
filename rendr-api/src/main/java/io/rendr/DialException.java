// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** No path to the peer could be opened. {@link #failures()} has the cause of each; they are suppressed exceptions too. */
public final class DialException extends RendrException {
    private static final long serialVersionUID = 1L;

    /** One per path. */
    private final transient @Nullable List<PathFailure> failures;

    /**
     * Creates the exception.
     *
     * @param failures one per path, in the order of the configuration
     */
    public DialException(List<PathFailure> failures) {
        this(
                "no path to the peer could be opened, tried " + failures.size() + ":" + PathFailure.lines(failures),
                failures);
    }

    /**
     * Creates the exception.
     *
     * @param message what happened and what to do
     * @param failures one per path, in the order of the configuration
     */
    public DialException(String message, List<PathFailure> failures) {
        super(null, message, firstCause(failures));
        this.failures = List.copyOf(failures);
        for (PathFailure failure : failures) {
            Throwable cause = failure.reason().cause();
            if (cause != null && cause != getCause()) {
                addSuppressed(cause);
            }
        }
    }

    private static @Nullable Throwable firstCause(List<PathFailure> failures) {
        return failures.isEmpty() ? null : failures.get(0).reason().cause();
    }

    /** {@return one per path, in the order of the configuration} */
    public List<PathFailure> failures() {
        return failures == null ? List.of() : failures; // null after deserialization
    }
}
