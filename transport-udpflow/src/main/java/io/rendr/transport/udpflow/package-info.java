// SPDX-License-Identifier: Apache-2.0
/**
 * Paths over UDP: {@code udpflow://host:port}. {@link io.rendr.transport.udpflow.UdpFlowTransport} is the transport, found by
 * name; {@link io.rendr.transport.udpflow.UdpFlowOptions} says what a path can be told. What is sent and received, and what may
 * wait, is in {@code UdpSocket}; {@code UdpCarrier} is the dialer's face of one, {@code UdpPort} the acceptor's, and {@code
 * UdpSockets} opens them.
 */
@NullMarked
package io.rendr.transport.udpflow;

import org.jspecify.annotations.NullMarked;
