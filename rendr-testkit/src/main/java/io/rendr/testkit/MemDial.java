// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.netty.channel.EventLoop;
import io.rendr.CloseReason;
import io.rendr.PathSpec;
import io.rendr.spi.DialRequest;
import io.rendr.spi.StreamCarrier;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** A dial that waits to be served; its outcome is told on its own event loop. */
final class MemDial {

    private final DialRequest request;
    private final CompletableFuture<StreamCarrier> result = new CompletableFuture<>();

    MemDial(DialRequest request) {
        this.request = request;
    }

    EventLoop eventLoop() {
        return request.eventLoop();
    }

    PathSpec options() {
        return request.spec();
    }

    CompletableFuture<StreamCarrier> result() {
        return result;
    }

    void connected(MemCarrier carrier) {
        eventLoop().execute(() -> {
            if (!result.complete(carrier)) {
                carrier.close(CloseReason.of(CloseReason.Kind.LOCAL, "the dial was cancelled"));
            }
        });
    }

    void fail(Throwable why) {
        eventLoop().execute(() -> result.completeExceptionally(why));
    }

    void cancel() {
        result.completeExceptionally(new CancellationException("the dial of " + options() + " was cancelled"));
    }
}
