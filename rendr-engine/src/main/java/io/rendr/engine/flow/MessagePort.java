// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.rendr.engine.wire.FrameType;
import io.rendr.engine.wire.HandshakeDatagram;
import org.jspecify.annotations.Nullable;

/**
 * The part of a datagram carrier that is the same at both ends: messages of the handshake in datagrams, and what of that
 * which comes in is let through. Datagrams may come twice, late, or from anybody, so one that does not fit is dropped.
 */
public abstract class MessagePort implements PacketPort {
    private final ByteBufAllocator allocator;
    private final long connectionId;
    private long peerConnectionId;
    private @Nullable CarrierEvents events;
    private byte @Nullable [] last;
    private boolean retried;
    private boolean established;

    /**
     * @param connectionId what the peer shall address its datagrams by
     */
    protected MessagePort(ByteBufAllocator allocator, long connectionId) {
        this.allocator = allocator;
        this.connectionId = connectionId;
    }

    /** Takes a datagram to where the carrier leads, and the duty to release it; it leaves at once. */
    protected abstract void send(ByteBuf datagram);

    @Override
    public void events(CarrierEvents next) {
        events = next;
    }

    /** Who hears of the carrier now. */
    protected final @Nullable CarrierEvents events() {
        return events;
    }

    @Override
    public final long connectionId() {
        return connectionId;
    }

    @Override
    public final long peerConnectionId() {
        return peerConnectionId;
    }

    @Override
    public final void peerConnectionId(long id) {
        peerConnectionId = id;
    }

    @Override
    public final void established() {
        established = true;
    }

    @Override
    public final void write(ByteBuf message) {
        byte[] bytes = new byte[message.readableBytes()];
        message.readBytes(bytes).release();
        last = bytes;
        repeat();
    }

    @Override
    public final void repeat() {
        byte[] message = last;
        if (message != null) {
            ByteBuf datagram = allocator.directBuffer(HandshakeDatagram.HEADER + message.length);
            HandshakeDatagram.write(datagram, peerConnectionId, message);
            send(datagram);
        }
    }

    /** Hands a datagram on that carries this end's connection id. The caller keeps the duty to release it. */
    public final void received(ByteBuf datagram, long now) {
        CarrierEvents to = events;
        if (to == null) {
            return;
        }
        if (established) {
            to.received(datagram, now);
        } else if (HandshakeDatagram.is(datagram)) {
            byte[] message = HandshakeDatagram.message(datagram);
            if (message != null && !isSecondRetry(message)) {
                received(message, now);
            }
        }
    }

    /** Hands a message on. */
    final void received(byte[] message, long now) {
        CarrierEvents to = events;
        if (to != null) {
            to.received(Unpooled.wrappedBuffer(message), now);
        }
    }

    /** Both of two that are sent out may be answered so. */
    private boolean isSecondRetry(byte[] message) {
        boolean second = message[0] == FrameType.RETRY && retried;
        retried |= message[0] == FrameType.RETRY;
        return second;
    }
}
