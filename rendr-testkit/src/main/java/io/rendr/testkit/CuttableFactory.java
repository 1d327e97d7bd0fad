// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.rendr.CloseReason;
import io.rendr.CloseReason.Kind;
import io.rendr.OptionKey;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.Carrier;
import io.rendr.spi.DialRequest;
import io.rendr.spi.PathFactory;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A transport of which every carrier that it dialed can be cut, whatever kind it is. */
final class CuttableFactory implements PathFactory {

    private final PathFactory factory;
    private final Queue<Carrier> dialed = new ConcurrentLinkedQueue<>();

    CuttableFactory(PathFactory factory) {
        this.factory = factory;
    }

    /** Cuts all that were dialed since it was called last; one that has ended meanwhile takes no notice. */
    void cut() {
        for (Carrier carrier = dialed.poll(); carrier != null; carrier = dialed.poll()) {
            Carrier cut = carrier;
            cut.eventLoop().execute(() -> cut.close(CloseReason.of(Kind.ERROR, "cut by the contract")));
        }
    }

    @Override
    public CompletionStage<? extends Carrier> dial(DialRequest request) {
        return factory.dial(request).thenApply(carrier -> {
            dialed.add(carrier);
            return carrier;
        });
    }

    @Override
    public CompletionStage<BoundPort> bind(BindRequest request) {
        return factory.bind(request);
    }

    @Override
    public String transport() {
        return factory.transport();
    }

    @Override
    public int priority() {
        return factory.priority();
    }

    @Override
    public Optional<String> unavailable() {
        return factory.unavailable();
    }

    @Override
    public Set<String> capabilities() {
        return factory.capabilities();
    }

    @Override
    public List<OptionKey<?>> options() {
        return factory.options();
    }

    @Override
    public void close() {
        factory.close();
    }
}
