// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.netty.channel.EventLoopGroup;
import io.rendr.CloseReason;
import io.rendr.PathSpec;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.Carrier;
import io.rendr.spi.DatagramPort;
import io.rendr.spi.PathFactory;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One endpoint of a {@link TransportRig}. */
public final class RigPort extends RigContext implements BindRequest, AutoCloseable {

    private final CompletableFuture<BoundPort> opened = new CompletableFuture<>();
    private final BlockingQueue<Carrier> accepted = new LinkedBlockingQueue<>();
    private final CompletableFuture<DatagramPort> datagrams = new CompletableFuture<>();
    private final AtomicInteger unwanted = new AtomicInteger();
    private volatile boolean accepting = true;
    private volatile @Nullable Throwable failure;

    RigPort(TransportRig rig, PathSpec endpoint) {
        super(rig, endpoint);
    }

    void begin(PathFactory factory) {
        eventLoop().execute(() -> {
            CompletionStage<BoundPort> stage;
            try {
                stage = factory.bind(this);
            } catch (Throwable t) {
                opened.completeExceptionally(new AssertionError("bind() threw instead of failing its stage", t));
                return;
            }
            stage.whenComplete((port, why) -> {
                over();
                if (why == null) {
                    opened.complete(port);
                } else {
                    opened.completeExceptionally(why);
                }
            });
        });
    }

    /** The open port, or why it could not be opened. */
    public CompletionStage<BoundPort> opened() {
        return opened;
    }

    /** What to dial, waiting for the port to be open. */
    public PathSpec dialSpec() {
        return Await.result(opened).dialSpec();
    }

    /** Waits for the next accepted carrier; not started. */
    public CarrierProbe accept() {
        try {
            Carrier carrier = accepted.poll(Await.LONG.toNanos(), TimeUnit.NANOSECONDS);
            if (carrier == null) {
                throw new AssertionError("nothing was accepted at " + spec());
            }
            return new CarrierProbe(carrier);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while accepting", e);
        }
    }

    /** The socket of a transport of datagrams, not started; {@link #close} closes it. */
    public CompletionStage<DatagramPort> datagrams() {
        return datagrams;
    }

    /** How many carriers were handed over although {@link #accepting()} said no. */
    public int unwanted() {
        return unwanted.get();
    }

    /** What {@link #accepting()} says from now on; true at first. */
    public void setAccepting(boolean accepting) {
        this.accepting = accepting;
    }

    /** What the transport reported by {@link #failed(Throwable)}; null if nothing. */
    public @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public EventLoopGroup eventLoops() {
        return rig.loops();
    }

    @Override
    public void accepted(Carrier carrier) {
        if (!accepting) {
            unwanted.incrementAndGet();
            closeLater(carrier);
            return;
        }
        accepted.add(carrier);
        if (!accepting && accepted.remove(carrier)) { // this port has just closed those that it saw
            closeLater(carrier);
        }
    }

    private static void closeLater(Carrier carrier) {
        carrier.eventLoop().execute(() -> carrier.close(CloseReason.of(CloseReason.Kind.LOCAL, "not wanted")));
    }

    @Override
    public boolean accepting() {
        return accepting;
    }

    @Override
    public void failed(Throwable cause) {
        failure = cause;
    }

    @Override
    public void port(DatagramPort port) {
        datagrams.complete(port);
    }

    /** Closes the port, and the carriers that nobody took. */
    @Override
    public void close() {
        accepting = false;
        if (opened.isDone() && !opened.isCompletedExceptionally()) {
            opened.join().close();
        }
        if (datagrams.isDone()) {
            DatagramPort port = datagrams.join();
            port.eventLoop().execute(() -> port.close(CloseReason.of(CloseReason.Kind.LOCAL, "the rig's port closes")));
        }
        for (Carrier c = accepted.poll(); c != null; c = accepted.poll()) {
            new CarrierProbe(c).close(CloseReason.Kind.LOCAL);
        }
    }
}
