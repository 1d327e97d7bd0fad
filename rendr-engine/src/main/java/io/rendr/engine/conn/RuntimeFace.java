// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.Dialer;
import io.rendr.DialerConfig;
import io.rendr.FlowAbortedException;
import io.rendr.InstanceId;
import io.rendr.Rendr;
import io.rendr.RendrStatus;
import io.rendr.StreamConn;
import io.rendr.Transport;
import io.rendr.engine.memory.ChunkPool;
import io.rendr.engine.net.Engine;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** The runtime, as {@link Rendr#create()} returns it. */
public final class RuntimeFace implements Rendr {
    /** How long aborted flows may take to say so; the core takes 2 s at most. */
    private static final long FAREWELL = SECONDS.toNanos(3);

    private final Engine engine;
    private final AtomicBoolean closed = new AtomicBoolean();

    public RuntimeFace(Engine engine) {
        this.engine = engine;
    }

    @Override
    public StreamConn dial(String... pathUris) throws IOException {
        DialerConfig.Builder config = DialerConfig.builder();
        for (String uri : pathUris) {
            config.path(uri);
        }
        return dialer(config.build()).dial();
    }

    @Override
    public Dialer dialer(DialerConfig config) {
        checkOpen();
        return new DialerFace(engine, config);
    }

    @Override
    public Acceptor listen(String... endpointUris) throws IOException {
        AcceptorConfig.Builder config = AcceptorConfig.builder();
        for (String uri : endpointUris) {
            config.endpoint(uri);
        }
        return listen(config.build());
    }

    @Override
    public Acceptor listen(AcceptorConfig config) throws IOException {
        checkOpen();
        engine.loops().checkMayBlock("Rendr.listen", "a thread of the application");
        return AcceptorFace.open(engine, config);
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the runtime is closed");
        }
    }

    @Override
    public List<Transport> transports() {
        return engine.transports().all();
    }

    @Override
    public RendrStatus status() {
        ChunkPool pool = engine.instance().pool();
        return new RendrStatus(
                instanceId(),
                Set.copyOf(engine.instance().capabilities()),
                pool.flows(),
                pool.maxFlows(),
                pool.used(),
                engine.memoryBudget(),
                engine.handshakes());
    }

    @Override
    public InstanceId instanceId() {
        return engine.instance().id();
    }

    @Override
    public void networkChanged() {
        engine.drivers()
                .forEach(driver -> driver.run((flow, now) -> flow.admin().networkChanged(now)));
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (engine.loops().onLoop()) {
            // The loops cannot wait for themselves.
            Thread closer = new Thread(this::end, "rendr-close");
            closer.setDaemon(true);
            closer.start();
        } else {
            end();
        }
    }

    private void end() {
        boolean interrupted = Thread.interrupted();
        CompletableFuture<Void> quiet = engine.beginClose();
        interrupted = waitFor(quiet, interrupted ? 0 : engine.config().linger().toNanos()) || interrupted;
        if (!quiet.isDone()) {
            engine.drivers()
                    .forEach(driver -> driver.run((flow, now) -> {
                        flow.abort(FlowAbortedException.SHUTTING_DOWN, now);
                        flow.detachApplication();
                    }));
            interrupted = waitFor(quiet, FAREWELL) || interrupted;
        }
        engine.endClose();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether the thread was interrupted, which ends the waiting. */
    private static boolean waitFor(CompletableFuture<Void> quiet, long nanos) {
        try {
            quiet.get(nanos, NANOSECONDS);
        } catch (InterruptedException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing completes it so", e);
        }
        return false;
    }

    @Override
    public String toString() {
        return "Rendr[" + instanceId() + "]";
    }
}
