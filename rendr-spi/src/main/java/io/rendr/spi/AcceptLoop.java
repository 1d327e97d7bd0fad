// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.rendr.CloseReason;
import io.rendr.PathSpec;
import java.net.SocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

/** A port whose connections are accepted on a thread that blocks. */
final class AcceptLoop implements BoundPort {
    private final BindRequest request;
    private final AutoCloseable listener;
    private final SocketAddress localAddress;
    private final PathSpec dialSpec;
    private final Callable<? extends Carrier> accept;
    private final AtomicBoolean closed = new AtomicBoolean();

    AcceptLoop(
            BindRequest request,
            AutoCloseable listener,
            SocketAddress localAddress,
            PathSpec dialSpec,
            Callable<? extends Carrier> accept) {
        this.request = request;
        this.listener = listener;
        this.localAddress = localAddress;
        this.dialSpec = dialSpec;
        this.accept = accept;
    }

    void start() {
        request.blocking(() -> {
                    run();
                    return null;
                })
                .whenComplete((done, failure) -> {
                    if (failure != null && !closed.get()) {
                        request.failed(failure);
                    }
                });
    }

    private void run() throws Exception {
        while (!closed.get()) {
            Carrier carrier = accept.call();
            if (request.accepting()) {
                request.accepted(carrier);
            } else {
                CloseReason why = CloseReason.of(CloseReason.Kind.REJECTED, "the acceptor is closed");
                carrier.eventLoop().execute(() -> carrier.close(why));
            }
        }
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public PathSpec dialSpec() {
        return dialSpec;
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            listener.close();
        } catch (Exception e) {
            request.failed(e);
        }
    }
}
