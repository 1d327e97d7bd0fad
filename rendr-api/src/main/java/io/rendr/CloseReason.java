// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why a connection, a carrier or an attempt ended.
 *
 * @param kind in a word
 * @param detail in a sentence for people, without a secret
 * @param cause what was thrown; {@code null} if nothing was
 */
public record CloseReason(
        Kind kind, String detail, @Nullable Throwable cause) {
    /** The kinds of end. */
    public enum Kind {
        /** This end closed it on purpose. */
        LOCAL,
        /** The peer closed it cleanly: FIN, or end of file. */
        PEER_CLOSED,
        /** The peer or something between cut it: RST, broken pipe, abort. */
        RESET,
        /** Nobody listens there. */
        REFUSED,
        /** No route, no such host, network down. */
        UNREACHABLE,
        /** No answer in time. */
        TIMEOUT,
        /** The TLS handshake or a TLS record failed. */
        TLS,
        /** The peer broke the protocol. */
        PROTOCOL,
        /** The peer understood and said no. */
        REJECTED,
        /** This machine or the peer ran out of memory, descriptors, ports or room. */
        EXHAUSTED,
        /** The configuration cannot work: bad option, address in use, unknown transport. */
        CONFIG,
        /** Anything else. */
        ERROR
    }

    /** Checks that kind and detail are there. */
    public CloseReason {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(detail, "detail");
    }

    /**
     * A reason without an exception.
     *
     * @param kind in a word
     * @param detail in a sentence
     * @return the reason
     */
    public static CloseReason of(Kind kind, String detail) {
        return new CloseReason(kind, detail, null);
    }

    /**
     * The reason behind an exception of the network: an {@code ECONNREFUSED} becomes {@link Kind#REFUSED}, and so on.
     * Looks through causes and through wrappers such as {@link java.util.concurrent.CompletionException}.
     *
     * @param thrown what was thrown
     * @return the reason, with {@code thrown} as its cause
     */
    public static CloseReason of(Throwable thrown) {
        return CloseReasons.of(thrown);
    }

    /** {@return whether this was an orderly end: {@link Kind#LOCAL} or {@link Kind#PEER_CLOSED}} */
    public boolean isOrderly() {
        return kind == Kind.LOCAL || kind == Kind.PEER_CLOSED;
    }

    /** {@return kind and detail, such as {@code REFUSED: connection refused}} */
    @Override
    public String toString() {
        return detail.isEmpty() ? kind.toString() : kind + ": " + detail;
    }
}
