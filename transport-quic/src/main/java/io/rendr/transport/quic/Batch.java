// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayDeque;

/**
 * What is put off until the socket has delivered all that it had. It comes before the codec says what it has received, so that
 * credit that is given back leaves in the packet of the acknowledgement, not in one of its own. In front of the codec.
 */
final class Batch extends ChannelInboundHandlerAdapter {
    private final ArrayDeque<Runnable> last = new ArrayDeque<>();

    /** While the codec reads a packet. */
    void atEnd(Runnable what) {
        last.add(what);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        for (Runnable next = last.poll(); next != null; next = last.poll()) {
            next.run();
        }
        context.fireChannelReadComplete();
    }
}
