// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.rendr.CloseReason;
import io.rendr.udp.UdpTuning;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One UDP socket: cuts what is written into what one system call takes, counts what waits, and tells its owner what happened,
 * never from inside a call. An error of one datagram costs that datagram only. On its event loop.
 */
final class UdpSocket extends ChannelInboundHandlerAdapter implements ChannelFutureListener {
    /** Whoever uses a socket. */
    interface Owner {
        /** Takes over the buffer, which is not empty. */
        void received(ByteBuf datagram, InetSocketAddress source);

        void readComplete();

        void writable();

        void dropped(int datagrams);

        /** The last call, also if the socket was closed by its owner. */
        void ended(UdpSocket socket, CloseReason why);
    }

    /** Datagrams that may wait for the kernel: four of the largest batches of its segmentation. */
    static final int CREDIT = 256;

    /** Bytes that may wait before there is no credit, whatever the number of datagrams. */
    static final int ROOM = 1 << 20;

    /** UDP_MAX_SEGMENTS of the kernels that have the fewest. */
    static final int MAX_SEGMENTS = 64;

    private static final int MAX_IPV4 = 65_535 - 20 - 8;
    // An IPv6 header does not count itself, so 40 more would be legal; the loopback interface, whose MTU is
    // 65,536, would have to fragment them.
    private static final int MAX_IPV6 = 65_535 - 40 - 8;

    private static final Logger LOG = LoggerFactory.getLogger(UdpSocket.class);

    private final DatagramChannel channel;
    private final Owner owner;
    private final InetSocketAddress localAddress;
    private int maxSegments;

    private int pendingDatagrams;
    private long pendingBytes;
    private int lost;
    /** Somebody saw that there was no credit, and waits. */
    private boolean starved;
    /** A task that tells the owner is under way. */
    private boolean telling;

    private boolean started;
    private boolean unread;
    private boolean heard;
    private boolean inactive;
    private @Nullable CloseReason ending;
    private @Nullable Throwable trouble;

    private UdpSocket(DatagramChannel channel, boolean gso, Owner owner) {
        this.channel = channel;
        this.owner = owner;
        this.localAddress = channel.localAddress();
        this.maxSegments = gso ? MAX_SEGMENTS : 1;
    }

    /** Takes over a channel that is bound, and reads nothing yet. */
    static UdpSocket on(DatagramChannel channel, boolean gso, Owner owner) {
        UdpSocket socket = new UdpSocket(channel, gso, owner);
        channel.pipeline().addLast("rendr", socket);
        return socket;
    }

    InetSocketAddress localAddress() {
        return localAddress;
    }

    /** The largest datagram for a peer of the family of an address. */
    static int maxDatagramSize(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address ? MAX_IPV4 : MAX_IPV6;
    }

    int maxSegments() {
        return maxSegments;
    }

    /** Whether anything has arrived. */
    boolean heard() {
        return heard;
    }

    void start() {
        started = true;
        if (inactive) {
            channel.eventLoop().execute(this::tellEnd);
        } else {
            channel.config().setAutoRead(true);
            tellLater(); // what happened to datagrams that were written before
        }
    }

    int credit() {
        return ending != null || inactive || pendingBytes >= ROOM ? 0 : Math.max(0, CREDIT - pendingDatagrams);
    }

    long queued() {
        return pendingBytes;
    }

    /** Has the owner told that there is credit. */
    void wake() {
        starved = true;
        tellLater();
    }

    /** Sends to {@code to}, or to the peer of a connected socket if null. */
    void write(ByteBuf datagrams, int segmentSize, @Nullable InetSocketAddress to) {
        if (segmentSize < 1) {
            datagrams.release();
            throw new IllegalArgumentException("a segment size of " + segmentSize);
        }
        // An empty one would go unsent and upset how Netty counts what one sendmmsg took.
        if (ending != null || inactive || !datagrams.isReadable()) {
            datagrams.release();
            return;
        }
        int most = segmentSize * Math.max(1, Math.min(maxSegments, MAX_IPV6 / segmentSize));
        while (datagrams.readableBytes() > most) {
            send(datagrams.readRetainedSlice(most), segmentSize, to);
        }
        send(datagrams, segmentSize, to);
        starved |= credit() == 0;
    }

    private void send(ByteBuf data, int segmentSize, @Nullable InetSocketAddress to) {
        int bytes = data.readableBytes();
        Sent sent = new Sent(channel, (bytes - 1) / segmentSize + 1, bytes);
        pendingDatagrams += sent.datagrams;
        pendingBytes += sent.bytes;
        Object message = to == null ? data : new DatagramPacket(data, to);
        if (sent.datagrams > 1) {
            // Netty wants one address of two. Without a recipient the kernel takes the route of the connected socket.
            message = new SegmentedDatagramPacket(data, segmentSize, to, localAddress);
        }
        channel.write(message, sent.addListener(this));
    }

    void flush() {
        channel.flush();
    }

    /** What one system call is to take. */
    private static final class Sent extends DefaultChannelPromise {
        final int datagrams;
        final int bytes;

        Sent(DatagramChannel channel, int datagrams, int bytes) {
            super(channel);
            this.datagrams = datagrams;
            this.bytes = bytes;
        }
    }

    @Override
    public void operationComplete(ChannelFuture future) {
        Sent sent = (Sent) future;
        pendingDatagrams -= sent.datagrams;
        pendingBytes -= sent.bytes;
        Throwable cause = sent.cause();
        if (cause != null) {
            lost += sent.datagrams;
            if (sent.datagrams > 1 && UdpTuning.refusesSegments(cause)) {
                maxSegments = 1;
            }
            if (!(cause instanceof ClosedChannelException)) {
                trouble(cause);
            }
        }
        if (lost > 0 || starved && pendingDatagrams <= CREDIT / 2 && pendingBytes <= ROOM / 2) {
            tellLater();
        }
    }

    private void tellLater() {
        if (started && !telling) {
            telling = true;
            channel.eventLoop().execute(this::tell);
        }
    }

    private void tell() {
        telling = false;
        try {
            if (ending == null && !inactive) {
                tellLost();
            }
            if (starved && credit() > 0) {
                starved = false;
                owner.writable();
            }
        } catch (RuntimeException | Error e) {
            close(CloseReason.of(e));
        }
    }

    private void tellLost() {
        if (lost > 0) {
            int datagrams = lost;
            lost = 0;
            owner.dropped(datagrams);
        }
    }

    /** Datagrams that were never sent and not told of: what a closed socket leaves. */
    int takeLost() {
        int datagrams = lost;
        lost = 0;
        return datagrams;
    }

    void close(CloseReason why) {
        if (ending == null && !inactive) {
            ending = why;
            channel.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        ByteBuf data = packet.content();
        // With epoll an ICMP error makes Netty read although nobody asked it to. Then, as ever, datagrams may be lost.
        if (!started || ending != null || !data.isReadable()) {
            data.release();
            return;
        }
        heard = true;
        unread = true;
        owner.received(data, packet.sender());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (unread && ending == null) {
            unread = false;
            owner.readComplete();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            trouble(cause); // ICMP: the peer may come back, or the route
        } else {
            close(CloseReason.of(cause));
        }
    }

    private void trouble(Throwable cause) {
        if (trouble == null) {
            LOG.debug("{}: {}; what follows is not logged", this, cause.toString());
        }
        trouble = cause;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        inactive = true;
        if (ending == null) {
            ending = trouble == null
                    ? CloseReason.of(CloseReason.Kind.ERROR, "the system closed the socket at " + localAddress)
                    : CloseReason.of(trouble);
        }
        if (started) {
            tellEnd();
        }
    }

    private void tellEnd() {
        CloseReason why = ending;
        if (why != null) {
            owner.ended(this, why);
        }
    }

    @Override
    public String toString() {
        return "UDP " + localAddress + (channel.remoteAddress() == null ? "" : " - " + channel.remoteAddress());
    }
}
