// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.rendr.CloseReason;
import io.rendr.PathSpec;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.CarrierListener;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.ChannelSecurity;
import io.rendr.spi.DialRequest;
import io.rendr.spi.PacketCarrier;
import io.rendr.spi.PacketPathFactory;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Carriers of datagrams in this process that protect them and control congestion by themselves, as those of QUIC do: the dialer has
 * verified the acceptor, each carrier leads to one peer, and of what is under way at a time more than a queue holds is dropped
 * without a word.
 */
final class GuardedDatagrams implements PacketPathFactory {
    /** Datagrams of which the queue of a carrier drops the next. */
    static final int QUEUE = 128;

    private static final int PORT = 1;
    private static final Map<Integer, BindRequest> OPEN = new ConcurrentHashMap<>();
    private static final AtomicInteger PORTS = new AtomicInteger(PORT);

    /** What all of them have dropped, and the most that was under way on one. */
    static final AtomicInteger DROPPED = new AtomicInteger();

    static final AtomicInteger MOST_UNDER_WAY = new AtomicInteger();

    private final int size;

    GuardedDatagrams(int size) {
        this.size = size;
    }

    @Override
    public String transport() {
        return "guarded";
    }

    @Override
    public CompletionStage<PacketCarrier> dial(DialRequest request) {
        int port = request.spec().socketAddress().getPort();
        BindRequest there = OPEN.get(port);
        if (there == null || !there.accepting()) {
            return CompletableFuture.failedFuture(new ConnectException("nobody listens at " + request.spec()));
        }
        End near = new End(request.eventLoop(), ChannelSecurity.AUTHENTICATED);
        End far = new End(there.eventLoops().next(), ChannelSecurity.ENCRYPTED);
        near.peer = far;
        far.peer = near;
        far.loop.execute(() -> there.accepted(far));
        return CompletableFuture.completedFuture(near);
    }

    @Override
    public CompletionStage<BoundPort> bind(BindRequest request) {
        int port = PORTS.incrementAndGet();
        OPEN.put(port, request);
        PathSpec spec = request.spec().withPort(port);
        return CompletableFuture.completedFuture(new BoundPort() {
            @Override
            public SocketAddress localAddress() {
                return InetSocketAddress.createUnresolved("here", port);
            }

            @Override
            public PathSpec dialSpec() {
                return spec;
            }

            @Override
            public void close() {
                OPEN.remove(port);
            }
        });
    }

    /** One end of a carrier. */
    private final class End implements PacketCarrier {
        private final EventLoop loop;
        private final CarrierTraits traits;
        private final AtomicInteger underWay = new AtomicInteger();
        private final List<ByteBuf> written = new ArrayList<>();
        private final List<ByteBuf> early = new ArrayList<>();
        private @Nullable End peer;
        private @Nullable CarrierListener listener;
        private @Nullable CloseReason ended;

        End(EventLoop loop, ChannelSecurity security) {
            this.loop = loop;
            this.traits = new CarrierTraits(security, false, true, null, Set.of(), null);
        }

        private End peer() {
            End other = peer;
            if (other == null) {
                throw new IllegalStateException("an end of its own");
            }
            return other;
        }

        @Override
        public EventLoop eventLoop() {
            return loop;
        }

        @Override
        public CarrierTraits traits() {
            return traits;
        }

        @Override
        public SocketAddress localAddress() {
            return InetSocketAddress.createUnresolved("here", PORT);
        }

        @Override
        public SocketAddress remoteAddress() {
            return InetSocketAddress.createUnresolved("there", PORT);
        }

        @Override
        public int maxDatagramSize() {
            return size;
        }

        @Override
        public int maxUnderWay() {
            return QUEUE / 2;
        }

        @Override
        public void start(CarrierListener heard) {
            listener = heard;
            loop.execute(() -> {
                early.forEach(this::deliver);
                early.clear();
                tellEnd();
            });
        }

        @Override
        public int credit() {
            return ended == null ? QUEUE : 0;
        }

        @Override
        public long queued() {
            return 0;
        }

        @Override
        public void write(ByteBuf datagrams, int segmentSize) {
            while (ended == null && datagrams.isReadable()) {
                int length = Math.min(segmentSize, datagrams.readableBytes());
                if (length > size || underWay.get() >= QUEUE) {
                    DROPPED.incrementAndGet();
                    datagrams.skipBytes(length);
                } else {
                    MOST_UNDER_WAY.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                    written.add(ByteBufAllocator.DEFAULT.buffer(length).writeBytes(datagrams, length));
                }
            }
            datagrams.release();
        }

        @Override
        public void flush() {
            List<ByteBuf> batch = List.copyOf(written);
            written.clear();
            if (!batch.isEmpty() && !tell(() -> peer().arrived(batch))) {
                batch.forEach(ByteBuf::release);
            }
        }

        /** Does something at the other end; false if that has ended with its runtime. */
        private boolean tell(Runnable task) {
            try {
                peer().loop.execute(task);
                return true;
            } catch (RejectedExecutionException e) {
                return false;
            }
        }

        private void arrived(List<ByteBuf> batch) {
            peer().underWay.addAndGet(-batch.size());
            for (ByteBuf datagram : batch) {
                if (listener == null && ended == null) {
                    early.add(datagram);
                } else {
                    deliver(datagram);
                }
            }
            if (listener != null && ended == null) {
                listener.readComplete();
            }
        }

        private void deliver(ByteBuf datagram) {
            CarrierListener heard = listener;
            if (heard == null || ended != null) {
                datagram.release();
            } else {
                heard.received(datagram, Math.max(1, datagram.readableBytes()));
            }
        }

        @Override
        public void close(CloseReason why) {
            if (ended == null) {
                end(why);
                tell(() -> peer().end(CloseReason.of(CloseReason.Kind.PEER_CLOSED, "the other end was closed")));
            }
        }

        private void end(CloseReason why) {
            if (ended == null) {
                ended = why;
                written.forEach(ByteBuf::release);
                written.clear();
                early.forEach(ByteBuf::release);
                early.clear();
                loop.execute(this::tellEnd);
            }
        }

        private void tellEnd() {
            CarrierListener heard = listener;
            CloseReason why = ended;
            if (heard != null && why != null) {
                listener = null;
                heard.closed(why);
            }
        }
    }
}
