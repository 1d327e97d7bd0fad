// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.engine.flow.CarrierEvents;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.engine.memory.ReceiveBuffer;
import io.rendr.spi.ChannelSecurity;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A carrier that lives on another loop than its flow. What arrives is handed over once per read batch, what is written
 * once per flush; there is at most one task under way in each direction.
 *
 * <p>Credit is two counters that only grow: the carrier's loop publishes the offset up to which it takes bytes, the
 * home counts the bytes it handed over. So the home never asks across, and never hands over more than the carrier
 * takes.
 */
final class RemoteCarrier implements CarrierPort {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteCarrier.class);

    /** More than an honest peer can have under way: beyond it the home loop cannot keep up and the carrier is closed. */
    private static final long MAX_WAITING = 2 * ReceiveBuffer.MAX_WINDOW;

    private final CarrierPort carrier;
    private final HomeLoop there;
    private final HomeLoop home;
    private final ChannelSecurity security;
    private final @Nullable String fateGroup;
    private final @Nullable SocketAddress local;
    private volatile @Nullable SocketAddress remote;
    private final Outbound outbound = new Outbound();
    private final Inbound inbound = new Inbound();

    /** Made as a turn of the carrier's loop; from here on this object hears what the carrier reports. */
    RemoteCarrier(CarrierPort carrier, HomeLoop there, HomeLoop home) {
        this.carrier = carrier;
        this.there = there;
        this.home = home;
        security = carrier.security();
        fateGroup = carrier.fateGroup();
        local = carrier.localAddress();
        remote = carrier.remoteAddress();
        outbound.granted = carrier.credit();
        carrier.events(inbound);
    }

    @Override
    public void events(CarrierEvents next) {
        inbound.target = next;
        home.run(inbound.deliver);
    }

    @Override
    public int credit() {
        return outbound.credit();
    }

    @Override
    public void write(ByteBuf bytes) {
        outbound.add(bytes);
    }

    @Override
    public void flush() {
        outbound.hand();
    }

    @Override
    public void close(CloseReason why) {
        outbound.close(why);
    }

    @Override
    public ChannelSecurity security() {
        return security;
    }

    @Override
    public @Nullable String fateGroup() {
        return fateGroup;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return local;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return remote;
    }

    /** Queues a turn; false if that loop has ended, because the runtime does. */
    private static boolean queue(HomeLoop loop, Runnable turn) {
        try {
            loop.loop().execute(() -> loop.turn(turn));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private static void release(ReentrantLock lock, ArrayDeque<ByteBuf> waiting) {
        lock.lock();
        try {
            waiting.forEach(ByteBuf::release);
            waiting.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Home to carrier. */
    private final class Outbound {
        private final ReentrantLock lock = new ReentrantLock();
        private final Runnable drain = this::drain;

        // Under the lock.
        private ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
        private boolean flush;
        private @Nullable CloseReason close;
        private boolean scheduled;

        // The home's.
        private long handed;

        // The carrier's loop's.
        private ArrayDeque<ByteBuf> draining = new ArrayDeque<>();
        private long written;

        private volatile long granted;
        private volatile boolean starved;

        /** Whether the carrier's loop has ended, and takes nothing any more. */
        private volatile boolean gone;

        int credit() {
            long room = granted - handed;
            if (room <= 0) {
                starved = true;
                room = granted - handed;
            }
            return (int) Math.min(Integer.MAX_VALUE, room);
        }

        void add(ByteBuf bytes) {
            handed += bytes.readableBytes();
            if (gone) {
                bytes.release();
                return;
            }
            lock.lock();
            try {
                waiting.add(bytes);
            } finally {
                lock.unlock();
            }
        }

        void hand() {
            schedule(true, null);
        }

        void close(CloseReason why) {
            inbound.ignore();
            schedule(false, why);
        }

        private void schedule(boolean flushToo, @Nullable CloseReason why) {
            boolean first;
            lock.lock();
            try {
                flush |= flushToo;
                if (close == null) {
                    close = why;
                }
                first = !scheduled;
                scheduled = true;
            } finally {
                lock.unlock();
            }
            if (first && !queue(there, drain)) {
                gone = true;
                release(lock, waiting);
            }
        }

        private void drain() {
            boolean flushNow;
            CloseReason closeNow;
            lock.lock();
            try {
                ArrayDeque<ByteBuf> batch = waiting;
                waiting = draining;
                draining = batch;
                flushNow = flush;
                closeNow = close;
                flush = false;
                scheduled = false;
            } finally {
                lock.unlock();
            }
            ByteBuf next = draining.poll();
            while (next != null) {
                written += next.readableBytes();
                carrier.write(next);
                next = draining.poll();
            }
            if (flushNow) {
                carrier.flush();
            }
            if (closeNow != null) {
                carrier.close(closeNow);
            } else {
                publish();
            }
        }

        /** Tells the home how far it may go now; on the carrier's loop. */
        void publish() {
            granted = written + Math.max(0, carrier.credit());
            if (starved) {
                starved = false;
                inbound.wakeWriter();
            }
        }
    }

    /** Carrier to home. */
    private final class Inbound implements CarrierEvents {
        private final ReentrantLock lock = new ReentrantLock();
        private final Runnable deliver = this::deliver;

        // Under the lock.
        private ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
        private long waitingBytes;
        private boolean complete;
        private boolean writable;
        private @Nullable CloseReason closed;
        private boolean scheduled;

        // The home's.
        private ArrayDeque<ByteBuf> delivering = new ArrayDeque<>();
        private @Nullable CarrierEvents target;
        private boolean over;

        private volatile boolean ignored;

        /** Nobody wants to hear more: what waits is dropped, whether or not anybody ever listened. */
        void ignore() {
            lock.lock();
            try {
                ignored = true;
                waiting.forEach(ByteBuf::release);
                waiting.clear();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void received(ByteBuf bytes, long now) {
            boolean tooMuch;
            lock.lock();
            try {
                if (ignored) {
                    return;
                }
                waiting.add(bytes.retain());
                waitingBytes += bytes.readableBytes();
                tooMuch = waitingBytes > MAX_WAITING;
            } finally {
                lock.unlock();
            }
            if (tooMuch) {
                ignored = true;
                carrier.close(CloseReason.of(
                        CloseReason.Kind.EXHAUSTED,
                        "more than " + MAX_WAITING + " bytes of one carrier wait for the flow's event loop"));
            }
        }

        @Override
        public void readComplete(long now) {
            schedule(true, false, null);
        }

        @Override
        public void writable(long now) {
            outbound.publish();
        }

        void wakeWriter() {
            schedule(false, true, null);
        }

        @Override
        public void rerouted(long now) {
            remote = carrier.remoteAddress();
            queue(home, () -> {
                if (target != null && !over) {
                    target.rerouted(Clock.now());
                }
            });
        }

        @Override
        public void closed(CloseReason why, long now) {
            schedule(false, false, why);
        }

        private void schedule(boolean batchEnds, boolean hasRoom, @Nullable CloseReason why) {
            boolean first;
            lock.lock();
            try {
                complete |= batchEnds;
                writable |= hasRoom;
                if (closed == null) {
                    closed = why;
                }
                first = !scheduled;
                scheduled = true;
            } finally {
                lock.unlock();
            }
            if (first && !queue(home, deliver)) {
                ignore();
            }
        }

        private void deliver() {
            if (target == null) {
                return;
            }
            boolean completeNow;
            boolean writableNow;
            CloseReason closedNow;
            lock.lock();
            try {
                ArrayDeque<ByteBuf> batch = waiting;
                waiting = delivering;
                delivering = batch;
                waitingBytes = 0;
                completeNow = complete;
                writableNow = writable;
                closedNow = closed;
                complete = false;
                writable = false;
                scheduled = false;
            } finally {
                lock.unlock();
            }
            if (over) {
                delivering.forEach(ByteBuf::release);
                delivering.clear();
                return;
            }
            try {
                report(completeNow, writableNow);
            } catch (RuntimeException e) {
                LOG.error("the engine failed on the carrier {} -> {}; it is closed", local, remote, e);
                outbound.close(new CloseReason(CloseReason.Kind.ERROR, "the engine failed on this carrier: " + e, e));
            } finally {
                delivering.forEach(ByteBuf::release);
                delivering.clear();
            }
            if (closedNow != null) {
                over = true;
                to().closed(closedNow, Clock.now());
            }
        }

        private void report(boolean completeNow, boolean writableNow) {
            long now = Clock.now();
            ByteBuf next = delivering.poll();
            while (next != null) {
                try {
                    to().received(next, now);
                } finally {
                    next.release();
                }
                next = delivering.poll();
            }
            if (completeNow) {
                to().readComplete(now);
            }
            if (writableNow && outbound.credit() > 0) {
                to().writable(now);
            }
        }

        private CarrierEvents to() {
            return Objects.requireNonNull(target);
        }
    }
}
