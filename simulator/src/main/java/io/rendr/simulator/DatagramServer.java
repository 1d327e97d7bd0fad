// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.flow.DatagramHub;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The datagram socket of an accepting process, which all routes lead to. */
final class DatagramServer implements DatagramHub.Socket {
    private static final int RECEIVE_BUFFER = 2_048;
    private static final int CREDIT = 64;
    private static final int MAX_DATAGRAM = 1_472;
    private static final int SEGMENTS = 16;

    private record Arrived(ByteBuf datagram, DatagramSocket.Address from) {}

    private final Host host;
    private final DatagramHub hub;
    private final ArrayDeque<Arrived> unread = new ArrayDeque<>();
    private boolean readPending;

    DatagramServer(Simulation world, Host host) {
        this.host = host;
        this.hub = new DatagramHub(
                host.instance(), this, (carrier, now) -> new Incoming(world, host).start(carrier), null);
    }

    DatagramHub hub() {
        return hub;
    }

    void receives(ByteBuf datagram, DatagramSocket.Address from) {
        if (unread.size() >= RECEIVE_BUFFER) {
            return;
        }
        unread.add(new Arrived(datagram.retain(), from));
        if (!readPending) {
            readPending = true;
            host.io(this::read);
        }
    }

    private void read() {
        readPending = false;
        long now = host.world().timeline().now();
        Arrived next = unread.poll();
        while (next != null) {
            hub.received(next.datagram(), next.from(), now);
            next.datagram().release();
            next = unread.poll();
        }
        hub.readComplete(now);
    }

    /** The process is gone, or the run is over. */
    void vanish() {
        unread.forEach(arrived -> arrived.datagram().release());
        unread.clear();
    }

    @Override
    public int credit() {
        return CREDIT;
    }

    @Override
    public int maxDatagram() {
        return MAX_DATAGRAM;
    }

    @Override
    public int maxSegments() {
        return SEGMENTS;
    }

    @Override
    public void write(ByteBuf datagrams, int segmentSize, SocketAddress to) {
        DatagramSocket.Address address = (DatagramSocket.Address) to;
        while (datagrams.isReadable()) {
            ByteBuf datagram = datagrams.readBytes(Math.min(segmentSize, datagrams.readableBytes()));
            address.socket().answer(address, datagram);
        }
        datagrams.release();
    }

    @Override
    public void flush() {
        // The kernel has it already.
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return null;
    }

    @Override
    public byte[] bytes(SocketAddress address) {
        return ((DatagramSocket.Address) address).bytes();
    }
}
