// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.rendr.CloseReason;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A carrier over something that blocks: one thread that reads, one that writes, and the event loop between them and the
 * engine. Both threads copy through a buffer of their own, so that nothing counted is in their hands while they block: a
 * thread that is stuck for ever holds no buffer of the pool.
 */
final class BlockingCarrier implements StreamCarrier {
    private static final int CHUNK = 64 * 1024;
    private static final int HIGH_WATER = 256 * 1024;
    private static final int LOW_WATER = HIGH_WATER / 2;
    /** How far the reader may be ahead of the event loop. */
    private static final int READ_AHEAD = 1024 * 1024;

    private final EventLoop loop;
    private final CarrierContext context;
    private final BlockingIo io;
    private final CarrierTraits traits;
    private final SocketAddress localAddress;
    private final SocketAddress remoteAddress;

    /** Touched on the event loop only. */
    private @Nullable CarrierListener listener;

    private @Nullable CloseReason ending;
    /** Written and not flushed; touched on the event loop only. */
    private final List<ByteBuf> unflushed = new ArrayList<>();

    /** Guards everything below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition flushed = lock.newCondition();
    private final Condition taken = lock.newCondition();
    private final Queue<ByteBuf> outgoing = new ArrayDeque<>();
    private final Queue<ByteBuf> incoming = new ArrayDeque<>();
    private final List<Thread> threads = new ArrayList<>(2);
    private long outgoingBytes;
    private long incomingBytes;
    private boolean writerStarved;
    private boolean deliveryScheduled;
    private boolean stopped;

    BlockingCarrier(
            CarrierContext context,
            EventLoop loop,
            BlockingIo io,
            CarrierTraits traits,
            SocketAddress localAddress,
            SocketAddress remoteAddress) {
        this.context = context;
        this.loop = loop;
        this.io = io;
        this.traits = traits;
        this.localAddress = localAddress;
        this.remoteAddress = remoteAddress;
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
        return localAddress;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public void start(CarrierListener listener) {
        if (this.listener != null) {
            throw new IllegalStateException("carrier " + this + " was started twice");
        }
        this.listener = Objects.requireNonNull(listener, "listener");
        if (ending != null) {
            loop.execute(this::hearClosed);
            return;
        }
        run(this::readAll);
        run(this::writeAll);
    }

    /** Something that runs until this carrier stops or the thing below fails. */
    private interface Body {
        void run() throws IOException, InterruptedException;
    }

    private void run(Body body) {
        context.blocking(() -> {
                    if (enter()) {
                        try {
                            body.run();
                        } finally {
                            leave();
                        }
                    }
                    return null;
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        loop.execute(() -> close(CloseReason.of(failure)));
                    }
                });
    }

    private boolean enter() {
        lock.lock();
        try {
            return !stopped && threads.add(Thread.currentThread());
        } finally {
            lock.unlock();
        }
    }

    /** The thread goes back to whoever lent it: without an interrupt that was meant for this carrier. */
    private void leave() {
        lock.lock();
        try {
            threads.remove(Thread.currentThread());
            if (stopped) {
                Thread.interrupted();
            }
        } finally {
            lock.unlock();
        }
    }

    private void readAll() throws IOException, InterruptedException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        while (io.read(chunk.clear()) >= 0) {
            if (chunk.position() > 0 && !deliver(chunk.flip())) {
                return;
            }
        }
        loop.execute(() -> close(CloseReason.of(CloseReason.Kind.PEER_CLOSED, "end of file from " + remoteAddress)));
    }

    private boolean deliver(ByteBuffer chunk) throws InterruptedException {
        int size = chunk.remaining();
        lock.lockInterruptibly();
        try {
            while (incomingBytes >= READ_AHEAD && !stopped) {
                taken.await();
            }
            if (stopped) {
                return false;
            }
            incoming.add(PooledByteBufAllocator.DEFAULT.directBuffer(size).writeBytes(chunk));
            incomingBytes += size;
            if (!deliveryScheduled) {
                deliveryScheduled = true;
                loop.execute(this::receive);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void receive() {
        CarrierListener heard = Objects.requireNonNull(listener);
        boolean any = false;
        for (ByteBuf data = nextIncoming(); data != null; data = nextIncoming()) {
            any = true;
            try {
                heard.received(data, 0);
            } catch (RuntimeException | Error e) {
                close(CloseReason.of(e));
                return;
            }
        }
        if (any && ending == null) {
            heard.readComplete();
        }
    }

    private @Nullable ByteBuf nextIncoming() {
        lock.lock();
        try {
            ByteBuf next = incoming.poll();
            if (next == null) {
                deliveryScheduled = false;
            } else {
                incomingBytes -= next.readableBytes();
                taken.signal();
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void writeAll() throws IOException, InterruptedException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        while (true) {
            int size = fill(chunk.clear());
            if (size == 0) {
                return;
            }
            io.write(chunk.flip());
            written(size);
        }
    }

    /** Waits for something to write; 0 = stopped. */
    private int fill(ByteBuffer chunk) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (outgoing.isEmpty() && !stopped) {
                flushed.await();
            }
            while (!outgoing.isEmpty() && chunk.hasRemaining()) {
                ByteBuf next = Objects.requireNonNull(outgoing.peek());
                int n = Math.min(chunk.remaining(), next.readableBytes());
                next.readBytes(chunk.slice(chunk.position(), n));
                chunk.position(chunk.position() + n);
                if (!next.isReadable()) {
                    outgoing.remove();
                    next.release();
                }
            }
            return chunk.position();
        } finally {
            lock.unlock();
        }
    }

    private void written(int size) {
        lock.lock();
        try {
            if (stopped) {
                return; // what was queued is counted off already
            }
            outgoingBytes -= size;
            if (writerStarved && outgoingBytes <= LOW_WATER) {
                writerStarved = false;
                loop.execute(this::wakeWriter);
            }
        } finally {
            lock.unlock();
        }
    }

    private void wakeWriter() {
        // A writer that came back by itself may have used up the room meanwhile; then it is woken again.
        if (ending == null && listener != null && credit() > 0) {
            try {
                listener.writable();
            } catch (RuntimeException | Error e) {
                close(CloseReason.of(e));
            }
        }
    }

    @Override
    public int credit() {
        lock.lock();
        try {
            long room = stopped || writerStarved ? 0 : HIGH_WATER - outgoingBytes;
            if (room <= 0) {
                writerStarved = true;
            }
            return (int) Math.max(0, room);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long queued() {
        lock.lock();
        try {
            return outgoingBytes;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(ByteBuf slice) {
        if (ending != null || !slice.isReadable()) {
            slice.release();
            return;
        }
        unflushed.add(slice);
        lock.lock();
        try {
            outgoingBytes += slice.readableBytes();
            writerStarved |= outgoingBytes >= HIGH_WATER;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void flush() {
        if (unflushed.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            outgoing.addAll(unflushed);
            flushed.signal();
        } finally {
            lock.unlock();
        }
        unflushed.clear();
    }

    @Override
    public void close(CloseReason why) {
        if (ending != null) {
            return;
        }
        ending = why;
        unflushed.forEach(ByteBuf::release);
        unflushed.clear();
        stop();
        context.blocking(() -> {
                    io.close(why);
                    return null;
                })
                .whenComplete((done, failure) -> interruptThreads());
        if (listener != null) {
            loop.execute(this::hearClosed);
        }
    }

    private void stop() {
        lock.lock();
        try {
            stopped = true;
            outgoing.forEach(ByteBuf::release);
            outgoing.clear();
            outgoingBytes = 0;
            incoming.forEach(ByteBuf::release);
            incoming.clear();
            flushed.signalAll();
            taken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** For what does not wake its readers when it is closed, such as the pipe of a process. */
    private void interruptThreads() {
        lock.lock();
        try {
            threads.forEach(Thread::interrupt);
        } finally {
            lock.unlock();
        }
    }

    private void hearClosed() {
        Objects.requireNonNull(listener).closed(Objects.requireNonNull(ending));
    }

    @Override
    public String toString() {
        return localAddress + " - " + remoteAddress;
    }
}
