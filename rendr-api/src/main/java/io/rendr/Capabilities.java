// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/** Names of what a runtime or a path can do, as exchanged in the handshake. Unknown names are ignored. */
public final class Capabilities {
    /** Speaks the rendr protocol. */
    public static final String RENDR = "rendr";
    /** Carries application connections. */
    public static final String L7 = "l7";
    /** Can take captured IP traffic from a TUN device. */
    public static final String TUN = "tun";
    /** Understands {@link L3Identity}. */
    public static final String L3_IDENTITY = "l3_identity";
    /** Can take over established TCP connections of the kernel. */
    public static final String TCP_REPAIR = "tcp_repair";
    /** Runs paths over a user-space TCP/IP stack. */
    public static final String GVISOR = "gvisor";
    /** Accepts paths of different transports in one flow. */
    public static final String MIXED = "mixed";
    /** Accepts packet flows. */
    public static final String PACKET_MODE = "packet_mode";
    /** Carries packets in QUIC DATAGRAM frames (RFC 9221). */
    public static final String QUIC_DATAGRAM = "quic_datagram";

    private Capabilities() {}
}
