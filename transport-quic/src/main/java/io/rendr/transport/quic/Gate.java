// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.util.function.BooleanSupplier;

/**
 * Looks at what would begin a connection before the codec does. Drops it in a datagram of less than 1200 bytes, as RFC 9000
 * sections 6.1 and 14.1 demand: to such a one an acceptor could be made to answer an address that never asked with more than it
 * was sent. Refuses it when the port is closed, without remembering anything.
 */
final class Gate extends ChannelInboundHandlerAdapter {
    private static final int LEAST = 1200;
    private static final int LONG_HEADER = 0x80;
    private static final int TYPE = 0x30;
    private static final int INITIAL = 0x00;
    private static final int HANDSHAKE = 0x20;
    private static final int HEADER = 5;
    private static final int VERSION_1 = 1;

    private final BooleanSupplier isClosed;

    /**
     * @param isClosed whether nobody is to come in any more
     */
    Gate(BooleanSupplier isClosed) {
        this.isClosed = isClosed;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof DatagramPacket packet) {
            ByteBuf content = packet.content();
            if (isTooSmall(content)) {
                packet.release();
                return;
            }
            if (isOfType(content, INITIAL) && isClosed.getAsBoolean()) {
                refuse(context, packet);
                return;
            }
        }
        context.fireChannelRead(message);
    }

    private static void refuse(ChannelHandlerContext context, DatagramPacket packet) {
        try {
            ByteBuf answer = Refusal.of(packet.content());
            if (answer != null) {
                context.writeAndFlush(new DatagramPacket(answer, packet.sender()));
            }
        } finally {
            packet.release();
        }
    }

    private static boolean isTooSmall(ByteBuf datagram) {
        if (datagram.readableBytes() >= LEAST) {
            return false;
        }
        boolean isLong = datagram.isReadable() && (datagram.getByte(datagram.readerIndex()) & LONG_HEADER) != 0;
        return isLong && !isOfType(datagram, HANDSHAKE);
    }

    private static boolean isOfType(ByteBuf datagram, int type) {
        int start = datagram.readerIndex();
        return datagram.readableBytes() >= HEADER
                && (datagram.getByte(start) & (LONG_HEADER | TYPE)) == (LONG_HEADER | type)
                && datagram.getInt(start + 1) == VERSION_1;
    }
}
