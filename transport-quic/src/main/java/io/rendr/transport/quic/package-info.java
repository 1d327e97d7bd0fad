// SPDX-License-Identifier: Apache-2.0
/**
 * Paths over QUIC: {@code quic://host:port}. {@link io.rendr.transport.quic.QuicTransport} is the transport, found by name; {@link
 * io.rendr.transport.quic.QuicOptions} says what a path can be told. The codec is Netty's, on quiche: {@code
 * netty-codec-native-quic}, as which {@code netty-incubator-codec-quic} went on with Netty 4.2. {@code QuicConnection} is one
 * connection at either end and says how it ended, {@code QuicStreamCarrier} the carrier on its stream. A dialer begins at {@code
 * QuicDial}, and its socket can be exchanged under the codec: {@code Underlay}. An acceptor is {@code QuicPort}; {@code Admission}
 * and {@code RetryTokens} hold those off that prove nothing, {@code Whereabouts} knows where the others are. At either end {@code
 * Batch} stands between socket and codec, for what is done once for all packets that came together.
 */
@NullMarked
package io.rendr.transport.quic;

import org.jspecify.annotations.NullMarked;
