// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.channel.EventLoop;
import io.rendr.CloseReason;
import io.rendr.spi.Carrier;
import io.rendr.spi.CarrierListener;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.Rebindable;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a QUIC connection is as a carrier, whatever it carries: where it is, and how it ends. On the connection's event loop. */
abstract class QuicCarrier implements QuicConnection.Owner {
    final QuicConnection connection;
    final EventLoop loop;
    private final CarrierTraits traits;
    private final @Nullable Mover mover;
    private final SocketAddress localAddress;
    private SocketAddress remoteAddress;

    /** Who hears what happens; null before the start. */
    @Nullable
    CarrierListener listener;

    /** Why it has ended at this end; null while it has not. */
    @Nullable
    CloseReason ending;

    private boolean closedHeard;

    /**
     * On an established connection, or one that came to nothing.
     *
     * @param mover exchanges the socket; null where that cannot be
     */
    QuicCarrier(
            QuicConnection connection,
            CarrierTraits traits,
            InetSocketAddress localAddress,
            InetSocketAddress remoteAddress,
            @Nullable Mover mover) {
        this.connection = connection;
        this.loop = connection.eventLoop();
        this.traits = traits;
        this.localAddress = localAddress;
        this.remoteAddress = remoteAddress;
        this.mover = mover;
    }

    // ---- as every carrier has it

    public EventLoop eventLoop() {
        return loop;
    }

    public CarrierTraits traits() {
        return traits;
    }

    public SocketAddress localAddress() {
        return mover == null ? localAddress : mover.localAddress();
    }

    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    public <A> Optional<A> ability(Class<A> type) {
        return type == Rebindable.class && mover != null ? Optional.of(type.cast(mover)) : Optional.empty();
    }

    public void start(CarrierListener heard) {
        if (listener != null) {
            throw new IllegalStateException("carrier " + this + " was started twice");
        }
        listener = Objects.requireNonNull(heard, "listener");
        // Later, not from inside this call: the codec may have something to deliver.
        loop.execute(ending == null ? this::begin : this::hearClosed);
    }

    public abstract void close(CloseReason why);

    /** The same, as the engine knows it. */
    abstract Carrier carrier();

    // ---- for either kind

    /** There is somebody to hear what arrives. */
    abstract void begin();

    /** Nothing more is sent: drops what waits for it. */
    abstract void drop();

    /** This end has ended it; false if it had ended before. */
    boolean end(CloseReason why) {
        if (ending != null) {
            return false;
        }
        ending = why;
        drop();
        return true;
    }

    /** Tells the end, later: not from inside a call. */
    void tellClosed() {
        if (listener != null) {
            loop.execute(this::hearClosed);
        }
    }

    private void hearClosed() {
        if (!closedHeard) {
            closedHeard = true;
            Objects.requireNonNull(listener).closed(Objects.requireNonNull(ending));
        }
    }

    /** It has ended by itself. */
    void over(CloseReason why) {
        end(why);
        if (listener != null) {
            hearClosed();
        }
    }

    void fail(Throwable cause) {
        close(CloseReason.of(cause));
    }

    // ---- the connection

    @Override
    public void peerMoved(InetSocketAddress to) {
        remoteAddress = to;
        if (listener != null && ending == null) {
            listener.remoteAddressChanged(to);
        }
    }

    @Override
    public void ended() {
        over(CloseReason.of(connection.why(null)));
        if (mover != null) {
            mover.close();
        }
    }

    @Override
    public String toString() {
        return localAddress() + " - " + remoteAddress;
    }
}
