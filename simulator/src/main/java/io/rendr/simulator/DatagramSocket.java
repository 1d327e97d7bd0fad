// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.engine.flow.CarrierEvents;
import io.rendr.engine.flow.MessagePort;
import io.rendr.engine.wire.FrameType;
import io.rendr.engine.wire.HandshakeDatagram;
import io.rendr.spi.ChannelSecurity;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The datagram socket of a dialing host, behind a NAT that may forget it and then gives it another address. */
final class DatagramSocket extends MessagePort implements Way {
    /** Where datagrams of the socket come from, as the acceptor sees it. */
    static final class Address extends SocketAddress {
        private static final long serialVersionUID = 1;
        private final transient DatagramSocket socket;
        private final int host;
        private final int port;

        Address(DatagramSocket socket, int host, int port) {
            this.socket = socket;
            this.host = host;
            this.port = port;
        }

        DatagramSocket socket() {
            return socket;
        }

        byte[] bytes() {
            return new byte[] {
                (byte) (socket.number >>> 16),
                (byte) (socket.number >>> 8),
                (byte) socket.number,
                (byte) host,
                (byte) (port >>> 8),
                (byte) port
            };
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Address that && that.socket == socket && that.host == host && that.port == port;
        }

        @Override
        public int hashCode() {
            return 31 * (31 * socket.number + host) + port;
        }

        @Override
        public String toString() {
            return socket + "@" + host + ":" + port;
        }
    }

    private static final int RECEIVE_BUFFER = 512;
    private static final int CREDIT = 64;
    private static final int MAX_DATAGRAM = 1_472;
    private static final int SEGMENTS = 16;

    private final Simulation world;
    private final Host host;
    private final Host target;
    private final Route route;
    private final int incarnation;
    private final int number;
    private final ArrayDeque<ByteBuf> unread = new ArrayDeque<>();
    private final boolean swallowed;
    private Address address;
    private @Nullable ByteBuf lastMessage;
    private int moves;
    private boolean readPending;
    private boolean closed;
    private boolean forgotten;

    DatagramSocket(Simulation world, Route route, Host host, Host target, int number, long connectionId) {
        super(host.instance().allocator(), connectionId);
        this.world = world;
        this.route = route;
        this.host = host;
        this.target = target;
        this.number = number;
        this.incarnation = host.incarnation();
        this.swallowed = route.mute() || route.tarpit() || route.impostor() || route.hangs();
        this.address = new Address(this, 0, 0);
        route.opened(this);
    }

    boolean isClosed() {
        return closed || host.incarnation() != incarnation;
    }

    Address address() {
        return address;
    }

    Route route() {
        return route;
    }

    // ---- out

    @Override
    protected void send(ByteBuf datagram) {
        write(datagram, datagram.readableBytes());
    }

    /** Whether nobody knows where it is: it has said nothing since the NAT forgot it. */
    boolean isForgotten() {
        return forgotten;
    }

    @Override
    public void write(ByteBuf packets, int segmentSize) {
        forgotten = false;
        while (packets.isReadable()) {
            ByteBuf datagram = packets.readBytes(Math.min(segmentSize, packets.readableBytes()));
            Address from = address;
            world.adversary().overhears(this, datagram);
            observe(datagram);
            route.datagrams().send(Connection.FORWARD, datagram, swallowed, arrived -> arrives(arrived, from));
        }
        packets.release();
    }

    private void observe(ByteBuf datagram) {
        if (!HandshakeDatagram.is(datagram)) {
            return;
        }
        ByteBuf copy = datagram.copy();
        boolean again = copy.equals(lastMessage);
        world.saw(Rule.HANDSHAKE_REPEAT, again);
        world.saw(Rule.CONFIRM_REPEAT, again && copy.getByte(HandshakeDatagram.HEADER) == FrameType.CONFIRM);
        forgetMessage();
        lastMessage = copy;
    }

    private void forgetMessage() {
        if (lastMessage != null) {
            lastMessage.release();
            lastMessage = null;
        }
    }

    private void arrives(ByteBuf datagram, Address from) {
        if (route.relayed()) {
            ByteBuf copy = datagram.copy();
            target.receives(copy, world.adversary().addressOn(route));
            copy.release();
        }
        target.receives(datagram, from);
    }

    @Override
    public void flush() {
        // The kernel has it already.
    }

    @Override
    public int credit() {
        return closed ? 0 : CREDIT;
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
    public void close(CloseReason why) {
        if (!closed) {
            closed = true;
            if (world.log().on()) {
                world.log().add(host.name(), this + " closed: " + why);
            }
            world.coverage().closed(why);
            dropUnread();
            route.forget(this);
        }
    }

    @Override
    public ChannelSecurity security() {
        return ChannelSecurity.NONE;
    }

    @Override
    public @Nullable String fateGroup() {
        int fate = route.plan().fate();
        return fate == 0 ? null : "fate" + fate;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return null;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return null;
    }

    // ---- in

    /** The acceptor sends a datagram to an address that the socket has, or had. */
    void answer(Address to, ByteBuf datagram) {
        route.datagrams().send(Connection.BACK, datagram, swallowed, arrived -> {
            if (to.equals(address)) {
                arrived(arrived);
            }
        });
    }

    private void arrived(ByteBuf datagram) {
        if (isClosed() || host.isDown() || unread.size() >= RECEIVE_BUFFER) {
            return;
        }
        unread.add(datagram.retain());
        if (!readPending) {
            readPending = true;
            host.io(this::read);
        }
    }

    private void read() {
        readPending = false;
        long now = world.timeline().now();
        ByteBuf next = unread.poll();
        while (next != null) {
            if (!isClosed()) {
                received(next, now);
            }
            next.release();
            next = unread.poll();
        }
        CarrierEvents to = events();
        if (!isClosed() && to != null) {
            to.readComplete(now);
        }
    }

    private void dropUnread() {
        forgetMessage();
        unread.forEach(ByteBuf::release);
        unread.clear();
    }

    /** The process is gone, or the run is over. */
    void vanish() {
        if (!closed) {
            closed = true;
            route.forget(this);
        }
        dropUnread();
    }

    // ---- what befalls it

    /** The NAT forgets the socket: whatever it sends next comes from elsewhere, and what is sent to the old address is lost. */
    private void rebind() {
        moves++;
        forgotten = true;
        boolean elsewhere = moves % 3 == 0;
        address = new Address(this, elsewhere ? address.host + 1 : address.host, address.port + 1);
        if (world.log().on()) {
            world.log().add("net", this + " is at another address");
        }
    }

    @Override
    public void tear(boolean atDialer, boolean atAcceptor) {
        rebind();
    }

    @Override
    public void finishBoth() {
        rebind();
    }

    @Override
    public void forgottenByNat(boolean reset) {
        rebind();
    }

    @Override
    public boolean isBroken() {
        return swallowed;
    }

    @Override
    public String toString() {
        return route + "~" + number;
    }
}
