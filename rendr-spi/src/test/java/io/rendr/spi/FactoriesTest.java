// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.PathSpec;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FactoriesTest {
    @Test
    void aFactoryIsALambda() throws Exception {
        try (Lab lab = new Lab()) {
            CompletableFuture<StreamCarrier> never = new CompletableFuture<>();
            StreamPathFactory factory = StreamPathFactory.of("x", request -> never);
            assertThat(factory.transport()).isEqualTo("x");
            assertThat(factory.priority()).isZero();
            assertThat(factory.unavailable()).isEmpty();
            assertThat(factory.options()).isEmpty();
            assertThat(factory.dial(lab.new Dial(PathSpec.of("x://y"), java.time.Duration.ofSeconds(1))))
                    .isSameAs(never);
            assertThat(PacketPathFactory.of("p", request -> new CompletableFuture<>())
                            .transport())
                    .isEqualTo("p");
        }
    }

    @Test
    void aFactoryThatCannotListenSaysSo() throws Exception {
        try (Lab lab = new Lab()) {
            StreamPathFactory factory = StreamPathFactory.of("x", request -> new CompletableFuture<>());
            assertThatThrownBy(() -> Lab.await(factory.bind(lab.new Bind(PathSpec.of("x://y")))))
                    .hasCauseInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("transport 'x' cannot listen")
                    .hasMessageContaining("x://y");
        }
    }

    @Test
    void traitsAreChangedOneByOne() {
        CarrierTraits traits = CarrierTraits.STREAM
                .withSecurity(ChannelSecurity.AUTHENTICATED, "CN=h1")
                .withFateGroup("pid 7")
                .withCapabilities(Set.of("gvisor"));
        assertThat(traits)
                .isEqualTo(new CarrierTraits(
                        ChannelSecurity.AUTHENTICATED, true, true, "pid 7", Set.of("gvisor"), "CN=h1"));
        assertThat(CarrierTraits.DATAGRAMS.lossless()).isFalse();
    }

    @Test
    void opaqueAddressesAreTheirText() {
        assertThat(Carriers.opaque("pid 7")).isEqualTo(Carriers.opaque("pid 7")).hasToString("pid 7");
        assertThat(Carriers.opaque("pid 7")).isNotEqualTo(Carriers.opaque("pid 8"));
    }
}
