// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.InvalidConfigException;
import io.rendr.PathSpec;
import io.rendr.RendrConfig;
import io.rendr.Transport;
import io.rendr.UnknownTransportException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TransportRegistryTest {
    private static TransportRegistry registry(Transport... transports) {
        RendrConfig.Builder config = RendrConfig.builder().discoverTransports(false);
        for (Transport transport : transports) {
            config.transport(transport);
        }
        return TransportRegistry.of(config.build(), List.of());
    }

    @Test
    void anUnknownNameTellsWhatThereIs() {
        NamedTransport away = new NamedTransport("xray") {
            @Override
            public Optional<String> unavailable() {
                return Optional.of("no process at 127.0.0.1:10085");
            }
        };
        TransportRegistry registry = registry(new NamedTransport("quic"), away);
        assertThatThrownBy(() -> registry.of(PathSpec.of("quik://h2:5555")))
                .isInstanceOf(UnknownTransportException.class)
                .hasMessageStartingWith(
                        "no transport named 'quik' (in 'quik://h2:5555'). Did you mean 'quic'?\nKnown: quic ")
                .hasMessageContaining("xray (unavailable: no process at 127.0.0.1:10085).")
                .hasMessageContaining("Add the jar")
                .hasMessageContaining("RendrConfig.transport(..)");
    }

    @Test
    void anUnknownOptionTellsTheNearest() {
        TransportRegistry registry = registry(new NamedTransport("quic"));
        assertThatThrownBy(() -> registry.of(PathSpec.of("quic://h:1?turbu=true")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("turbo");
        assertThat(registry.of(PathSpec.of("quic://h:1?turbo=true"))).isNotNull();
    }

    @Test
    void whatADialerBringsWinsForThatDialer() {
        NamedTransport runtimes = new NamedTransport("quic");
        NamedTransport dialers = new NamedTransport("quic");
        TransportRegistry registry = registry(runtimes);
        PathSpec spec = PathSpec.of("quic://h:1");
        assertThat(registry.with(List.of(dialers)).of(spec)).isSameAs(dialers);
        assertThat(registry.of(spec)).isSameAs(runtimes);
        assertThatThrownBy(() -> registry.with(List.of(dialers, new NamedTransport("quic"))))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("two transports named 'quic'");
    }

    @Test
    void whatAnEmbedderBindsMustNotHideAnother() {
        RendrConfig config = RendrConfig.builder()
                .discoverTransports(false)
                .transport(new NamedTransport("quic"))
                .build();
        assertThatThrownBy(() -> TransportRegistry.of(config, List.of(new NamedTransport("quic"))))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("two transports named 'quic'");
    }

    @Test
    void whatCannotMakePathsIsRefused() {
        Transport noFactory = () -> "idea";
        assertThatThrownBy(() -> registry(noFactory))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("io.rendr.spi.PathFactory");
        assertThatThrownBy(() -> registry(new NamedTransport("Bad Name")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("Bad Name");
    }

    @Test
    void closeClosesEachOnceWhateverOneThrows() {
        NamedTransport angry = new NamedTransport("angry") {
            @Override
            public void close() {
                super.close();
                throw new IllegalStateException("thrown by the test");
            }
        };
        NamedTransport calm = new NamedTransport("calm");
        registry(angry, calm).close();
        assertThat(angry.closed).hasValue(1);
        assertThat(calm.closed).hasValue(1);
    }
}
