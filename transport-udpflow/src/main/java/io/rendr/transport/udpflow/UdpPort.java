// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.rendr.CloseReason;
import io.rendr.spi.DatagramPort;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A socket that is not connected. */
final class UdpPort implements DatagramPort, UdpSocket.Owner {
    private final EventLoop loop;
    private final UdpSocket socket;
    private @Nullable Listener listener;

    UdpPort(UdpSockets sockets, DatagramChannel channel) {
        this.loop = sockets.loop();
        this.socket = UdpSocket.on(channel, sockets.gso(), this);
    }

    @Override
    public EventLoop eventLoop() {
        return loop;
    }

    @Override
    public SocketAddress localAddress() {
        return socket.localAddress();
    }

    @Override
    public int maxDatagramSize() {
        return UdpSocket.maxDatagramSize(socket.localAddress());
    }

    @Override
    public int maxSegments() {
        return socket.maxSegments();
    }

    @Override
    public void start(Listener listener) {
        if (this.listener != null) {
            throw new IllegalStateException("port " + this + " was started twice");
        }
        this.listener = Objects.requireNonNull(listener, "listener");
        socket.start();
    }

    @Override
    public int credit() {
        return socket.credit();
    }

    @Override
    public void write(ByteBuf datagrams, int segmentSize, SocketAddress to) {
        if (!(to instanceof InetSocketAddress address) || address.isUnresolved()) {
            datagrams.release();
            throw new IllegalArgumentException("not a resolved address: " + to);
        }
        socket.write(datagrams, segmentSize, address);
    }

    @Override
    public void flush() {
        socket.flush();
    }

    @Override
    public void close(CloseReason why) {
        socket.close(why);
    }

    @Override
    public void received(ByteBuf datagram, InetSocketAddress source) {
        heard().received(datagram, datagram.readableBytes(), source);
    }

    @Override
    public void readComplete() {
        heard().readComplete();
    }

    @Override
    public void writable() {
        heard().writable();
    }

    @Override
    public void dropped(int datagrams) {
        heard().dropped(datagrams);
    }

    @Override
    public void ended(UdpSocket ended, CloseReason why) {
        heard().closed(why);
    }

    private Listener heard() {
        return Objects.requireNonNull(listener);
    }

    @Override
    public String toString() {
        return "UDP " + localAddress();
    }
}
