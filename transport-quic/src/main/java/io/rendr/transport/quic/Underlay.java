// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the codec of a dialer takes for its socket. It stays what it is, at the address that it had first, while the real socket
 * below is exchanged for one at another address: the codec cannot migrate a connection, but its peer follows packets that come
 * from elsewhere (RFC 9000 section 9). On one event loop.
 *
 * <p>What arrives is told as if it had come to the first address. The codec would take another one for a path that the peer has
 * opened, and would answer there.
 */
final class Underlay extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    /** How long what is under way to an address that was left still arrives. */
    private static final int GRACE_SECONDS = 3;

    private static final int LONG_HEADER = 0x80;

    /** Hears what becomes of the socket. */
    interface Owner {
        /** The network said something about what was sent, such as that nobody listens there. Anybody may have forged it. */
        void complaint(Throwable cause);

        /** The system has closed the socket. */
        void lost();
    }

    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final Owner owner;
    private final InetSocketAddress home;
    private final InetSocketAddress peer;
    private final byte[] connectionId;
    private DatagramChannel socket;
    private @Nullable DatagramChannel left;
    private @Nullable Future<?> leaving;
    private boolean open = true;

    /**
     * On a connected socket, to which an {@link Inlet} was added.
     *
     * @param connectionId what the peer addresses the only connection by
     * @param owner hears what becomes of the socket
     */
    Underlay(DatagramChannel socket, InetSocketAddress peer, byte[] connectionId, Owner owner) {
        super(null);
        this.connectionId = connectionId;
        this.socket = socket;
        this.home = socket.localAddress();
        this.peer = peer;
        this.owner = owner;
    }

    /** Hands what a socket receives to the underlay that it belongs to; until there is one nothing can have been sent. */
    static final class Inlet extends ChannelInboundHandlerAdapter {
        private @Nullable Underlay to;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof DatagramPacket packet && Whereabouts.Probe.is(packet.content())) {
                answer(context, packet);
                packet.release();
            } else if (to != null && to.open && message instanceof DatagramPacket packet) {
                to.claim(packet.content());
                to.pipeline().fireChannelRead(new DatagramPacket(packet.content(), to.home, packet.sender()));
            } else {
                ReferenceCountUtil.release(message);
            }
        }

        /** Not where the dialer has left: it is to be followed to where it is. */
        private void answer(ChannelHandlerContext context, DatagramPacket question) {
            ByteBuf answer = Whereabouts.Probe.answer(question.content());
            if (answer != null && to != null && to.open && context.channel() == to.socket) {
                context.writeAndFlush(new DatagramPacket(answer, to.peer));
            } else if (answer != null) {
                answer.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            if (to != null && to.open) {
                to.pipeline().fireChannelReadComplete();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (to != null && to.open && context.channel() == to.socket) {
                to.owner.complaint(cause);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (to != null && to.open && context.channel() == to.socket) {
                to.owner.lost();
            }
        }
    }

    /**
     * The codec drops what bears a connection ID that it does not know, and so never sees a stateless reset, which looks like that
     * (RFC 9000 section 10.3). All that comes to this socket is for one connection: with its ID in the place of another one, it
     * finds out there whether it is such a reset, or nothing.
     */
    private void claim(ByteBuf packet) {
        int start = packet.readerIndex();
        if (packet.readableBytes() > connectionId.length && (packet.getByte(start) & LONG_HEADER) == 0) {
            packet.setBytes(start + 1, connectionId);
        }
    }

    /** Begins to deliver what arrives at the first socket, when the codec is there. */
    void listen() {
        listen(socket);
    }

    private void listen(DatagramChannel to) {
        to.pipeline().get(Inlet.class).to = this;
    }

    /** Where the socket is now. */
    InetSocketAddress here() {
        return socket.localAddress();
    }

    /** Whether the system has not closed the socket. */
    boolean hasSocket() {
        return socket.isOpen();
    }

    InetSocketAddress peer() {
        return peer;
    }

    /** Goes on from another socket, connected to the same peer. */
    void moveTo(DatagramChannel next) {
        leave();
        left = socket;
        socket = next;
        leaving = eventLoop().schedule(this::leave, GRACE_SECONDS, TimeUnit.SECONDS);
        listen(next);
    }

    /** Has done with the address that was left. */
    private void leave() {
        if (left != null && leaving != null) {
            leaving.cancel(false);
            left.close();
            left = null;
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer buffer) {
        for (Object packet = buffer.current(); packet != null; packet = buffer.current()) {
            socket.write(ReferenceCountUtil.retain(packet), socket.voidPromise());
            buffer.remove();
        }
        socket.flush();
    }

    @Override
    protected void doClose() {
        open = false;
        leave();
        DatagramChannel last = socket;
        // Behind whatever still waits for the system, such as the CONNECTION_CLOSE. An empty one is not sent.
        last.writeAndFlush(new DatagramPacket(Unpooled.EMPTY_BUFFER, peer)).addListener(done -> last.close());
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                promise.setFailure(new UnsupportedOperationException("it is connected"));
            }
        };
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return home;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return peer;
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("it is bound");
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doBeginRead() {
        // The socket reads always: QUIC has its own flow control.
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }
}
