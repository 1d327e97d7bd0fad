// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.rendr.CloseReason;
import io.rendr.PathSpec;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.engine.flow.Instance;
import io.rendr.engine.registry.TransportRegistry;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.Carrier;
import io.rendr.spi.DatagramPort;
import io.rendr.spi.PacketCarrier;
import io.rendr.spi.PathFactory;
import io.rendr.spi.StreamCarrier;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One endpoint of an acceptor: the transport's port, and what comes in by it. */
final class Endpoint extends LentContext implements BindRequest {
    private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);
    private static final long BIND_TIMEOUT_SECONDS = 10;

    private final Listening listening;
    private final TransportRegistry transports;
    private final PathFactory factory;
    private final CompletableFuture<BoundPort> bound = new CompletableFuture<>();
    private final ConcurrentHashMap<HomeLoop, Handshakes> handshakes = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<HubSocket, HomeLoop> sockets = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Endpoint(Listening listening, PathSpec spec, TransportRegistry transports) {
        super(listening.engine(), listening.engine().loops().next(), spec);
        this.listening = listening;
        this.transports = transports;
        this.factory = transports.of(spec);
    }

    /** Opens the port; any thread. A port that opens after {@link #close} is closed. */
    CompletableFuture<BoundPort> bind() {
        try {
            home.loop().execute(this::ask);
        } catch (RejectedExecutionException e) {
            bound.completeExceptionally(new IOException("the runtime is closed", e));
        }
        return bound;
    }

    private void ask() {
        home.loop().schedule(this::timedOut, BIND_TIMEOUT_SECONDS, SECONDS);
        try {
            transports.checkAvailable(factory);
            CompletionStage<BoundPort> stage = factory.bind(this);
            if (stage == null) {
                throw new IllegalStateException("transport '" + factory.transport() + "' returned null from bind");
            }
            stage.whenComplete(this::opened);
        } catch (RuntimeException | LinkageError e) {
            bound.completeExceptionally(e);
        }
    }

    private void timedOut() {
        if (bound.completeExceptionally(
                new IOException(spec() + " was not open after " + BIND_TIMEOUT_SECONDS + " s"))) {
            cancelled();
        }
    }

    private void opened(@Nullable BoundPort port, @Nullable Throwable thrown) {
        if (port == null) {
            bound.completeExceptionally(
                    thrown != null
                            ? thrown
                            : new IllegalStateException(
                                    "transport '" + factory.transport() + "' completed bind without a port"));
        } else if (!bound.complete(port) || closed) {
            port.close();
        }
    }

    /** What to dial to get here; once it is open. */
    PathSpec dialSpec() {
        return bound.join().dialSpec();
    }

    void close() {
        closed = true;
        if (bound.isDone() && !bound.isCompletedExceptionally()) {
            bound.join().close();
        }
        bound.completeExceptionally(new IOException(spec() + " was closed"));
        sockets.forEach((socket, loop) -> onLoop(loop, socket::close));
        handshakes.forEach((loop, open) -> onLoop(loop, open::close));
    }

    private static void onLoop(HomeLoop loop, Runnable turn) {
        try {
            loop.run(turn);
        } catch (RejectedExecutionException e) {
            // The runtime was closed before, and ended all that lives there.
            return;
        }
    }

    @Override
    public EventLoopGroup eventLoops() {
        return engine.loops().group();
    }

    @Override
    public boolean accepting() {
        return !closed && listening.isOpen();
    }

    @Override
    public void accepted(Carrier carrier) {
        EventLoop loop = carrier.eventLoop();
        HomeLoop there = engine.loops().of(loop);
        if (loop.inEventLoop()) {
            there.turn(() -> take(carrier, there));
        } else {
            loop.execute(() -> there.turn(() -> take(carrier, there)));
        }
    }

    private void take(Carrier carrier, HomeLoop there) {
        if (!accepting()) {
            carrier.close(CloseReason.of(CloseReason.Kind.LOCAL, "the acceptor was closed"));
        } else if (carrier instanceof StreamCarrier stream) {
            CarrierPort port = new LocalCarrier(stream, there, spec());
            if (engine.loops().isHome(there)) {
                begin(port, there);
            } else {
                HomeLoop here = engine.loops().next();
                CarrierPort across = new RemoteCarrier(port, there, here);
                here.run(() -> begin(across, here));
            }
        } else if (carrier instanceof PacketCarrier packets && engine.loops().isHome(there)) {
            Instance instance = engine.instance();
            long id = instance.random().nextLong();
            begin(new LocalPackets(packets, there, spec(), instance.allocator(), id, true), there);
        } else {
            carrier.close(CloseReason.of(
                    CloseReason.Kind.CONFIG,
                    "transport '" + factory.transport()
                            + "' accepted a carrier of datagrams on an event loop of its own"));
        }
    }

    private void begin(CarrierPort port, HomeLoop loop) {
        handshakes
                .computeIfAbsent(loop, l -> new Handshakes(listening, spec(), l))
                .begin(port);
    }

    @Override
    public void failed(Throwable cause) {
        LOG.error("the endpoint {} has failed and accepts no more", spec(), cause);
        listening.failed(this, cause);
    }

    @Override
    public void paused(Throwable cause) {
        listening.paused(this, cause);
    }

    @Override
    public void port(DatagramPort port) {
        HomeLoop there = engine.loops().of(port.eventLoop());
        there.run(() -> {
            if (!engine.loops().isHome(there)) {
                port.close(CloseReason.of(
                        CloseReason.Kind.CONFIG,
                        "transport '" + factory.transport() + "' opened " + spec() + " on an event loop of its own"));
            } else if (!accepting()) {
                port.close(CloseReason.of(CloseReason.Kind.LOCAL, "the acceptor was closed"));
            } else {
                HubSocket socket = new HubSocket(
                        port,
                        there,
                        spec(),
                        engine.instance(),
                        (carrier, now) -> begin(carrier, there),
                        why -> failed(new IOException(why.toString(), why.cause())));
                sockets.put(socket, there);
                socket.start();
                if (closed) {
                    socket.close();
                }
            }
        });
    }
}
