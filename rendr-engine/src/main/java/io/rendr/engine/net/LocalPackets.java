// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.rendr.CloseReason;
import io.rendr.CommonOptions;
import io.rendr.PathSpec;
import io.rendr.engine.flow.CarrierEvents;
import io.rendr.engine.flow.MessagePort;
import io.rendr.engine.wire.HandshakeDatagram;
import io.rendr.spi.CarrierListener;
import io.rendr.spi.ChannelSecurity;
import io.rendr.spi.PacketCarrier;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A datagram carrier of its own as the core sees it, on the loop it lives on. Every event becomes a turn of that loop. Those
 * that share a socket are in a {@link io.rendr.engine.flow.DatagramHub}.
 */
final class LocalPackets extends MessagePort implements CarrierListener {
    private static final Logger LOG = LoggerFactory.getLogger(LocalPackets.class);

    private final PacketCarrier carrier;
    private final HomeLoop home;
    private final @Nullable String fate;
    private final boolean accepted;
    private boolean started;
    private boolean closed;

    /**
     * The carrier must not have been started; {@link #events} starts it.
     *
     * @param accepted whether the peer has dialed it, who begins without a connection id
     */
    LocalPackets(
            PacketCarrier carrier,
            HomeLoop home,
            PathSpec spec,
            ByteBufAllocator allocator,
            long connectionId,
            boolean accepted) {
        super(allocator, connectionId);
        this.accepted = accepted;
        this.carrier = carrier;
        this.home = home;
        this.fate = spec.find(CommonOptions.FATE).orElse(carrier.traits().fateGroup());
    }

    @Override
    public void events(CarrierEvents next) {
        super.events(next);
        if (!started) {
            started = true;
            carrier.start(this);
        }
    }

    @Override
    public int credit() {
        return carrier.credit();
    }

    @Override
    public int maxDatagram() {
        return carrier.maxDatagramSize();
    }

    @Override
    public int maxSegments() {
        return carrier.maxSegments();
    }

    @Override
    public int mostUnderWay() {
        return carrier.traits().congestionControlled() ? carrier.maxUnderWay() : 0;
    }

    @Override
    protected void send(ByteBuf datagram) {
        carrier.write(datagram, datagram.readableBytes());
        carrier.flush();
    }

    @Override
    public void write(ByteBuf packets, int segmentSize) {
        carrier.write(packets, segmentSize);
    }

    @Override
    public void flush() {
        carrier.flush();
    }

    @Override
    public void close(CloseReason why) {
        carrier.close(why);
    }

    /** The peer finds out by the next packet that this end is elsewhere. */
    @Override
    public void rebind(@Nullable SocketAddress local, Consumer<@Nullable IOException> done) {
        Rebinding.of(carrier, local, failure -> {
            if (failure == null) {
                tell(CarrierEvents::rerouted);
            }
            home.turn(() -> done.accept(failure));
        });
    }

    @Override
    public void remoteAddressChanged(SocketAddress now) {
        tell(CarrierEvents::rerouted);
    }

    @Override
    public ChannelSecurity security() {
        return carrier.traits().security();
    }

    @Override
    public @Nullable String fateGroup() {
        return fate;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return carrier.localAddress();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return carrier.remoteAddress();
    }

    // ---- what comes in

    @Override
    public void received(ByteBuf data, int segmentSize) {
        home.turn(() -> {
            try {
                long now = Clock.now();
                while (data.isReadable() && !closed) {
                    take(data.readSlice(Math.min(segmentSize, data.readableBytes())), now);
                }
            } catch (RuntimeException e) {
                broken(e);
            } finally {
                data.release();
            }
        });
    }

    private void take(ByteBuf datagram, long now) {
        if (isMine(datagram)) {
            received(datagram, now);
        }
    }

    /** What comes on a carrier that protects its datagrams is the peer's; elsewhere it may be for a carrier before this one. */
    private boolean isMine(ByteBuf datagram) {
        if (security() != ChannelSecurity.NONE) {
            return true;
        }
        if (datagram.readableBytes() < HandshakeDatagram.HEADER) {
            return false;
        }
        long id = HandshakeDatagram.connectionId(datagram);
        return id == connectionId() || accepted && id == 0;
    }

    @Override
    public void readComplete() {
        tell(CarrierEvents::readComplete);
    }

    @Override
    public void writable() {
        tell(CarrierEvents::writable);
    }

    @Override
    public void maxDatagramSizeChanged(int bytes) {
        tell(CarrierEvents::resized);
    }

    private void tell(ObjLongConsumer<CarrierEvents> event) {
        home.turn(() -> {
            CarrierEvents to = events();
            if (to != null && !closed) {
                try {
                    event.accept(to, Clock.now());
                } catch (RuntimeException e) {
                    broken(e);
                }
            }
        });
    }

    @Override
    public void closed(CloseReason why) {
        LOG.debug("the carrier {} -> {} has ended: {}", localAddress(), remoteAddress(), why);
        home.turn(() -> {
            CarrierEvents to = events();
            if (to != null && !closed) {
                closed = true;
                to.closed(why, Clock.now());
            }
        });
    }

    private void broken(RuntimeException e) {
        LOG.error("the engine failed on the carrier {} -> {}; it is closed", localAddress(), remoteAddress(), e);
        carrier.close(new CloseReason(CloseReason.Kind.ERROR, "the engine failed on this carrier: " + e, e));
    }

    @Override
    public String toString() {
        return carrier.toString();
    }
}
