// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.DatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.pkitesting.CertificateBuilder;
import io.rendr.bench.RawQuic;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** DATAGRAM frames of Netty's QUIC codec, as they are. An endpoint or path is {@code host:port}. */
final class QuicDatagrams implements Wire.Kind {
    private final RawQuic quic = new RawQuic();

    @Override
    public Wire.Port listen(List<String> endpoints) throws IOException {
        BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();
        InetSocketAddress bound;
        try {
            bound = quic.listen(
                    SocketWire.address(endpoints.get(0)),
                    new CertificateBuilder()
                            .ecp256()
                            .subject("CN=raw")
                            .setIsCertificateAuthority(true)
                            .buildSelfSigned(),
                    new ChannelInitializer<QuicChannel>() {
                        @Override
                        protected void initChannel(QuicChannel channel) {
                            Connection connection = new Connection();
                            channel.pipeline().addLast(connection);
                            accepted.add(connection);
                        }
                    },
                    RawQuic.NOTHING);
        } catch (Exception e) {
            throw new IOException("cannot listen at " + endpoints + ": " + e, e);
        }
        return new Wire.Port() {
            @Override
            public List<String> endpoints() {
                return List.of(bound.getHostString() + ":" + bound.getPort());
            }

            @Override
            public Wire accept() throws IOException {
                try {
                    return accepted.take();
                } catch (InterruptedException e) {
                    throw new IOException("interrupted", e);
                }
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Wire dial(List<String> paths) throws IOException {
        Connection connection = new Connection();
        try {
            quic.dial(SocketWire.address(paths.get(0)), connection);
        } catch (Exception e) {
            throw new IOException("cannot connect to " + paths + ": " + e, e);
        }
        return connection;
    }

    @Override
    public void close() {
        quic.close();
    }

    /** What has come waits for its reader, who is woken once for all that came together. */
    private static final class Connection extends ChannelInboundHandlerAdapter implements PacketWire {
        private final ArrayDeque<ByteBuf> coming = new ArrayDeque<>();
        private final ArrayDeque<ByteBuf> come = new ArrayDeque<>();
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private volatile QuicChannel channel;
        private boolean ended;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            channel = (QuicChannel) context.channel();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            coming.add((ByteBuf) message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            tell(false);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            tell(true);
        }

        private void tell(boolean end) {
            lock.lock();
            try {
                come.addAll(coming);
                coming.clear();
                ended |= end;
                changed.signal();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            ByteBuf next;
            lock.lock();
            try {
                while (come.isEmpty() && !ended) {
                    changed.await();
                }
                next = come.poll();
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            } finally {
                lock.unlock();
            }
            if (next == null) {
                return -1;
            }
            int size = next.readableBytes();
            next.readBytes(into.limit(into.position() + size));
            next.release();
            return size;
        }

        @Override
        public void send(List<ByteBuffer> packets) {
            QuicChannel to = channel;
            ByteBuf all = to.alloc()
                    .directBuffer(
                            packets.stream().mapToInt(ByteBuffer::remaining).sum());
            int[] sizes = packets.stream().mapToInt(ByteBuffer::remaining).toArray();
            packets.forEach(packet -> all.writeBytes(packet.duplicate()));
            to.eventLoop().execute(() -> {
                for (int size : sizes) {
                    to.write(all.readRetainedSlice(size), to.voidPromise());
                }
                to.flush();
                all.release();
            });
        }

        /** The socket of one that was accepted is that of all. */
        @Override
        public void close() {
            if (channel.parent() instanceof DatagramChannel socket && socket.isConnected()) {
                RawQuic.close(channel);
            } else {
                channel.close().awaitUninterruptibly();
            }
        }
    }
}
