// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.rendr.CloseReason;
import io.rendr.FlowKind;
import io.rendr.PathSpec;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What the engine lends a transport, for one test: two event loops, threads that may block, requests. */
final class Lab implements AutoCloseable {
    final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    final EventLoop loop = loops.next();
    final ExecutorService threads = Executors.newCachedThreadPool();

    /** Runs on the event loop and waits. */
    <T> T on(EventLoop where, Callable<T> body) throws Exception {
        return where.submit(body).get(30, TimeUnit.SECONDS);
    }

    void run(Carrier carrier, Runnable body) throws Exception {
        carrier.eventLoop().submit(body).get(30, TimeUnit.SECONDS);
    }

    static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    StreamCarrier connect(PathSpec to) throws Exception {
        Dial request = new Dial(to, Duration.ofSeconds(10));
        return await(on(loop, () -> Carriers.connect(request, to.socketAddress(), CarrierTraits.STREAM, b -> {})));
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(30, TimeUnit.SECONDS)) {
                throw new AssertionError("a blocking thread is left");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private abstract class Lent implements CarrierContext {
        private static final Map<Class<?>, ChannelFactory<?>> KINDS = Map.of(
                SocketChannel.class, NioSocketChannel::new, ServerSocketChannel.class, NioServerSocketChannel::new);

        private final PathSpec spec;

        Lent(PathSpec spec) {
            this.spec = spec;
        }

        @Override
        public PathSpec spec() {
            return spec;
        }

        @Override
        public EventLoop eventLoop() {
            return loop;
        }

        @Override
        public Bootstrap bootstrap(Class<? extends Channel> kind) {
            return new Bootstrap().group(loop).channelFactory(channelFactory(kind));
        }

        @Override
        @SuppressWarnings("unchecked") // the map holds a factory of each kind under that kind
        public <C extends Channel> ChannelFactory<? extends C> channelFactory(Class<C> kind) {
            return (ChannelFactory<? extends C>) KINDS.get(kind);
        }

        @Override
        public <T> CompletionStage<T> blocking(Callable<T> body) {
            CompletableFuture<T> result = new CompletableFuture<>();
            threads.execute(() -> {
                try {
                    T value = body.call();
                    loop.execute(() -> result.complete(value));
                } catch (Throwable t) {
                    loop.execute(() -> result.completeExceptionally(t));
                }
            });
            return result;
        }
    }

    /** A request to dial that a test can cancel. */
    final class Dial extends Lent implements DialRequest {
        private final Duration timeout;
        private @Nullable Runnable release;

        Dial(PathSpec spec, Duration timeout) {
            super(spec);
            this.timeout = timeout;
        }

        @Override
        public FlowKind flowKind() {
            return FlowKind.STREAM;
        }

        @Override
        public Duration timeout() {
            return timeout;
        }

        @Override
        public int attempt() {
            return 1;
        }

        @Override
        public void onCancel(Runnable release) {
            this.release = release;
        }

        void cancel() {
            if (release != null) {
                release.run();
            }
        }
    }

    /** A request to listen that collects what is accepted. */
    final class Bind extends Lent implements BindRequest {
        final BlockingQueue<Carrier> accepted = new LinkedBlockingQueue<>();
        final CompletableFuture<Throwable> failure = new CompletableFuture<>();
        volatile boolean accepting = true;

        Bind(PathSpec spec) {
            super(spec);
        }

        @Override
        public EventLoopGroup eventLoops() {
            return loops;
        }

        @Override
        public void accepted(Carrier carrier) {
            accepted.add(carrier);
        }

        @Override
        public boolean accepting() {
            return accepting;
        }

        @Override
        public void failed(Throwable cause) {
            failure.complete(cause);
        }

        @Override
        public void port(DatagramPort port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void onCancel(Runnable release) {}

        StreamCarrier next() throws InterruptedException {
            Carrier carrier = accepted.poll(30, TimeUnit.SECONDS);
            if (carrier == null) {
                throw new AssertionError("nothing was accepted");
            }
            return (StreamCarrier) carrier;
        }
    }

    /** Counts and sums what a carrier tells, and notes what must not happen. */
    static class Ear implements CarrierListener {
        final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
        private final CompletableFuture<Void> enough = new CompletableFuture<>();
        private final long wanted;
        volatile long bytes;
        private final CRC32C crc = new CRC32C();
        volatile int reads;
        volatile int batches;
        volatile int wakes;
        volatile int ends;
        volatile boolean afterEnd;
        boolean pending;

        Ear(long wanted) {
            this.wanted = wanted;
        }

        Ear() {
            this(Long.MAX_VALUE);
        }

        /** What arrived, as a number that changes if a byte is lost, doubled or swapped. */
        long hash() {
            return crc.getValue();
        }

        void awaitBytes() throws Exception {
            enough.get(60, TimeUnit.SECONDS);
        }

        CloseReason awaitClosed() throws Exception {
            return closed.get(30, TimeUnit.SECONDS);
        }

        @Override
        public void received(ByteBuf data, int segmentSize) {
            afterEnd |= ends > 0;
            pending = true;
            reads = reads + 1;
            crc.update(data.nioBuffer());
            bytes = bytes + data.readableBytes();
            data.release();
        }

        @Override
        public void readComplete() {
            afterEnd |= ends > 0 || !pending;
            pending = false;
            batches = batches + 1;
            if (bytes >= wanted) {
                enough.complete(null);
            }
        }

        @Override
        public void writable() {
            afterEnd |= ends > 0;
            wakes = wakes + 1;
        }

        @Override
        public void closed(CloseReason why) {
            ends = ends + 1;
            closed.complete(why);
        }
    }

    /** Sends a pattern by the rules of {@link Carrier}: while there is credit; then flush, look again, wait to be woken. */
    static final class Pump extends Ear {
        private final StreamCarrier carrier;
        private final int total;
        private final int slice;
        private int sent;
        private final CRC32C sentCrc = new CRC32C();
        private final byte[] pattern;
        long mostQueued;
        boolean insideCall;
        boolean calledBack;

        Pump(StreamCarrier carrier, int total, int slice, long wanted) {
            super(wanted);
            this.carrier = carrier;
            this.total = total;
            this.slice = slice;
            this.pattern = new byte[slice + 251];
            new Random(1).nextBytes(pattern);
        }

        long sentHash() {
            return sentCrc.getValue();
        }

        void begin() {
            carrier.start(this);
            pump();
        }

        private void pump() {
            insideCall = true;
            while (sent < total && carrier.credit() > 0) {
                for (int credit = carrier.credit(); sent < total && credit > 0; credit = carrier.credit()) {
                    int n = Math.min(Math.min(slice, credit), total - sent);
                    ByteBuf data = PooledByteBufAllocator.DEFAULT.directBuffer(n);
                    data.writeBytes(pattern, sent % 251, n);
                    sentCrc.update(pattern, sent % 251, n);
                    sent += n;
                    carrier.write(data);
                    mostQueued = Math.max(mostQueued, carrier.queued());
                }
                carrier.flush();
            }
            insideCall = false;
        }

        @Override
        public void writable() {
            calledBack |= insideCall;
            super.writable();
            pump();
        }
    }
}
