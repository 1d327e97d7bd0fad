// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.Acceptor;
import io.rendr.Capabilities;
import io.rendr.CloseReason.Kind;
import io.rendr.DialException;
import io.rendr.InvalidConfigException;
import io.rendr.PathInfo;
import io.rendr.PathState;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.DialRequest;
import io.rendr.spi.StreamCarrier;
import io.rendr.spi.StreamPathFactory;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A runtime with a transport that works here, and one that lacks something, as one without its native library does. */
@ExtendWith(LeakGuard.class)
class UnavailableTransportTest {
    private static final String REASON = "no native library for this machine";
    private static final String TOLD = "transport 'away': it is unavailable: " + REASON;

    private final Away away = new Away();
    private Rendr here;
    private Rendr there;

    /** Fails as code does whose native part is missing, if it is asked for more than whether it is there. */
    private static final class Away implements StreamPathFactory {
        private final AtomicInteger used = new AtomicInteger();
        private volatile Optional<String> missing = Optional.of(REASON);

        @Override
        public String transport() {
            return "away";
        }

        @Override
        public Optional<String> unavailable() {
            return missing;
        }

        @Override
        public Set<String> capabilities() {
            return Set.of("far_away");
        }

        @Override
        public CompletionStage<StreamCarrier> dial(DialRequest request) {
            used.incrementAndGet();
            throw new UnsatisfiedLinkError("thrown by the test");
        }

        @Override
        public CompletionStage<BoundPort> bind(BindRequest request) {
            used.incrementAndGet();
            throw new UnsatisfiedLinkError("thrown by the test");
        }
    }

    private Rendr runtime() {
        return Rendr.create(
                Pair.config().discoverTransports(false).transport(away).build());
    }

    @BeforeEach
    void open() {
        here = runtime();
        there = runtime();
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
        assertThat(away.used).hasValue(0);
    }

    @Test
    void listeningTellsWhatIsMissing() throws IOException {
        assertThatThrownBy(() -> there.listen("away://127.0.0.1:0"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot listen at away://127.0.0.1:0")
                .hasMessageContaining(TOLD)
                .hasCauseInstanceOf(InvalidConfigException.class);
        // All endpoints or none.
        assertThatThrownBy(() -> there.listen("loop://127.0.0.1:0", "away://127.0.0.1:0"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(TOLD);
        there.listen("loop://127.0.0.1:0").close();
    }

    @Test
    void aTransportOfOneAcceptorIsAskedToo() {
        try (Rendr bare = Pair.runtime()) {
            assertThatThrownBy(() ->
                            bare.listen(b -> b.endpoint("away://127.0.0.1:0").transport(away)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(TOLD);
        }
    }

    @Test
    void dialingTellsWhatIsMissing() {
        assertThatThrownBy(() -> here.dial("away://127.0.0.1:1"))
                .isInstanceOfSatisfying(
                        DialException.class,
                        e -> assertThat(e.failures()).singleElement().satisfies(failure -> {
                            assertThat(failure.reason().kind()).isEqualTo(Kind.CONFIG);
                            assertThat(failure.reason().detail()).isEqualTo(TOLD);
                        }));
    }

    @Test
    void theOtherTransportGoesOnWithoutIt() throws Exception {
        Acceptor acceptor = there.listen("loop://127.0.0.1:0");
        try (StreamConn client = here.dial(acceptor.endpoints().get(0).toUri(), "away://127.0.0.1:1?name=away");
                StreamConn server = acceptor.accept()) {
            client.outputStream().write(7);
            assertThat(server.inputStream().read()).isEqualTo(7);
            Await.until(() -> "its path tells why: " + client.paths(), () -> {
                PathInfo path = client.paths().get(1);
                return path.state() == PathState.DOWN
                        && path.lastError() != null
                        && path.lastError().detail().equals(TOLD);
            });
            for (StreamConn end : new StreamConn[] {client, server}) {
                Await.until("the peer has said what it is", () -> end.status().peer() != null);
                assertThat(end.status().peer().capabilities())
                        .contains(Capabilities.RENDR)
                        .doesNotContain("far_away", Capabilities.MIXED);
            }
        }
    }

    @Test
    void whatItCanIsToldOnlyWhereItIsAvailable() {
        assertThat(here.status().capabilities())
                .contains(Capabilities.RENDR)
                .doesNotContain("far_away", Capabilities.MIXED);
        away.missing = Optional.empty();
        try (Rendr complete = runtime()) {
            assertThat(complete.status().capabilities()).contains("far_away", Capabilities.MIXED);
        }
    }
}
