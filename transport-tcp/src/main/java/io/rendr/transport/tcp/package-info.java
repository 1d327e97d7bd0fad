// SPDX-License-Identifier: Apache-2.0
/**
 * Paths over TCP, plain or with TLS: {@code tcp://host:port}. {@link io.rendr.transport.tcp.TcpTransport} is the transport, found by name;
 * {@link io.rendr.transport.tcp.TcpOptions} says what a path can be told. TLS begins at {@code Tls}.
 */
@NullMarked
package io.rendr.transport.tcp;

import org.jspecify.annotations.NullMarked;
