// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.link.PathMtu;
import io.rendr.engine.wire.HandshakeDatagram;
import io.rendr.spi.ChannelSecurity;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The way out to one datagram carrier. {@link #credit} counts datagrams. What {@link #write(ByteBuf)} takes is a message of
 * the handshake, which the port puts into a datagram; what {@link CarrierEvents#received} gives is one message, or once the
 * handshake is over whatever claims to be a packet.
 */
public interface PacketPort extends CarrierPort {
    /** On a carrier that protects its datagrams the address of the dialer has been proved. */
    @Override
    default int leastMessage() {
        return security() == ChannelSecurity.NONE ? PathMtu.BASE - HandshakeDatagram.HEADER : 0;
    }

    /** Bytes of the largest datagram that it takes; the route may carry less. */
    int maxDatagram();

    /**
     * How many datagrams may be under way on a carrier that controls congestion by itself; more may be dropped before they
     * leave. 0 if it is for the engine to control congestion.
     */
    default int mostUnderWay() {
        return 0;
    }

    /** How many datagrams of equal size one write may hold. */
    int maxSegments();

    /** What the peer knows the carrier by. */
    long peerConnectionId();

    /**
     * Takes packets of equal size, one behind the other, the last of which may be shorter, and the duty to release
     * them. They leave at the next {@link #flush}, if not before.
     */
    void write(ByteBuf packets, int segmentSize);

    /** The handshake is over: from now on only packets are handed over. */
    void established();

    /** Sends the last message of the handshake again. */
    void repeat();

    /** Where the packet came from that is being handed over; null if the carrier itself sees to addresses. */
    default @Nullable SocketAddress source() {
        return null;
    }

    /** Sends one packet to another address than {@link #remoteAddress}. */
    default void write(ByteBuf packet, SocketAddress to) {
        throw new UnsupportedOperationException("this carrier has one address");
    }

    /** Whether two addresses are ports of one host. */
    default boolean isSameHost(SocketAddress one, SocketAddress other) {
        return one.equals(other);
    }

    /** Has packets go to another address from now on. */
    default void follow(SocketAddress to) {
        throw new UnsupportedOperationException("this carrier has one address");
    }
}
