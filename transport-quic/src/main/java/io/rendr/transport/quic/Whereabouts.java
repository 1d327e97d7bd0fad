// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the dialers of a port are. The codec takes each to stay where it was first: it answers whoever sent the last packet, genuine
 * or not, and it sends little to an address that is new to it. Here a packet from elsewhere counts once the codec has found it to be
 * genuine. Then whoever is there is {@link Probe asked}, and what the connection sends follows when he has answered from there; until
 * then it goes to where it went. On the event loop of the port.
 */
final class Whereabouts extends ChannelDuplexHandler {
    private static final int LONG_HEADER = 0x80;
    private static final int LENGTH_OF_LONG_ID = 5;
    private static final long ASK_AGAIN = TimeUnit.MILLISECONDS.toNanos(50);

    /** By the IDs of their connections; an address of the codec describes itself in words, which is too dear for each packet. */
    private final Map<ByteBuffer, Guest> guests = new HashMap<>();

    /** Those that are not where they were first, by what they call their connections. */
    private final Map<QuicConnectionAddress, Guest> away = new HashMap<>();

    private final Map<ByteBuffer, Guest> asked = new HashMap<>();
    private final QuicConnectionIdGenerator ids = new Ids();
    private final SecureRandom random;
    private final QuicSockets sockets;
    private final Map<QuicChannel, Guest> entered = new IdentityHashMap<>();
    /** Who sent the last packet, as likely as not who sends the next one, and by which ID; null if that is not known. */
    private @Nullable Guest last;

    private final ByteBuf lastId = Unpooled.buffer(Quic.MAX_CONN_ID_LEN);
    /** What the packet that is being read calls its connection. */
    private @Nullable ByteBuffer reading;
    /** The ID that was made meanwhile. */
    private @Nullable ByteBuffer made;

    Whereabouts(QuicSockets sockets, SecureRandom random) {
        this.sockets = sockets;
        this.random = random;
    }

    /** A connection. */
    private static final class Guest {
        private final QuicChannel channel;
        private final InetSocketAddress home;
        private final Consumer<InetSocketAddress> moved;
        private final List<ByteBuffer> ids = new ArrayList<>();
        private InetSocketAddress now;
        private @Nullable InetSocketAddress seen;
        private @Nullable ByteBuffer question;
        private long askedAt;

        Guest(QuicChannel channel, InetSocketAddress home, Consumer<InetSocketAddress> moved) {
            this.channel = channel;
            this.home = home;
            this.now = home;
            this.moved = moved;
        }

        /** Packets of the peer that were genuine. */
        long genuine() {
            var stats = channel.collectStats();
            return stats.isSuccess() ? stats.getNow().recv() : 0;
        }
    }

    /** Makes the IDs by which the connections of the port are told apart. */
    QuicConnectionIdGenerator ids() {
        return ids;
    }

    /**
     * The codec has let somebody in with the packet that is being read.
     *
     * @param moved hears each time where he is now
     */
    void enter(QuicChannel channel, Consumer<InetSocketAddress> moved) {
        InetSocketAddress home = (InetSocketAddress) channel.remoteSocketAddress();
        if (home == null) {
            return;
        }
        Guest guest = new Guest(channel, home, moved);
        entered.put(channel, guest);
        name(guest, reading);
        name(guest, made);
    }

    private void name(Guest guest, @Nullable ByteBuffer id) {
        if (id != null && guests.putIfAbsent(id, guest) == null) {
            guest.ids.add(id);
        }
    }

    /** He has gone. */
    void leave(QuicChannel channel) {
        Guest guest = entered.remove(channel);
        if (guest != null) {
            guest.ids.forEach(guests::remove);
            last = null;
            away.values().remove(guest);
            asked.remove(guest.question);
        }
    }

    // ---- in

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof DatagramPacket packet)) {
            context.fireChannelRead(message);
        } else if (Probe.is(packet.content())) {
            answered(packet);
            packet.release();
        } else {
            Guest guest = isOfLast(packet.content()) ? last : find(packet.content());
            if (guest == null) {
                context.fireChannelRead(packet);
            } else {
                read(context, guest, packet);
            }
            reading = null;
            made = null;
        }
    }

    private boolean isOfLast(ByteBuf packet) {
        int start = packet.readerIndex();
        return last != null
                && packet.readableBytes() > Quic.MAX_CONN_ID_LEN
                && (packet.getByte(start) & LONG_HEADER) == 0
                && ByteBufUtil.equals(packet, start + 1, lastId, 0, Quic.MAX_CONN_ID_LEN);
    }

    private @Nullable Guest find(ByteBuf packet) {
        reading = idOf(packet);
        Guest guest = reading == null ? null : guests.get(reading);
        if (reading != null && reading.remaining() == Quic.MAX_CONN_ID_LEN) {
            last = guest;
            lastId.clear().writeBytes(reading.duplicate());
        }
        return guest;
    }

    private void read(ChannelHandlerContext context, Guest guest, DatagramPacket packet) {
        InetSocketAddress from = packet.sender();
        if (from.equals(guest.now)) {
            context.fireChannelRead(guest.now == guest.home ? packet : asFromHome(guest, packet));
            return;
        }
        long before = guest.genuine();
        context.fireChannelRead(asFromHome(guest, packet));
        if (guest.channel.isActive() && guest.genuine() > before) {
            ask(context, guest, from);
        }
    }

    private static DatagramPacket asFromHome(Guest guest, DatagramPacket packet) {
        return packet.sender().equals(guest.home)
                ? packet
                : new DatagramPacket(packet.content(), packet.recipient(), guest.home);
    }

    private static @Nullable ByteBuffer idOf(ByteBuf packet) {
        int start = packet.readerIndex();
        int length = packet.readableBytes();
        int at = 1;
        int size = Quic.MAX_CONN_ID_LEN;
        if (length > LENGTH_OF_LONG_ID && (packet.getByte(start) & LONG_HEADER) != 0) {
            size = packet.getUnsignedByte(start + LENGTH_OF_LONG_ID);
            at = LENGTH_OF_LONG_ID + 1;
        }
        return size > 0 && size <= Quic.MAX_CONN_ID_LEN && length >= at + size ? id(packet, start + at, size) : null;
    }

    private static ByteBuffer id(ByteBuf packet, int at, int size) {
        byte[] id = new byte[size];
        packet.getBytes(at, id);
        return ByteBuffer.wrap(id);
    }

    // ---- who is where

    private void ask(ChannelHandlerContext context, Guest guest, InetSocketAddress there) {
        long now = System.nanoTime();
        boolean again = there.equals(guest.seen);
        if (again && now - guest.askedAt < ASK_AGAIN) {
            return;
        }
        if (!again) {
            asked.remove(guest.question);
            guest.question = Probe.newQuestion(random);
            guest.seen = there;
            asked.put(guest.question, guest);
        }
        // The same one while he stays there: where a round trip takes longer than that, the answer to the first still
        // counts.
        ByteBuffer question = Objects.requireNonNull(guest.question);
        guest.askedAt = now;
        context.writeAndFlush(new DatagramPacket(Probe.ask(question), there));
    }

    private void answered(DatagramPacket packet) {
        ByteBuffer question = Probe.answered(packet.content());
        Guest guest = question == null ? null : asked.get(question);
        if (guest == null || !packet.sender().equals(guest.seen)) {
            return;
        }
        asked.remove(question);
        guest.question = null;
        guest.seen = null;
        guest.now = packet.sender();
        away.values().remove(guest);
        QuicConnectionAddress theirs = guest.channel.remoteAddress();
        if (theirs != null && !guest.now.equals(guest.home)) {
            away.put(theirs, guest);
        }
        guest.moved.accept(guest.now);
    }

    // ---- out

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        context.write(
                !away.isEmpty() && message instanceof DatagramPacket packet ? toWhereHeIs(packet) : message, promise);
    }

    private DatagramPacket toWhereHeIs(DatagramPacket packet) {
        ByteBuf content = packet.content();
        int start = content.readerIndex();
        if (content.readableBytes() <= Quic.MAX_CONN_ID_LEN || (content.getByte(start) & LONG_HEADER) != 0) {
            return packet;
        }
        Guest guest = away.get(new QuicConnectionAddress(id(content, start + 1, Quic.MAX_CONN_ID_LEN)));
        if (guest == null || !packet.recipient().equals(guest.home)) {
            return packet;
        }
        return packet instanceof SegmentedDatagramPacket segments
                ? sockets.segments().newPacket(content, segments.segmentSize(), guest.now)
                : new DatagramPacket(content, guest.now);
    }

    /** Random ones. Those that a connection gets later are known to be its own. */
    private final class Ids implements QuicConnectionIdGenerator {
        private final QuicConnectionIdGenerator random = QuicConnectionIdGenerator.randomGenerator();

        @Override
        public ByteBuffer newId(int length) {
            return random.newId(length);
        }

        @Override
        public ByteBuffer newId(ByteBuffer first, int length) {
            ByteBuffer id = random.newId(length);
            made = copy(id);
            Guest guest = guests.get(first);
            if (guest != null) {
                name(guest, made);
            }
            return id;
        }

        private static ByteBuffer copy(ByteBuffer of) {
            return ByteBuffer.allocate(of.remaining()).put(of.duplicate()).flip();
        }

        @Override
        public int maxConnectionIdLength() {
            return random.maxConnectionIdLength();
        }

        @Override
        public boolean isIdempotent() {
            return random.isIdempotent();
        }
    }

    /**
     * Whether a dialer is where his packets come from (RFC 9000 section 8.2, with datagrams of our own, as the codec has no part in it):
     * a byte that no QUIC packet begins with, and 16 that only who got them can send back.
     */
    static final class Probe {
        private static final byte QUESTION = 0x05;
        private static final byte ANSWER = 0x06;
        private static final int QUESTION_BYTES = 16;

        private Probe() {}

        static boolean is(ByteBuf datagram) {
            if (datagram.readableBytes() != 1 + QUESTION_BYTES) {
                return false;
            }
            byte form = datagram.getByte(datagram.readerIndex());
            return form == QUESTION || form == ANSWER;
        }

        private static ByteBuffer newQuestion(SecureRandom random) {
            byte[] question = new byte[QUESTION_BYTES];
            random.nextBytes(question);
            return ByteBuffer.wrap(question);
        }

        private static ByteBuf ask(ByteBuffer question) {
            return Unpooled.directBuffer(1 + QUESTION_BYTES).writeByte(QUESTION).writeBytes(question.duplicate());
        }

        /** The question that this answers; null if it is none. */
        private static @Nullable ByteBuffer answered(ByteBuf datagram) {
            if (datagram.getByte(datagram.readerIndex()) != ANSWER) {
                return null;
            }
            byte[] question = new byte[QUESTION_BYTES];
            datagram.getBytes(datagram.readerIndex() + 1, question);
            return ByteBuffer.wrap(question);
        }

        /** The answer to a question; null if it is none. */
        static @Nullable ByteBuf answer(ByteBuf datagram) {
            if (datagram.getByte(datagram.readerIndex()) != QUESTION) {
                return null;
            }
            return Unpooled.directBuffer(1 + QUESTION_BYTES)
                    .writeByte(ANSWER)
                    .writeBytes(datagram, datagram.readerIndex() + 1, QUESTION_BYTES);
        }
    }
}
