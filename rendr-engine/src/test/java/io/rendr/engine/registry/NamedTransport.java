// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.registry;

import io.rendr.OptionKey;
import io.rendr.spi.DialRequest;
import io.rendr.spi.StreamCarrier;
import io.rendr.spi.StreamPathFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** A transport of any name that opens nothing. */
class NamedTransport implements StreamPathFactory {
    final AtomicInteger closed = new AtomicInteger();
    private final String name;

    NamedTransport(String name) {
        this.name = name;
    }

    @Override
    public String transport() {
        return name;
    }

    @Override
    public List<OptionKey<?>> options() {
        return List.of(OptionKey.flag("turbo", false, "Whether it is fast."));
    }

    @Override
    public CompletionStage<StreamCarrier> dial(DialRequest request) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException("only a name"));
    }

    @Override
    public void close() {
        closed.incrementAndGet();
    }
}
