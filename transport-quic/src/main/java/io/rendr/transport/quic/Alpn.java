// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the two ends agree on in the TLS handshake (RFC 7301): by it an acceptor knows, before any byte of a connection, what kind
 * of carrier that is. A kind with an incompatible use of its connection gets another number.
 */
enum Alpn {
    /** Frames on the first bidirectional stream, which the dialer opens. */
    STREAM("rendr-stream/1");

    private final String token;

    Alpn(String token) {
        this.token = token;
    }

    String token() {
        return token;
    }

    /** All that an acceptor takes. */
    static String[] tokens() {
        return Arrays.stream(values()).map(Alpn::token).toArray(String[]::new);
    }

    /** What was agreed on; empty if nothing that is known here. */
    static Optional<Alpn> of(@Nullable String token) {
        return Arrays.stream(values()).filter(one -> one.token.equals(token)).findFirst();
    }
}
