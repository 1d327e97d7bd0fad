// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import com.google.inject.ConfigurationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.multibindings.Multibinder;
import io.rendr.InvalidConfigException;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.Transport;
import io.rendr.engine.net.Engine;
import io.rendr.spi.PathFactory;
import io.rendr.spi.StreamPathFactory;
import io.rendr.testkit.LeakGuard;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class RendrModuleTest {
    private static PathFactory named(String name) {
        return StreamPathFactory.of(
                name, request -> CompletableFuture.failedFuture(new UnsupportedOperationException()));
    }

    @Test
    void anEmbedderAddsTransportsAndSeesOnlyTheRuntime() {
        Injector injector =
                Guice.createInjector(new RendrModule(RendrConfig.builder().build()), new AbstractModule() {
                    @Override
                    protected void configure() {
                        Multibinder.newSetBinder(binder(), PathFactory.class)
                                .addBinding()
                                .toInstance(named("own"));
                    }
                });
        try (Rendr rendr = injector.getInstance(Rendr.class)) {
            assertThat(injector.getInstance(Rendr.class)).isSameAs(rendr);
            assertThat(rendr.transports()).extracting(Transport::transport).contains("own");
            assertThatThrownBy(() -> injector.getInstance(Engine.class)).isInstanceOf(ConfigurationException.class);
        }
    }

    @Test
    void theServiceLoaderFindsTheEngine() {
        try (Rendr rendr = Rendr.create()) {
            assertThat(rendr.getClass().getName()).startsWith("io.rendr.engine.");
        }
    }

    @Test
    void aWrongConfigurationFailsInItsOwnWordsAndStartsNothing() {
        RendrConfig twice = RendrConfig.builder().transport(() -> "idea").build();
        assertThatThrownBy(() -> Rendr.create(twice))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("cannot make paths");
    }
}
