// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.rendr.Capabilities;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.ChannelSecurity;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the two ends agree on in the TLS handshake (RFC 7301): by it an acceptor knows, before any byte of a connection, what kind
 * of carrier that is. A kind with an incompatible use of its connection gets another number.
 */
enum Alpn {
    /** Frames on the first bidirectional stream, which the dialer opens. */
    STREAM("rendr-stream/1", CarrierTraits.STREAM),
    /** Packets in DATAGRAM frames (RFC 9221); no streams. */
    DATAGRAM(
            "rendr-datagram/1",
            new CarrierTraits(ChannelSecurity.NONE, false, true, null, Set.of(Capabilities.QUIC_DATAGRAM), null));

    private final String token;
    private final CarrierTraits traits;

    Alpn(String token, CarrierTraits traits) {
        this.token = token;
        this.traits = traits;
    }

    static Alpn of(QuicOptions.Mode mode) {
        return mode == QuicOptions.Mode.STREAM ? STREAM : DATAGRAM;
    }

    /** What is true of its carriers before anybody is verified. */
    CarrierTraits traits() {
        return traits;
    }

    /**
     * Makes a carrier of a connection.
     *
     * @param mover exchanges the socket; null where that cannot be
     */
    QuicCarrier carrier(
            QuicConnection connection,
            CarrierTraits known,
            InetSocketAddress here,
            InetSocketAddress peer,
            @Nullable Mover mover) {
        return this == STREAM
                ? new QuicStreamCarrier(connection, known, here, peer, mover)
                : new QuicDatagramCarrier(connection, known, here, peer, mover);
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
