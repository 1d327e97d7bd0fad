// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

/** A command cannot do its work. The message is one line that says why and what to do. */
final class CommandFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandFailedException(String message) {
        super(message);
    }
}
