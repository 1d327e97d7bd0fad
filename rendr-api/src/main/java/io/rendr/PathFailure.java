// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How one path failed.
 *
 * @param name name of the path
 * @param spec what was dialed
 * @param address where the attempt went; {@code null} if no address was reached or known
 * @param reason why it failed
 */
public record PathFailure(
        String name, PathSpec spec, @Nullable SocketAddress address, CloseReason reason) {
    /** Checks that what must be there is. */
    public PathFailure {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(reason, "reason");
    }

    /** {@return a line such as {@code lan (tcp://h1:5555?name=lan at h1/10.0.0.1:5555): REFUSED: connection refused}} */
    @Override
    public String toString() {
        String at = address == null ? "" : " at " + address;
        String shown = spec.toString();
        String label = shown.equals(name) ? name + at : name + " (" + shown + at + ")";
        return label + ": " + reason;
    }

    static String lines(List<PathFailure> failures) {
        return failures.stream().map(f -> "\n  - " + f).collect(Collectors.joining());
    }
}
