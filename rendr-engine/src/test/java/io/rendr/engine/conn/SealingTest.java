// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static io.rendr.Protection.NONE;
import static io.rendr.Protection.SEALED;
import static io.rendr.spi.ChannelSecurity.AUTHENTICATED;
import static io.rendr.spi.ChannelSecurity.ENCRYPTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.CommonOptions;
import io.rendr.HandshakeRefusal;
import io.rendr.PathSpec;
import io.rendr.PathUnavailableException;
import io.rendr.Protection;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.spi.ChannelSecurity;
import io.rendr.testkit.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which carriers the engine seals, by what both ends know of them and want; seen in what travels below. */
class SealingTest {
    private static final String SECRET = "the secret that must not be seen below";

    private final LevelTransport below = new LevelTransport();
    private final Rendr here = Rendr.create(config().build());
    private final Rendr there = Rendr.create(config().build());

    private RendrConfig.Builder config() {
        return RendrConfig.builder().transport(below).ioThreads(1).linger(java.time.Duration.ofSeconds(5));
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private Acceptor listen(ChannelSecurity level, Protection protection) throws IOException {
        PathSpec endpoint = PathSpec.of("level://127.0.0.1:0").with(LevelTransport.LEVEL, level);
        return there.listen((AcceptorConfig.Builder b) -> b.endpoint(endpoint).protection(protection));
    }

    private static PathSpec path(Acceptor acceptor, ChannelSecurity level, CommonOptions.Seal seal) {
        return acceptor.endpoints().get(0).with(LevelTransport.LEVEL, level).with(CommonOptions.SEAL, seal);
    }

    private static void carry(StreamConn from, StreamConn to) throws IOException {
        byte[] secret = SECRET.getBytes(StandardCharsets.US_ASCII);
        from.write(ByteBuffer.wrap(secret));
        InputStream in = to.inputStream();
        assertThat(in.readNBytes(secret.length)).isEqualTo(secret);
    }

    @ParameterizedTest
    @CsvSource({
        // dialer, acceptor, seal, protection of dialer and acceptor: sealed?
        "AUTHENTICATED, ENCRYPTED, AUTO, SEALED, SEALED, false",
        "AUTHENTICATED, AUTHENTICATED, AUTO, SEALED, SEALED, false",
        "AUTHENTICATED, ENCRYPTED, ALWAYS, SEALED, SEALED, true",
        "AUTHENTICATED, NONE, ALWAYS, SEALED, SEALED, true",
        "ENCRYPTED, ENCRYPTED, AUTO, SEALED, SEALED, true",
        "ENCRYPTED, NONE, AUTO, SEALED, SEALED, true",
        "NONE, NONE, AUTO, SEALED, SEALED, true",
        "NONE, ENCRYPTED, AUTO, SEALED, SEALED, true",
        "NONE, NONE, AUTO, NONE, NONE, false",
        "ENCRYPTED, ENCRYPTED, AUTO, NONE, NONE, false",
        "AUTHENTICATED, NONE, AUTO, NONE, NONE, false",
        "NONE, NONE, AUTO, NONE, SEALED, true",
        "NONE, NONE, AUTO, SEALED, NONE, true",
        "ENCRYPTED, ENCRYPTED, AUTO, NONE, SEALED, true",
        "ENCRYPTED, ENCRYPTED, AUTO, SEALED, NONE, true",
    })
    void sealsWhatNobodyHasVerified(
            ChannelSecurity dialing,
            ChannelSecurity accepting,
            CommonOptions.Seal seal,
            Protection dialer,
            Protection acceptor,
            boolean sealed)
            throws IOException {
        try (Acceptor listening = listen(accepting, acceptor)) {
            PathSpec first = path(listening, dialing, seal);
            try (StreamConn client =
                            here.dialer(b -> b.path(first).protection(dialer)).dial();
                    StreamConn server = listening.accept()) {
                carry(client, server);
                assertThat(below.sent().contains(SECRET)).isEqualTo(!sealed);
                // The same for a further carrier of the flow, which alone carries from here on.
                int before = below.sent().length();
                int second = client.admin().addPath(first.with(CommonOptions.NAME, "second"));
                client.admin().migrate(second);
                carry(client, server);
                assertThat(below.sent().substring(before).contains(SECRET)).isEqualTo(!sealed);
            }
        }
    }

    @Test
    void tlsThatEndsBeforeTheAcceptorIsRefusedAndTheWayOutNamed() throws IOException {
        try (Acceptor listening = listen(ChannelSecurity.NONE, SEALED)) {
            PathSpec claimed = path(listening, AUTHENTICATED, CommonOptions.Seal.AUTO);
            assertThatThrownBy(() -> here.dial(claimed.toUri())).hasMessageContaining("?seal=always");
            Await.until("it was counted", () -> refused(HandshakeRefusal.PROTECTION) == 1);

            PathSpec sealed = path(listening, AUTHENTICATED, CommonOptions.Seal.ALWAYS);
            try (StreamConn client = here.dial(sealed.toUri());
                    StreamConn server = listening.accept()) {
                assertThatThrownBy(() -> client.admin().addPath(claimed.with(CommonOptions.NAME, "claimed")))
                        .isInstanceOf(PathUnavailableException.class)
                        .hasMessageContaining("?seal=always");
                carry(client, server);
                assertThat(below.sent()).doesNotContain(SECRET);
            }
        }
    }

    @Test
    void oneEndAloneCannotSwitchSealingOffBehindABalancer() throws IOException {
        try (Acceptor listening = listen(ChannelSecurity.NONE, SEALED)) {
            PathSpec claimed = path(listening, AUTHENTICATED, CommonOptions.Seal.AUTO);
            assertThatThrownBy(() ->
                            here.dialer(b -> b.path(claimed).protection(NONE)).dial())
                    .hasMessageContaining("?seal=always");
        }
    }

    private long refused(HandshakeRefusal cause) {
        return there.status().handshakes().refused(cause);
    }

    @Test
    void aSourceOverItsLimitCostsNoHandshakeOfTheTransport() throws IOException {
        PathSpec endpoint = PathSpec.of("level://127.0.0.1:0").with(LevelTransport.LEVEL, ENCRYPTED);
        try (Acceptor listening =
                there.listen((AcceptorConfig.Builder b) -> b.endpoint(endpoint).handshakesPerSource(1))) {
            InetSocketAddress to = new InetSocketAddress(
                    "127.0.0.1", listening.endpoints().get(0).socketAddress().getPort());
            for (int i = 0; refused(HandshakeRefusal.SOURCE_LIMIT) == 0; i++) {
                assertThat(i).isLessThan(100);
                long seen = refused(HandshakeRefusal.ABANDONED) + refused(HandshakeRefusal.SOURCE_LIMIT);
                // It says nothing, as one that waits for TLS to begin.
                new Socket(to.getAddress(), to.getPort()).close();
                Await.until(
                        "that it is gone was noticed",
                        () -> refused(HandshakeRefusal.ABANDONED) + refused(HandshakeRefusal.SOURCE_LIMIT) > seen);
            }
        }
    }
}
