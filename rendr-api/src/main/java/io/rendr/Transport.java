// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One kind of path, by name: {@code tcp}, {@code quic}, ... What an application sees of it. Transports are found on the
 * class or module path; one can also be given to {@link RendrConfig.Builder#transport}. Whoever writes a transport
 * implements {@code io.rendr.spi.PathFactory}, which extends this.
 *
 * <p>Instances are thread-safe.
 */
public interface Transport extends AutoCloseable {
    /** {@return the name that paths use: {@code tcp} in {@code tcp://h1:5555}; lower-case letters, digits, {@code + - .}} */
    String transport();

    /**
     * Decides between two transports of the same name that were found: the higher one is used. A tie is an error.
     *
     * @return the priority, default 0
     */
    default int priority() {
        return 0;
    }

    /**
     * Why this transport cannot be used here and now, in words that tell what to do.
     *
     * @return the reason; empty if it can be used, which is the default
     */
    default Optional<String> unavailable() {
        return Optional.empty();
    }

    /** {@return names of {@link Capabilities} that paths of this transport add; default none} */
    default Set<String> capabilities() {
        return Set.of();
    }

    /**
     * The options that its paths take. Those of {@link CommonOptions} are understood anyway; a key listed here under the
     * same name replaces the common one, for another default.
     *
     * @return the keys, default none
     */
    default List<OptionKey<?>> options() {
        return List.of();
    }

    /** Releases what the transport holds for all its paths. Called once, when the runtime closes. Default: nothing. */
    @Override
    default void close() {}
}
