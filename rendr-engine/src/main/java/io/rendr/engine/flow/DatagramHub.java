// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.engine.keys.Cookies;
import io.rendr.engine.link.PathMtu;
import io.rendr.engine.wire.Attach;
import io.rendr.engine.wire.FrameType;
import io.rendr.engine.wire.HandshakeDatagram;
import io.rendr.engine.wire.Hello;
import io.rendr.engine.wire.Retry;
import io.rendr.engine.wire.WireException;
import io.rendr.spi.ChannelSecurity;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The accepting side of one datagram socket: tells the carriers apart that share it, by connection id, and lets new ones in.
 * Of whoever has not echoed a cookie nothing is kept, and no answer is larger than its question.
 *
 * <p>Used under one exclusion, that of the socket's event loop.
 */
public final class DatagramHub {
    /** A datagram socket. */
    public interface Socket {
        /** Datagrams that it takes now. */
        int credit();

        int maxDatagram();

        /** How many datagrams of equal size one write may hold. */
        int maxSegments();

        /** Takes datagrams of equal size, of which the last may be shorter, and the duty to release them. */
        void write(ByteBuf datagrams, int segmentSize, SocketAddress to);

        void flush();

        @Nullable
        SocketAddress localAddress();

        /** An address as bytes, of which the last two are its port. Any thread. */
        byte[] bytes(SocketAddress address);
    }

    /** Takes the carriers that come in. */
    public interface Host {
        /** A carrier whose first message follows. */
        void accepted(PacketPort carrier, long now);
    }

    /** What a carrier is recognized by before its peer knows our connection id. */
    private record Newcomer(SocketAddress source, long connectionId) {}

    private static final int PORT = 2;

    private final Instance instance;
    private final Socket socket;
    private final Host host;
    private final @Nullable String fateGroup;
    private final Cookies cookies;
    private final Map<Long, Guest> guests = new HashMap<>();
    private final Map<Newcomer, Guest> newcomers = new HashMap<>();
    private final List<Guest> heard = new ArrayList<>();
    private final List<Guest> starved = new ArrayList<>();
    private boolean answered;
    private @Nullable Runnable drained;
    private long strays;
    private long retries;

    /**
     * @param fateGroup see {@link CarrierPort#fateGroup}
     */
    public DatagramHub(Instance instance, Socket socket, Host host, @Nullable String fateGroup) {
        this.instance = instance;
        this.socket = socket;
        this.host = host;
        this.fateGroup = fateGroup;
        this.cookies = new Cookies(instance.entropy(32));
    }

    /** Datagrams that belonged to no carrier and began none. */
    public long strays() {
        return strays;
    }

    /** Cookies that were given. */
    public long retries() {
        return retries;
    }

    /** Carriers that are open, or about to be. */
    public int carriers() {
        return guests.size();
    }

    /** A datagram arrived; the caller keeps the duty to release it. */
    public void received(ByteBuf datagram, SocketAddress source, long now) {
        if (datagram.readableBytes() < HandshakeDatagram.HEADER) {
            strays++;
            return;
        }
        Guest guest = guests.get(HandshakeDatagram.connectionId(datagram));
        if (guest != null) {
            guest.takes(datagram, source, now);
        } else if (!HandshakeDatagram.is(datagram) || !begins(datagram, source, now)) {
            strays++;
        }
    }

    /** Whether a datagram without a carrier is the beginning of one, or may become it. */
    private boolean begins(ByteBuf datagram, SocketAddress source, long now) {
        byte[] message = HandshakeDatagram.message(datagram);
        if (message == null) {
            return false;
        }
        byte[] cookie;
        long peer;
        try {
            if (message[0] == FrameType.HELLO && datagram.readableBytes() >= PathMtu.BASE) {
                Hello hello = Hello.decode(message);
                cookie = hello.cookie();
                peer = hello.offer().cid();
            } else if (message[0] == FrameType.ATTACH) {
                Attach attach = Attach.decode(message);
                cookie = attach.cookie();
                peer = attach.offer().cid();
            } else {
                return false;
            }
        } catch (WireException e) {
            return false; // whoever sends such a thing is no peer
        }
        Guest known = newcomers.get(new Newcomer(source, peer));
        if (known != null) {
            if (socket.credit() > 0) {
                known.repeat();
            }
        } else if (drained != null) {
            return false;
        } else if (cookies.proves(cookie, socket.bytes(source), peer, now)) {
            accept(new Newcomer(source, peer), message, now);
        } else {
            retry(source, peer, now);
        }
        return true;
    }

    private void retry(SocketAddress source, long peer, long now) {
        if (socket.credit() <= 0) {
            return; // the dialer asks again
        }
        byte[] retry = new Retry(cookies.make(socket.bytes(source), peer, now)).encode();
        ByteBuf datagram = instance.allocator().directBuffer(HandshakeDatagram.HEADER + retry.length);
        HandshakeDatagram.write(datagram, peer, retry);
        retries++;
        socket.write(datagram, datagram.readableBytes(), source);
        answered = true;
    }

    private void accept(Newcomer newcomer, byte[] message, long now) {
        Guest guest = new Guest(newcomer, unusedId());
        guests.put(guest.connectionId(), guest);
        newcomers.put(newcomer, guest);
        host.accepted(guest, now);
        guest.received(message, now);
    }

    private long unusedId() {
        long id;
        do {
            id = instance.random().nextLong();
        } while (id == 0 || guests.containsKey(id));
        return id;
    }

    /** What was read in one go has been handed over. */
    public void readComplete(long now) {
        if (answered) {
            answered = false;
            socket.flush();
        }
        List<Guest> all = List.copyOf(heard);
        heard.clear();
        each(all, guest -> guest.readComplete(now));
    }

    /** Tells all of them, and throws what the first of them threw only when all were told. */
    private static void each(List<Guest> guests, Consumer<Guest> event) {
        RuntimeException failure = null;
        for (Guest guest : guests) {
            try {
                event.accept(guest);
            } catch (RuntimeException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** {@link Socket#credit} is above 0 again after it was not. */
    public void writable(long now) {
        List<Guest> waiting = List.copyOf(starved);
        starved.clear();
        each(waiting, guest -> guest.writable(now));
    }

    /** Takes no more carriers; those that are there go on. {@code then} runs when there are none. */
    public void drain(Runnable then) {
        drained = then;
        whenDrained();
    }

    private void whenDrained() {
        Runnable then = drained;
        if (then != null && guests.isEmpty()) {
            drained = null;
            then.run();
        }
    }

    /** The socket has ended. */
    public void closed(CloseReason why, long now) {
        each(List.copyOf(guests.values()), guest -> guest.closed(why, now));
    }

    /** One carrier. */
    private final class Guest extends MessagePort {
        private final Newcomer newcomer;
        private SocketAddress address;
        private SocketAddress source;
        private boolean waitsForRoom;
        private boolean hasNews;
        private boolean open = true;

        Guest(Newcomer newcomer, long connectionId) {
            super(instance.allocator(), connectionId);
            this.newcomer = newcomer;
            this.address = newcomer.source();
            this.source = address;
            peerConnectionId(newcomer.connectionId());
        }

        void takes(ByteBuf datagram, SocketAddress from, long now) {
            source = from.equals(address) ? address : from;
            if (!hasNews) {
                hasNews = true;
                heard.add(this);
            }
            received(datagram, now);
        }

        void readComplete(long now) {
            hasNews = false;
            CarrierEvents to = events();
            if (open && to != null) {
                to.readComplete(now);
            }
        }

        void writable(long now) {
            waitsForRoom = false;
            CarrierEvents to = events();
            if (open && to != null) {
                to.writable(now);
            }
        }

        void closed(CloseReason why, long now) {
            CarrierEvents to = events();
            if (open && to != null) {
                leave();
                to.closed(why, now);
            }
        }

        private void leave() {
            open = false;
            guests.remove(connectionId(), this);
            newcomers.remove(newcomer, this);
            whenDrained();
        }

        @Override
        protected void send(ByteBuf datagram) {
            write(datagram, address);
            socket.flush();
        }

        @Override
        public void write(ByteBuf packet, SocketAddress to) {
            socket.write(packet, packet.readableBytes(), to);
        }

        @Override
        public void write(ByteBuf packets, int segmentSize) {
            socket.write(packets, segmentSize, address);
        }

        @Override
        public void flush() {
            socket.flush();
        }

        @Override
        public int credit() {
            int credit = open ? socket.credit() : 0;
            if (credit <= 0 && open && !waitsForRoom) {
                waitsForRoom = true;
                starved.add(this);
            }
            return credit;
        }

        @Override
        public int maxDatagram() {
            return socket.maxDatagram();
        }

        @Override
        public int maxSegments() {
            return socket.maxSegments();
        }

        @Override
        public SocketAddress source() {
            return source;
        }

        @Override
        public void follow(SocketAddress to) {
            address = to;
        }

        @Override
        public boolean isSameHost(SocketAddress one, SocketAddress other) {
            byte[] a = socket.bytes(one);
            byte[] b = socket.bytes(other);
            return a.length == b.length && Arrays.equals(a, 0, a.length - PORT, b, 0, b.length - PORT);
        }

        @Override
        public void close(CloseReason why) {
            if (open) {
                leave();
            }
        }

        @Override
        public ChannelSecurity security() {
            return ChannelSecurity.NONE;
        }

        @Override
        public @Nullable String fateGroup() {
            return fateGroup;
        }

        @Override
        public @Nullable SocketAddress localAddress() {
            return socket.localAddress();
        }

        @Override
        public SocketAddress remoteAddress() {
            return address;
        }
    }
}
