// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.CommonOptions;
import io.rendr.PathSpec;
import io.rendr.engine.flow.CarrierEvents;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.spi.CarrierListener;
import io.rendr.spi.ChannelSecurity;
import io.rendr.spi.StreamCarrier;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A transport's stream carrier as the core sees it, both on one loop. Every event becomes a turn of that loop; whatever
 * the core throws ends this carrier and nothing else.
 */
final class LocalCarrier implements CarrierPort, CarrierListener {
    private static final Logger LOG = LoggerFactory.getLogger(LocalCarrier.class);

    private final StreamCarrier carrier;
    private final HomeLoop home;
    private final @Nullable String fate;
    private @Nullable CarrierEvents events;
    private boolean closed;

    /** The carrier must not have been started; {@link #events} starts it. */
    LocalCarrier(StreamCarrier carrier, HomeLoop home, PathSpec spec) {
        this.carrier = carrier;
        this.home = home;
        this.fate = spec.find(CommonOptions.FATE).orElse(carrier.traits().fateGroup());
    }

    @Override
    public void events(CarrierEvents next) {
        boolean first = events == null;
        events = next;
        if (first) {
            carrier.start(this);
        }
    }

    @Override
    public int credit() {
        return carrier.credit();
    }

    @Override
    public void write(ByteBuf bytes) {
        carrier.write(bytes);
    }

    @Override
    public boolean gathers() {
        return carrier.gathers();
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
        Rebinding.of(
                carrier,
                local,
                failure -> home.turn(() -> {
                    if (failure == null) {
                        deliverRerouted();
                    }
                    done.accept(failure);
                }));
    }

    @Override
    public void remoteAddressChanged(SocketAddress now) {
        home.turn(this::deliverRerouted);
    }

    private void deliverRerouted() {
        try {
            if (events != null && !closed) {
                events.rerouted(Clock.now());
            }
        } catch (RuntimeException e) {
            broken(e);
        }
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

    @Override
    public void received(ByteBuf data, int segmentSize) {
        if (!home.enter()) {
            home.defer(() -> deliver(data));
            return;
        }
        try {
            deliver(data);
        } finally {
            home.exit();
        }
    }

    private void deliver(ByteBuf data) {
        try {
            if (events != null && !closed) {
                events.received(data, Clock.now());
            }
        } catch (RuntimeException e) {
            broken(e);
        } finally {
            data.release();
        }
    }

    @Override
    public void readComplete() {
        if (!home.enter()) {
            home.defer(this::deliverReadComplete);
            return;
        }
        try {
            deliverReadComplete();
        } finally {
            home.exit();
        }
    }

    private void deliverReadComplete() {
        try {
            if (events != null && !closed) {
                events.readComplete(Clock.now());
            }
        } catch (RuntimeException e) {
            broken(e);
        }
    }

    @Override
    public void writable() {
        if (!home.enter()) {
            home.defer(this::deliverWritable);
            return;
        }
        try {
            deliverWritable();
        } finally {
            home.exit();
        }
    }

    private void deliverWritable() {
        try {
            if (events != null && !closed) {
                events.writable(Clock.now());
            }
        } catch (RuntimeException e) {
            broken(e);
        }
    }

    @Override
    public void closed(CloseReason why) {
        LOG.debug("the carrier {} -> {} has ended: {}", localAddress(), remoteAddress(), why);
        home.turn(() -> {
            if (events != null && !closed) {
                closed = true;
                events.closed(why, Clock.now());
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
