// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.rendr.PathSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** Makes carriers out of what a transport has: a Netty channel, a socket, a pair of streams, a byte channel. */
public final class Carriers {
    /** The credit of a carrier over a Netty channel with nothing queued, in bytes: its high-water mark. */
    public static final int HIGH_WATER_MARK = 512 * 1024;

    /** Below this many queued bytes a carrier that had no credit left has some again. */
    public static final int LOW_WATER_MARK = HIGH_WATER_MARK / 2;

    static final SocketAddress UNKNOWN_ADDRESS = opaque("unknown");

    private static final int MIN_READ = 2 * 1024;
    private static final int FIRST_READ = 16 * 1024;
    private static final int MAX_READ = 256 * 1024;
    private static final int READS_PER_BATCH = 4;

    private Carriers() {}

    /**
     * A carrier over a Netty channel that delivers and takes {@link io.netty.buffer.ByteBuf}s. It becomes the last handler
     * of the channel's pipeline, and the channel stops reading until the carrier is started. Sets the channel's water
     * marks, its allocator and its receive buffers (up to 256 KiB at a time, up to 1 MiB per {@link CarrierListener#readComplete}).
     *
     * <p>Call it on the channel's event loop, when the channel is connected. Handlers in front of it may still have a handshake
     * to do, in which case nothing must be written before the first bytes have arrived.
     *
     * @param channel a connected channel, registered with the event loop of the request; should have been opened with
     *     {@code AUTO_READ} off, so that nothing is read before
     * @param traits what is true of it
     * @return the carrier
     */
    public static StreamCarrier ofChannel(Channel channel, CarrierTraits traits) {
        ChannelConfig config = channel.config();
        config.setAutoRead(false);
        // The adaptive one, Netty's default, makes objects for each buffer of this size.
        config.setAllocator(PooledByteBufAllocator.DEFAULT);
        config.setWriteBufferWaterMark(new WriteBufferWaterMark(LOW_WATER_MARK, HIGH_WATER_MARK));
        AdaptiveRecvByteBufAllocator reads = new AdaptiveRecvByteBufAllocator(MIN_READ, FIRST_READ, MAX_READ);
        config.setRecvByteBufAllocator(reads.maxMessagesPerRead(READS_PER_BATCH));
        ChannelCarrier carrier = new ChannelCarrier(channel, traits);
        channel.pipeline().addLast("rendr", carrier);
        return carrier;
    }

    /**
     * A carrier over a connected socket, with a thread that reads and one that writes, both from
     * {@link CarrierContext#blocking}. For sockets that only exist as {@link Socket}, such as those of a
     * {@link javax.net.SocketFactory}; a Netty channel is much faster.
     *
     * @param context the request
     * @param socket a connected socket; closed by the carrier
     * @param traits what is true of it
     * @return the carrier
     * @throws IOException if the socket is not connected
     */
    public static StreamCarrier ofSocket(CarrierContext context, Socket socket, CarrierTraits traits)
            throws IOException {
        SocketAddress local = Objects.requireNonNullElse(socket.getLocalSocketAddress(), UNKNOWN_ADDRESS);
        SocketAddress remote = Objects.requireNonNullElse(socket.getRemoteSocketAddress(), UNKNOWN_ADDRESS);
        return new BlockingCarrier(context, loopFor(context), BlockingIo.of(socket), traits, local, remote);
    }

    /**
     * A carrier over a pair of streams, such as those of a process, with a thread that reads and one that writes.
     *
     * @param context the request
     * @param in what arrives
     * @param out what leaves; flushed after every batch
     * @param whole what both belong to: closing it ends them. Closed once, by the carrier
     * @param traits what is true of it
     * @param localAddress this end, see {@link #opaque}
     * @param remoteAddress the other end, see {@link #opaque}
     * @return the carrier
     */
    public static StreamCarrier ofStreams(
            CarrierContext context,
            InputStream in,
            OutputStream out,
            AutoCloseable whole,
            CarrierTraits traits,
            SocketAddress localAddress,
            SocketAddress remoteAddress) {
        BlockingIo io = BlockingIo.of(in, out, whole);
        return new BlockingCarrier(context, loopFor(context), io, traits, localAddress, remoteAddress);
    }

    /**
     * A carrier over a byte channel in blocking mode, such as a {@link SocketChannel} of the JDK, with a thread that reads
     * and one that writes.
     *
     * @param context the request
     * @param channel a connected channel in blocking mode; closed by the carrier
     * @param traits what is true of it
     * @return the carrier
     * @throws IOException if its addresses cannot be had
     */
    public static StreamCarrier ofByteChannel(CarrierContext context, ByteChannel channel, CarrierTraits traits)
            throws IOException {
        SocketAddress local = UNKNOWN_ADDRESS;
        SocketAddress remote = UNKNOWN_ADDRESS;
        if (channel instanceof NetworkChannel network) {
            local = Objects.requireNonNullElse(network.getLocalAddress(), UNKNOWN_ADDRESS);
        }
        if (channel instanceof SocketChannel socket) {
            remote = Objects.requireNonNullElse(socket.getRemoteAddress(), UNKNOWN_ADDRESS);
        }
        return new BlockingCarrier(context, loopFor(context), BlockingIo.of(channel), traits, local, remote);
    }

    private static EventLoop loopFor(CarrierContext context) {
        return context instanceof BindRequest bind ? bind.eventLoops().next() : context.eventLoop();
    }

    /**
     * Connects a stream channel, such as TCP. All addresses of a host name are tried, IPv6 and IPv4 by turns, each 250 ms
     * after the one before or as soon as that has failed (RFC 8305, Happy Eyeballs); the first that connects is the carrier,
     * and the others are closed.
     *
     * @param request where the time-out, the event loop and the addresses of a name come from
     * @param remote where to connect; may be unresolved
     * @param traits what will be true of the carrier
     * @param options sets channel options, a local address or further handlers on the bootstrap, whose
     *     {@code config().remoteAddress()} is the address that is tried next; may throw if they do not fit that address
     * @return completes with the carrier, or with why there is none
     */
    public static CompletionStage<StreamCarrier> connect(
            DialRequest request, SocketAddress remote, CarrierTraits traits, Consumer<Bootstrap> options) {
        return connect(request, remote, options, (channel, left) -> CompletableFuture.completedFuture(traits));
    }

    /**
     * The same for a channel that has a handshake to do. The handshake is part of what each address is tried for: one that
     * connects and then does not answer costs no more than one that does not connect.
     *
     * @param request where the time-out, the event loop and the addresses of a name come from
     * @param remote where to connect; may be unresolved
     * @param options as above
     * @param handshake done on each channel that connects, until one has done it
     * @return completes with the carrier, or with why there is none
     */
    public static CompletionStage<StreamCarrier> connect(
            DialRequest request, SocketAddress remote, Consumer<Bootstrap> options, ChannelHandshake handshake) {
        return new Connecting(request, options, handshake).start(remote);
    }

    /**
     * Listens with a stream channel, such as TCP. Every connection becomes a carrier on one of
     * {@link BindRequest#eventLoops()}.
     *
     * @param request who takes the carriers
     * @param local where to listen; resolved
     * @param traits what will be true of the carriers
     * @param options sets options of the listening channel and, as child options, of the accepted ones
     * @return completes with the port, or with why it could not be opened
     */
    public static CompletionStage<BoundPort> listen(
            BindRequest request, SocketAddress local, CarrierTraits traits, Consumer<ServerBootstrap> options) {
        return Listening.open(request, local, traits, options, null);
    }

    /**
     * The same for channels that have a handshake to do. A carrier is handed over before its handshake, so that the engine's
     * deadline and its limits on carriers that have proved nothing cover that too; its first bytes come after it.
     *
     * @param request who takes the carriers
     * @param local where to listen; resolved
     * @param traits what will be true of the carriers once they deliver bytes
     * @param options sets options of the listening channel and, as child options, of the accepted ones
     * @param handshake adds handlers to an accepted channel, in front of the carrier; on the channel's event loop. If the
     *     handshake fails they say so with {@code exceptionCaught}, which ends the carrier
     * @return completes with the port, or with why it could not be opened
     */
    public static CompletionStage<BoundPort> listen(
            BindRequest request,
            SocketAddress local,
            CarrierTraits traits,
            Consumer<ServerBootstrap> options,
            Consumer<Channel> handshake) {
        return Listening.open(request, local, traits, options, handshake);
    }

    /**
     * A port for what blocks: accepts on a thread of its own. Calls {@code accept} again and again and hands over what it
     * returns, until the port is closed or {@code accept} throws, which is reported to {@link BindRequest#failed}.
     *
     * @param request who takes the carriers
     * @param listener what listens; closed with the port, which has to end a waiting {@code accept}
     * @param localAddress where it listens
     * @param dialSpec what to dial to get there
     * @param accept waits for a connection and makes a carrier of it
     * @return the port
     */
    public static BoundPort acceptLoop(
            BindRequest request,
            AutoCloseable listener,
            SocketAddress localAddress,
            PathSpec dialSpec,
            Callable<? extends Carrier> accept) {
        AcceptLoop port = new AcceptLoop(request, listener, localAddress, dialSpec, accept);
        port.start();
        return port;
    }

    /**
     * An address for something that has none.
     *
     * @param text what people see, such as {@code pid 4711}
     * @return the address; equal to others of the same text
     */
    public static SocketAddress opaque(String text) {
        return new OpaqueAddress(Objects.requireNonNull(text, "text"));
    }
}
