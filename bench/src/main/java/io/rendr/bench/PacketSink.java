// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** The far end of a baseline: hands what arrives, whatever it is wrapped in, to the meter on the loop on which it came. */
@ChannelHandler.Sharable
final class PacketSink extends ChannelInboundHandlerAdapter {
    private final PacketMeter meter;

    PacketSink(PacketMeter meter) {
        this.meter = meter;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf data = message instanceof ByteBufHolder holder ? holder.content() : (ByteBuf) message;
        int at = data.readerIndex();
        meter.arrived(
                data.getLong(at + PacketMeter.RUN),
                data.getLong(at + PacketMeter.NUMBER),
                data.getLong(at + PacketMeter.DUE),
                data.readableBytes());
        data.release();
    }
}
