// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.rendr.CloseReason;
import io.rendr.spi.CarrierListener;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.LocalAddress;
import io.rendr.spi.PacketCarrier;
import io.rendr.spi.Rebindable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A connected socket, which may be exchanged for one at another address. */
final class UdpCarrier implements PacketCarrier, Rebindable, UdpSocket.Owner {
    /** How long what is under way to an address that was left still arrives. */
    private static final int GRACE_SECONDS = 3;

    /** The selector gives a closed socket's port free when it next looks. */
    private static final int REPLACE_MILLIS = 10;

    private final UdpSockets sockets;
    private final CarrierTraits traits;
    private final InetSocketAddress remoteAddress;
    /** Where the path has to start; null if anywhere. */
    private final @Nullable LocalAddress from;

    private UdpSocket socket;
    private @Nullable UdpSocket left;
    private @Nullable Future<?> leaving;
    private boolean moving;
    private @Nullable CarrierListener listener;
    private @Nullable CloseReason ending;

    UdpCarrier(
            UdpSockets sockets,
            DatagramChannel channel,
            InetSocketAddress remoteAddress,
            @Nullable LocalAddress from,
            CarrierTraits traits) {
        this.from = from;
        this.sockets = sockets;
        this.traits = traits;
        this.remoteAddress = remoteAddress;
        this.socket = UdpSocket.on(channel, sockets.gso(), this);
    }

    @Override
    public EventLoop eventLoop() {
        return sockets.loop();
    }

    @Override
    public CarrierTraits traits() {
        return traits;
    }

    @Override
    public SocketAddress localAddress() {
        return socket.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public void start(CarrierListener listener) {
        if (this.listener != null) {
            throw new IllegalStateException("carrier " + this + " was started twice");
        }
        this.listener = Objects.requireNonNull(listener, "listener");
        socket.start();
    }

    @Override
    public int maxDatagramSize() {
        return UdpSocket.maxDatagramSize(remoteAddress);
    }

    @Override
    public int maxSegments() {
        return socket.maxSegments();
    }

    @Override
    public int credit() {
        return socket.credit();
    }

    @Override
    public long queued() {
        return socket.queued();
    }

    @Override
    public void write(ByteBuf datagrams, int segmentSize) {
        socket.write(datagrams, segmentSize, null);
    }

    @Override
    public void flush() {
        socket.flush();
    }

    @Override
    public void close(CloseReason why) {
        if (ending == null) {
            ending = why;
            leave();
            socket.close(why);
        }
    }

    @Override
    public <A> Optional<A> ability(Class<A> type) {
        return type == Rebindable.class ? Optional.of(type.cast(this)) : Optional.empty();
    }

    @Override
    public CompletionStage<SocketAddress> rebind(SocketAddress local) {
        if (ending != null) {
            return CompletableFuture.failedFuture(new IOException("carrier " + this + " has ended: " + ending));
        }
        if (moving) {
            return CompletableFuture.failedFuture(new IllegalStateException("carrier " + this + " is moving already"));
        }
        moving = true;
        return sockets.target(from, local, remoteAddress)
                .thenCompose(to -> sockets.open(to, remoteAddress))
                .handle((channel, failure) -> {
                    moving = false;
                    if (failure != null) {
                        throw failure instanceof CompletionException wrapped
                                ? wrapped
                                : new CompletionException(failure);
                    }
                    if (ending != null) {
                        channel.close();
                        throw new CompletionException(new IOException("carrier " + this + " has ended: " + ending));
                    }
                    moveTo(channel);
                    return localAddress();
                });
    }

    private void moveTo(DatagramChannel channel) {
        leave();
        UdpSocket before = socket;
        socket = UdpSocket.on(channel, sockets.gso(), this);
        left = before;
        leaving = eventLoop().schedule(this::leave, GRACE_SECONDS, TimeUnit.SECONDS);
        if (listener != null) {
            socket.start();
            socket.wake(); // whoever waited for the old one
        }
    }

    /** Has done with the address that was left. */
    private void leave() {
        if (left != null && leaving != null) {
            leaving.cancel(false);
            left.close(CloseReason.of(CloseReason.Kind.LOCAL, "moved to " + localAddress()));
            left = null;
        }
    }

    @Override
    public void received(ByteBuf datagram, InetSocketAddress source) {
        heard().received(datagram, datagram.readableBytes());
    }

    @Override
    public void readComplete() {
        heard().readComplete();
    }

    @Override
    public void writable() {
        if (credit() > 0) {
            heard().writable();
        }
    }

    @Override
    public void dropped(int datagrams) {
        heard().dropped(datagrams);
    }

    @Override
    public void ended(UdpSocket ended, CloseReason why) {
        if (ended == socket && ending == null && ended.heard() && !eventLoop().isShuttingDown()) {
            replaceLater(ended, why);
        } else if (ended == socket) {
            end(why);
        }
        int never = ended.takeLost();
        if (never > 0 && ending == null) {
            dropped(never);
        }
    }

    /** NIO closes a socket for most of what ICMP says. At the same address the peer does not even notice another. */
    private void replaceLater(UdpSocket ended, CloseReason why) {
        eventLoop().schedule(() -> replace(ended, why), REPLACE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void replace(UdpSocket ended, CloseReason why) {
        if (moving) {
            replaceLater(ended, why); // that move may do
        } else if (ended == socket) {
            rebind(ended.localAddress()).whenComplete((address, failure) -> {
                if (failure != null) {
                    end(why);
                }
            });
        }
    }

    private void end(CloseReason why) {
        if (ending == null) {
            ending = why;
            leave();
        }
        heard().closed(ending);
    }

    private CarrierListener heard() {
        return Objects.requireNonNull(listener);
    }

    @Override
    public String toString() {
        return localAddress() + " - " + remoteAddress;
    }
}
