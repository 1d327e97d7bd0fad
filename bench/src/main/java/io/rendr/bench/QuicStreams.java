// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.pkitesting.X509Bundle;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The baseline for streams over QUIC. It writes from its loop and reads on its loop, so nothing is handed to another thread.
 */
final class QuicStreams extends RawQuic {
    /** Listens, and counts what comes. Returns the port. */
    int sink(X509Bundle shown, AtomicLong received) throws Exception {
        return listen(here(0), shown, NOTHING, new ChannelInitializer<QuicStreamChannel>() {
                    @Override
                    protected void initChannel(QuicStreamChannel stream) {
                        stream.pipeline().addLast(new Sink(received));
                    }
                })
                .getPort();
    }

    /** Connects, and writes until it is closed. */
    AutoCloseable source(int port) throws Exception {
        QuicChannel connection = dial(here(port), NOTHING);
        Source source = new Source();
        connection
                .newStreamBootstrap()
                .type(QuicStreamType.BIDIRECTIONAL)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .handler(source)
                .create()
                .sync();
        return () -> {
            source.stopped = true;
            close(connection);
        };
    }

    private static final class Sink extends ChannelInboundHandlerAdapter {
        private final AtomicLong received;

        Sink(AtomicLong received) {
            this.received = received;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf data = (ByteBuf) message;
            received.getAndAdd(data.readableBytes());
            data.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // The source ends a run by closing the connection.
            ctx.close();
        }
    }

    /** What the codec does not take at once it keeps, and says that it takes no more: at most one block waits. */
    private static final class Source extends ChannelInboundHandlerAdapter {
        private volatile boolean stopped;
        private final ByteBuf block =
                Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(Loops.WRITE)));

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            pump(ctx);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            pump(ctx);
        }

        private void pump(ChannelHandlerContext ctx) {
            while (!stopped && ctx.channel().isWritable()) {
                ctx.write(block.duplicate());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            stopped = true;
            ctx.close();
        }
    }
}
