// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.Dialer;
import io.rendr.PacketConn;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Takes datagrams at one port and sends those of each client over a packet flow of its own. UDP has no connections, so a
 * client is an address, and is gone when nothing has passed for a while.
 */
final class UdpIngress implements Ingress, UdpReader.Taker {
    /** What is kept of a client whose flow is being dialed. */
    static final int EARLY_BYTES = 64 * 1024;

    /** What a datagram that is kept costs beside its bytes. */
    static final int EARLY_OVERHEAD = 64;

    /** While all others wait, a client that has been silent for that long counts as done. */
    private static final long QUIET = TimeUnit.SECONDS.toNanos(1);

    /** Time after a failure in which a client's datagrams do not dial again. */
    private static final long HOLD_OFF = TimeUnit.SECONDS.toNanos(1);

    private static final long LONGEST_TICK = TimeUnit.MILLISECONDS.toNanos(250);

    private final DatagramSocket socket;
    private final Dialer dialer;
    private final Limits limits;
    private final Drops drops = new Drops();
    private final Splices splices = new Splices("forward");
    private final long tick;

    /** On the reader's thread, like {@link #number} and {@link #sweepAt}. */
    private final Map<SocketAddress, Client> clients = new HashMap<>();

    private int number;
    private long sweepAt;
    private volatile boolean stopping;

    /**
     * How many clients there may be, and for how long.
     *
     * @param idle a client's flow ends after that time without a datagram, either way
     * @param clients at a time; datagrams of others are dropped
     */
    record Limits(Duration idle, int clients) {}

    private UdpIngress(DatagramSocket socket, Dialer dialer, Limits limits) {
        this.socket = socket;
        this.dialer = dialer;
        this.limits = limits;
        this.tick = Math.min(LONGEST_TICK, limits.idle().toNanos() / 4);
        this.sweepAt = System.nanoTime() + tick;
    }

    /**
     * Starts to listen.
     *
     * @throws java.net.BindException naming the address, if it cannot be had
     */
    static UdpIngress open(InetSocketAddress address, Dialer dialer, Limits limits) throws IOException {
        InetSocketAddress resolved = HostPort.resolve(address);
        DatagramSocket socket = UdpReader.socket();
        try {
            socket.bind(resolved);
        } catch (IOException e) {
            socket.close();
            throw Ingress.cannotListen(address, e);
        }
        UdpIngress ingress = new UdpIngress(socket, dialer, limits);
        socket.setSoTimeout((int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(ingress.tick)));
        UdpReader.start("rendr-forward-udp", socket, dialer.config().maxPacketSize(), ingress.drops, ingress);
        return ingress;
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    @Override
    public int connections() {
        return splices.count();
    }

    Drops drops() {
        return drops;
    }

    @Override
    public void take(SocketAddress from, ByteBuffer datagram) {
        Client client = clients.get(from);
        if (client == null || client.isGone(System.nanoTime())) {
            client = admit(from);
        }
        if (client == null) {
            drops.count(Drops.Cause.NO_CLIENT, from, "");
        } else {
            client.take(datagram);
        }
    }

    private @Nullable Client admit(SocketAddress from) {
        clients.remove(from);
        if (stopping || clients.size() >= limits.clients()) {
            return null;
        }
        Client client = new Client("#" + ++number, from);
        try {
            splices.threads().execute(client::serve);
        } catch (RejectedExecutionException e) {
            return null; // stopped in between
        }
        clients.put(from, client);
        return client;
    }

    @Override
    public void rest() {
        long now = System.nanoTime();
        if (now - sweepAt >= 0) {
            sweepAt = now + tick;
            sweep(now);
        }
    }

    private void sweep(long now) {
        long idle = stopping
                ? Math.min(QUIET, limits.idle().toNanos())
                : limits.idle().toNanos();
        for (Iterator<Client> each = clients.values().iterator(); each.hasNext(); ) {
            Client client = each.next();
            if (client.isGone(now) || client.endIdle(now - idle)) {
                each.remove();
            }
        }
    }

    @Override
    public void stop(Duration grace) {
        stopping = true;
        splices.finish(grace);
        socket.close();
        drops.tell();
    }

    @Override
    public String toString() {
        return "listener";
    }

    /** One address, from its first datagram to the end of its flow. */
    private final class Client {
        private final String label;
        private final SocketAddress address;
        private final ReentrantLock lock = new ReentrantLock();
        private final Deque<ByteBuffer> early = new ArrayDeque<>();
        private int room = EARLY_BYTES;
        private @Nullable UdpSplice splice;
        private boolean over;
        private long goneAt;

        Client(String label, SocketAddress address) {
            this.label = label + " " + HostPort.text((InetSocketAddress) address);
            this.address = address;
        }

        /** On the reader's thread. */
        void take(ByteBuffer datagram) {
            lock.lock();
            try {
                if (over) {
                    drops.count(Drops.Cause.NO_FLOW, label, "");
                } else if (splice != null) {
                    splice.take(address, datagram);
                } else {
                    keep(datagram);
                }
            } finally {
                lock.unlock();
            }
        }

        private void keep(ByteBuffer datagram) {
            int limit = dialer.config().maxPacketSize();
            int cost = datagram.remaining() + EARLY_OVERHEAD;
            if (datagram.remaining() > limit) {
                drops.count(Drops.Cause.TOO_LARGE, label, "more than " + limit + " bytes");
            } else if (cost > room) {
                drops.count(Drops.Cause.DIALING, label, "");
            } else {
                room -= cost;
                early.add(
                        ByteBuffer.allocate(datagram.remaining()).put(datagram).flip());
            }
        }

        /** Dials and carries to the end, on a thread of its own. */
        void serve() {
            PacketConn conn;
            try {
                conn = dialer.dialPacket();
            } catch (IOException | RuntimeException e) {
                failed(String.valueOf(e.getMessage()));
                return;
            }
            UdpSplice opened = new UdpSplice(label, conn, socket, address, drops);
            opened(opened);
            splices.run(label, opened);
            over(opened.broken() == null ? 0 : HOLD_OFF);
        }

        private void failed(String why) {
            over(HOLD_OFF);
            early.forEach(datagram -> drops.count(Drops.Cause.NO_FLOW, label, why)); // nobody else looks at it now
            early.clear();
        }

        private void opened(UdpSplice opened) {
            lock.lock();
            try {
                early.forEach(datagram -> opened.take(address, datagram));
                early.clear();
                splice = opened;
            } finally {
                lock.unlock();
            }
        }

        private void over(long holdOff) {
            lock.lock();
            try {
                over = true;
                goneAt = System.nanoTime() + holdOff;
            } finally {
                lock.unlock();
            }
        }

        /** Whether its flow is over, and it may have another one. */
        boolean isGone(long now) {
            lock.lock();
            try {
                return over && now - goneAt >= 0;
            } finally {
                lock.unlock();
            }
        }

        /** Ends a flow that was not used since then. */
        boolean endIdle(long since) {
            lock.lock();
            try {
                boolean idle = splice != null && !over && splice.usedAt() - since < 0;
                if (idle) {
                    splice.finish();
                }
                return idle;
            } finally {
                lock.unlock();
            }
        }
    }
}
