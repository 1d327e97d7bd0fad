// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.engine.flow.CarrierEvents;
import io.rendr.engine.flow.PacketPort;
import io.rendr.spi.ChannelSecurity;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A datagram carrier that lives on another loop than its flow. Datagrams that arrive cross once per read batch, those that
 * leave once per write. What the other loop cannot keep up with is dropped, as a network would.
 */
final class RemotePackets implements PacketPort {
    private static final Logger LOG = LoggerFactory.getLogger(RemotePackets.class);

    /** Datagrams that wait for the flow's loop. */
    private static final int MOST_WAITING = 4_096;

    /** Datagrams under way to the carrier's loop. */
    private static final int MOST_LEAVING = 512;

    private record Arrived(ByteBuf datagram, @Nullable SocketAddress source) {}

    private final PacketPort carrier;
    private final HomeLoop there;
    private final HomeLoop home;
    private final long connectionId;
    private final long peerConnectionId;
    private final ChannelSecurity security;
    private final @Nullable String fateGroup;
    private final @Nullable SocketAddress local;
    private volatile int maxDatagram;
    private final int maxSegments;
    private final int mostUnderWay;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger leaving = new AtomicInteger();
    private volatile boolean starved;
    private volatile boolean ignored;

    // The home's.
    private @Nullable SocketAddress remote;
    private @Nullable SocketAddress source;
    private @Nullable CarrierEvents target;
    private final List<Runnable> early = new ArrayList<>();

    // The carrier's loop's.
    private List<Arrived> batch = new ArrayList<>();

    /** Made as a turn of the carrier's loop; from here on this object hears what the carrier reports. */
    RemotePackets(PacketPort carrier, HomeLoop there, HomeLoop home) {
        this.carrier = carrier;
        this.there = there;
        this.home = home;
        connectionId = carrier.connectionId();
        peerConnectionId = carrier.peerConnectionId();
        security = carrier.security();
        fateGroup = carrier.fateGroup();
        local = carrier.localAddress();
        remote = carrier.remoteAddress();
        maxDatagram = carrier.maxDatagram();
        maxSegments = carrier.maxSegments();
        mostUnderWay = carrier.mostUnderWay();
        carrier.events(new Inbound());
        carrier.established(); // what comes from now on waits for the flow
    }

    private static boolean queue(HomeLoop loop, Runnable turn) {
        try {
            loop.loop().execute(() -> loop.turn(turn));
            return true;
        } catch (RejectedExecutionException e) {
            return false; // the runtime ends, and all its loops
        }
    }

    // ---- home to carrier

    @Override
    public void events(CarrierEvents next) {
        target = next;
        early.forEach(home::turn); // when the flow has put the carrier into use
        early.clear();
    }

    @Override
    public int credit() {
        int room = MOST_LEAVING - leaving.get();
        if (room <= 0) {
            starved = true;
            room = MOST_LEAVING - leaving.get();
        }
        return room;
    }

    @Override
    public void write(ByteBuf packets, int segmentSize) {
        send(packets, (packets.readableBytes() + segmentSize - 1) / segmentSize, () -> {
            carrier.write(packets, segmentSize);
            carrier.flush();
        });
    }

    @Override
    public void write(ByteBuf packet, SocketAddress to) {
        send(packet, 1, () -> {
            carrier.write(packet, to);
            carrier.flush();
        });
    }

    private void send(ByteBuf packets, int count, Runnable write) {
        leaving.addAndGet(count);
        boolean queued = queue(there, () -> {
            if (carrier.credit() > 0) {
                write.run();
            } else {
                packets.release(); // the socket is full, of what others sent
            }
            leaving.addAndGet(-count);
            if (starved) {
                starved = false;
                queue(home, this::wake);
            }
        });
        if (!queued) {
            packets.release();
        }
    }

    private void wake() {
        tell(CarrierEvents::writable);
    }

    private void tell(ObjLongConsumer<CarrierEvents> event) {
        CarrierEvents to = target;
        if (to != null && !ignored) {
            event.accept(to, Clock.now());
        }
    }

    @Override
    public void write(ByteBuf message) {
        queue(there, () -> carrier.write(message));
    }

    @Override
    public void flush() {
        // Each write is flushed where it is made.
    }

    @Override
    public void repeat() {
        queue(there, carrier::repeat);
    }

    @Override
    public void established() {
        // It was from the beginning.
    }

    @Override
    public void follow(SocketAddress to) {
        remote = to;
        queue(there, () -> carrier.follow(to));
    }

    @Override
    public boolean isSameHost(SocketAddress one, SocketAddress other) {
        return carrier.isSameHost(one, other);
    }

    @Override
    public void close(CloseReason why) {
        ignored = true;
        early.forEach(Runnable::run); // nobody will hear of it, and what arrived is released
        early.clear();
        queue(there, () -> carrier.close(why));
    }

    @Override
    public int maxDatagram() {
        return maxDatagram;
    }

    @Override
    public int maxSegments() {
        return maxSegments;
    }

    @Override
    public int mostUnderWay() {
        return mostUnderWay;
    }

    @Override
    public long connectionId() {
        return connectionId;
    }

    @Override
    public long peerConnectionId() {
        return peerConnectionId;
    }

    @Override
    public @Nullable SocketAddress source() {
        return source;
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

    // ---- carrier to home

    /** Queues what the flow has to hear, once it listens; false if its loop has ended. */
    private boolean home(Runnable turn) {
        return queue(home, () -> {
            if (target == null && !ignored) {
                early.add(turn);
            } else {
                turn.run();
            }
        });
    }

    private void deliver(List<Arrived> datagrams) {
        waiting.addAndGet(-datagrams.size());
        CarrierEvents to = target;
        long now = Clock.now();
        try {
            for (int i = 0; i < datagrams.size() && to != null && !ignored; i++) {
                source = datagrams.get(i).source();
                to.received(datagrams.get(i).datagram(), now);
            }
            if (to != null && !ignored) {
                to.readComplete(now);
            }
        } catch (RuntimeException e) {
            LOG.error("the engine failed on the carrier {} -> {}; it is closed", local, remote, e);
            close(new CloseReason(CloseReason.Kind.ERROR, "the engine failed on this carrier: " + e, e));
        } finally {
            release(datagrams);
        }
    }

    private static void release(List<Arrived> datagrams) {
        datagrams.forEach(arrived -> arrived.datagram().release());
    }

    private final class Inbound implements CarrierEvents {
        @Override
        public void received(ByteBuf datagram, long now) {
            if (!ignored && waiting.get() < MOST_WAITING) {
                waiting.incrementAndGet();
                batch.add(new Arrived(datagram.copy(), carrier.source()));
            }
        }

        @Override
        public void readComplete(long now) {
            List<Arrived> datagrams = batch;
            batch = new ArrayList<>();
            if (!home(() -> deliver(datagrams))) {
                release(datagrams);
            }
        }

        @Override
        public void writable(long now) {
            queue(home, RemotePackets.this::wake);
        }

        @Override
        public void rerouted(long now) {
            SocketAddress to = carrier.remoteAddress();
            home(() -> {
                remote = to;
                tell(CarrierEvents::rerouted);
            });
        }

        @Override
        public void resized(long now) {
            maxDatagram = carrier.maxDatagram();
            home(() -> tell(CarrierEvents::resized));
        }

        @Override
        public void closed(CloseReason why, long now) {
            release(batch);
            batch = new ArrayList<>();
            home(() -> {
                CarrierEvents to = target;
                if (to != null && !ignored) {
                    ignored = true;
                    to.closed(why, Clock.now());
                }
            });
        }
    }
}
