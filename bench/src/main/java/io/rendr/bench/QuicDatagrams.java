// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The baseline for packets over QUIC: a DATAGRAM frame each. Nothing is numbered or acknowledged but by QUIC, and what arrives is
 * counted on the event loop.
 */
final class QuicDatagrams extends RawQuic {
    /** The codec drops without a word what finds no room in its queue, so its user keeps that half empty. */
    private static final int MOST_WAITING = DATAGRAM_QUEUE / 2;

    /** Listens, and shows the meter what comes. Returns the port. */
    int sink(X509Bundle shown, PacketMeter meter) throws Exception {
        return listen(here(0), shown, new PacketSink(meter), NOTHING).getPort();
    }

    /** Connects. */
    PacketOut source(int port) throws Exception {
        Departures departures = new Departures();
        return new Source(dial(here(port), NOTHING, departures), departures);
    }

    /**
     * Counts, below the codec, what leaves its queue, which it tells nobody of: QUIC packets that are large enough for one of the
     * meter. So is a probe for the MTU, but a connection sends only a few of those.
     */
    private static final class Departures extends ChannelOutboundHandlerAdapter {
        private final AtomicLong count = new AtomicLong();

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            DatagramPacket packet = (DatagramPacket) message;
            int bytes = packet.content().readableBytes();
            int each = packet instanceof SegmentedDatagramPacket segments ? segments.segmentSize() : bytes;
            if (each > PacketMeter.SIZE) {
                count.getAndAdd(bytes / each + (bytes % each > PacketMeter.SIZE ? 1 : 0));
            }
            ctx.write(message, promise);
        }
    }

    private static final class Source implements PacketOut {
        private final QuicChannel connection;
        private final Departures departures;
        private long handed;

        Source(QuicChannel connection, Departures departures) {
            this.connection = connection;
            this.departures = departures;
            this.handed = departures.count.get();
        }

        @Override
        public void send(List<ByteBuffer> packets) throws IOException {
            handed += packets.size();
            PacketOut.await(() -> handed - departures.count.get() <= MOST_WAITING);
            ByteBuf data = connection.alloc().directBuffer(packets.size() * PacketMeter.SIZE);
            packets.forEach(data::writeBytes);
            connection.eventLoop().execute(() -> {
                while (data.isReadable()) {
                    connection.write(data.readRetainedSlice(PacketMeter.SIZE), connection.voidPromise());
                }
                connection.flush();
                data.release();
            });
        }

        @Override
        public void close() {
            RawQuic.close(connection);
        }
    }
}
