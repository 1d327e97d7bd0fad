// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.channel.socket.DatagramChannel;
import io.rendr.spi.LocalAddress;
import io.rendr.spi.Rebindable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Exchanges the socket under a dialed connection, when it is told to and when the system has closed it. On its event loop. */
final class Mover implements Rebindable, Underlay.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(Mover.class);

    /** The selector gives a closed socket's port free when it next looks. */
    private static final int REPLACE_MILLIS = 10;

    private final QuicSockets sockets;
    private final Underlay underlay;
    private final QuicConnection connection;
    /** Where the path has to start; null if anywhere. */
    private final @Nullable LocalAddress from;

    private @Nullable QuicCarrier carrier;
    private boolean moving;

    Mover(QuicSockets sockets, Underlay underlay, QuicConnection connection, @Nullable LocalAddress from) {
        this.sockets = sockets;
        this.underlay = underlay;
        this.connection = connection;
        this.from = from;
    }

    /** What to end when it cannot go on. */
    void carrier(QuicCarrier over) {
        carrier = over;
    }

    SocketAddress localAddress() {
        return underlay.here();
    }

    @Override
    public CompletionStage<SocketAddress> rebind(SocketAddress local) {
        if (!connection.isOpen()) {
            return CompletableFuture.failedFuture(new IOException(this + " has ended"));
        }
        if (moving) {
            return CompletableFuture.failedFuture(new IllegalStateException(this + " is moving already"));
        }
        return move(local);
    }

    private CompletionStage<SocketAddress> move(SocketAddress wanted) {
        moving = true;
        return sockets.target(from, wanted, underlay.peer())
                .thenCompose(to -> sockets.open(to, underlay.peer(), new Underlay.Inlet()))
                .handle((channel, failure) -> {
                    moving = false;
                    if (failure != null) {
                        if (!underlay.hasSocket()) {
                            lost(); // meanwhile
                        }
                        throw failure instanceof CompletionException wrapped
                                ? wrapped
                                : new CompletionException(failure);
                    }
                    return moved(channel);
                });
    }

    private SocketAddress moved(DatagramChannel channel) {
        if (!connection.isOpen()) {
            channel.close();
            throw new CompletionException(new IOException(this + " has ended"));
        }
        underlay.moveTo(channel);
        return localAddress();
    }

    @Override
    public void complaint(Throwable cause) {
        LOG.debug("the network says of {}: {}", this, cause.toString());
    }

    /** NIO closes a socket for much of what ICMP says. At the same address the peer does not even notice another. */
    @Override
    public void lost() {
        if (sockets.areClosed()) {
            connection.close(CloseCode.CUT);
        } else if (connection.isOpen()) {
            InetSocketAddress same = underlay.here();
            connection
                    .eventLoop()
                    .schedule(
                            () -> {
                                if (underlay.here().equals(same)) { // it may have moved meanwhile
                                    replace(same);
                                }
                            },
                            REPLACE_MILLIS,
                            TimeUnit.MILLISECONDS);
        }
    }

    private void replace(InetSocketAddress same) {
        if (!connection.isOpen() || moving) {
            return; // that move may do
        }
        move(same).whenComplete((moved, failure) -> {
            if (failure != null && carrier != null) {
                carrier.fail(failure);
            }
        });
    }

    /** The connection is over. */
    void close() {
        // Later: what it has to say at last may not have been flushed yet.
        connection.eventLoop().execute(underlay::close);
    }

    @Override
    public String toString() {
        return connection.between();
    }
}
