// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine;

import com.google.inject.AbstractModule;
import com.google.inject.Key;
import com.google.inject.PrivateModule;
import com.google.inject.Provider;
import com.google.inject.Scopes;
import com.google.inject.TypeLiteral;
import com.google.inject.multibindings.Multibinder;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.engine.conn.RuntimeFace;
import io.rendr.engine.keys.KeyAgreement;
import io.rendr.engine.keys.X25519;
import io.rendr.engine.net.Engine;
import io.rendr.engine.net.EventLoops;
import io.rendr.engine.net.Workers;
import io.rendr.engine.registry.TransportRegistry;
import io.rendr.spi.PathFactory;
import java.security.SecureRandom;
import java.util.Set;

/**
 * Wires one runtime with Guice, once, at its start. An embedder installs it beside modules of its own and asks for
 * {@link Rendr}; transports that those modules add to {@code Multibinder<PathFactory>} are the runtime's, as if they had
 * been given to {@link RendrConfig.Builder#transport}. Whoever gets the runtime closes it.
 *
 * <p>Everything but {@link Rendr} stays private. All bindings are instances and provider instances, so Guice generates no
 * bytecode for them.
 */
public final class RendrModule extends AbstractModule {
    private static final Key<Set<PathFactory>> TRANSPORTS = Key.get(new TypeLiteral<Set<PathFactory>>() {});

    private final RendrConfig config;

    /**
     * Prepares the wiring of a runtime; starts nothing.
     *
     * @param config the settings of the runtime
     */
    public RendrModule(RendrConfig config) {
        this.config = config;
    }

    @Override
    protected void configure() {
        Multibinder.newSetBinder(binder(), PathFactory.class);
        install(new Wiring());
    }

    private final class Wiring extends PrivateModule {
        @Override
        protected void configure() {
            Provider<Set<PathFactory>> bound = getProvider(TRANSPORTS);
            Provider<TransportRegistry> transports =
                    one(TransportRegistry.class, () -> TransportRegistry.of(config, bound.get()));
            Provider<EventLoops> loops = one(EventLoops.class, () -> new EventLoops(config.ioThreads()));
            Provider<Workers> workers = one(Workers.class, () -> new Workers(config));
            Provider<SecureRandom> random = one(SecureRandom.class, SecureRandom::new);
            Provider<KeyAgreement> keyAgreement = one(KeyAgreement.class, X25519::new);
            // The transports first: they are what can be wrong, and nothing has been started by then.
            Provider<Engine> engine = one(
                    Engine.class,
                    () -> new Engine(
                            config, transports.get(), loops.get(), workers.get(), random.get(), keyAgreement.get()));
            one(Rendr.class, () -> new RuntimeFace(engine.get()));
            expose(Rendr.class);
        }

        private <T> Provider<T> one(Class<T> type, Provider<? extends T> provider) {
            bind(type).toProvider(provider).in(Scopes.SINGLETON);
            return getProvider(type);
        }
    }
}
