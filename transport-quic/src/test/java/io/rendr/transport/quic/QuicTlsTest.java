// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.rendr.CloseReason;
import io.rendr.CloseReason.Kind;
import io.rendr.PathSpec;
import io.rendr.TlsConfig;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.ChannelSecurity;
import io.rendr.testkit.Await;
import io.rendr.testkit.CarrierProbe;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.RigPort;
import io.rendr.testkit.TransportRig;
import io.rendr.tls.TlsIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a carrier verifies, and what it says when it does not like what it sees. */
@ExtendWith(LeakGuard.class)
class QuicTlsTest {
    private final QuicTransport quic = new QuicTransport();
    private final TransportRig rig = Way.NIO.rig();

    @TempDir
    Path dir;

    @AfterEach
    void close() {
        quic.close();
        rig.close();
    }

    private RigPort listen(TlsConfig tls) {
        return listen("127.0.0.1", tls);
    }

    private RigPort listen(String host, TlsConfig tls) {
        RigPort port = rig.bind(quic, PathSpec.of("quic://" + host + ":0").with(tls));
        Await.result(port.opened());
        return port;
    }

    private CloseReason refused(RigPort port, TlsConfig dialer) {
        return refused(port.dialSpec().with(dialer));
    }

    private CloseReason refused(PathSpec spec) {
        CloseReason why = CloseReason.of(Await.failure(rig.dial(quic, spec).result()));
        assertThat(why.detail()).contains(spec.name());
        return why;
    }

    /** What the accepting end says of a carrier that came to nothing. */
    private static CloseReason end(RigPort port) {
        CloseReason why = Await.result(port.accept().start().closed());
        port.close();
        return why;
    }

    private static void end(CarrierProbe near, CarrierProbe far, RigPort port) {
        near.close(Kind.LOCAL);
        far.close(Kind.LOCAL);
        port.close();
        assertThat(near.violations()).isEmpty();
        assertThat(far.violations()).isEmpty();
    }

    private void talks(RigPort port, PathSpec to, ChannelSecurity atDialer) {
        CarrierProbe near = rig.dial(quic, to).probe().start();
        CarrierProbe far = port.accept().start();
        near.send(100_000);
        far.send(100_000);
        Await.until("both ways", () -> near.received() == 100_000 && far.received() == 100_000);
        assertThat(near.carrier().traits().security()).isEqualTo(atDialer);
        assertThat(far.carrier().traits().security()).isEqualTo(ChannelSecurity.ENCRYPTED);
        end(near, far, port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "[::1]", "localhost"})
    void anAcceptorOfAVerifiedNameOrAddressIsAuthenticated(String host) {
        RigPort port = listen(host, Certificates.acceptor());
        talks(port, port.dialSpec().with(Certificates.dialer()), ChannelSecurity.AUTHENTICATED);
    }

    @Test
    void theDialerKnowsWhoItIs() {
        RigPort port = listen(Certificates.acceptor());
        CarrierProbe near = rig.dial(quic, port.dialSpec()).probe();
        CarrierTraits traits = near.carrier().traits();
        assertThat(traits.peer()).isEqualTo("CN=the acceptor");
        end(near, port.accept(), port);
    }

    @Test
    void aResumedSessionIsStillThatOfTheSamePeer() {
        RigPort port = listen(Certificates.acceptor());
        for (int i = 0; i < 3; i++) {
            CarrierProbe near = rig.dial(quic, port.dialSpec()).probe().start();
            CarrierProbe far = port.accept().start();
            near.send(1000);
            far.send(1000);
            Await.until("both ways", () -> near.received() == 1000 && far.received() == 1000);
            CarrierTraits traits = near.carrier().traits();
            assertThat(traits.security()).isEqualTo(ChannelSecurity.AUTHENTICATED);
            assertThat(traits.peer()).isEqualTo("CN=the acceptor");
            near.close(Kind.LOCAL);
            assertThat(Await.result(far.closed()).kind()).isEqualTo(Kind.PEER_CLOSED);
        }
        port.close();
    }

    @Test
    void whatAPortTellsDialersHoldsNoKey() {
        RigPort port = listen(Certificates.acceptor());
        TlsConfig told = port.dialSpec().tls().orElseThrow();
        assertThat(told.key()).isEmpty();
        assertThat(told.certificate()).isEmpty();
        port.close();
    }

    @Test
    void anotherNameCanBeAskedFor() {
        RigPort port = listen(Certificates.acceptor(
                Certificates.issuedBy(Certificates.AUTHORITY, b -> b.addSanDnsName("rendr.example"))));
        TlsConfig named = TlsConfig.builder()
                .trust(Certificates.AUTHORITY.getCertificatePEM())
                .serverName("rendr.example")
                .build();
        talks(port, port.dialSpec().with(named), ChannelSecurity.AUTHENTICATED);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 10.9.8.7", "[::1], 2001:db8::1", "localhost, elsewhere.example"})
    void aWrongNameIsToldWithTheNamesFound(String host, String found) {
        X509Bundle other = Certificates.issuedBy(
                Certificates.AUTHORITY,
                b -> Character.isDigit(found.charAt(0)) ? b.addSanIpAddress(found) : b.addSanDnsName(found));
        RigPort port = listen(host, Certificates.acceptor(other));
        CloseReason why = refused(port, Certificates.dialer());
        assertThat(why.kind()).isEqualTo(Kind.TLS);
        assertThat(why.detail())
                .contains("is not for '" + host.replace("[", "").replace("]", "") + "'")
                .contains(found.contains(":") ? "2001:db8:0:0:0:0:0:1" : found)
                .contains("tls.serverName");
        assertThat(end(port).detail()).contains("does not accept the certificate of this end");
    }

    @Test
    void anExpiredCertificateIsTold() {
        Instant yesterday = Instant.now().minus(Duration.ofDays(1));
        RigPort port = listen(Certificates.acceptor(Certificates.issuedBy(
                Certificates.AUTHORITY,
                b -> b.addSanIpAddress("127.0.0.1")
                        .notBefore(yesterday.minus(Duration.ofDays(1)))
                        .notAfter(yesterday))));
        CloseReason why = refused(port, Certificates.dialer());
        assertThat(why.kind()).isEqualTo(Kind.TLS);
        assertThat(why.detail())
                .contains("CN=the acceptor")
                .contains("expired at")
                .contains("renew it");
        assertThat(end(port).kind()).isEqualTo(Kind.TLS);
    }

    @Test
    void anExpiredCertificateIsNotAcceptedForBeingTheOneThatIsTrusted() throws Exception {
        X509Bundle self = new CertificateBuilder()
                .ecp256()
                .subject("CN=self")
                .setIsCertificateAuthority(true)
                .addSanIpAddress("127.0.0.1")
                .notBefore(Instant.now().minus(Duration.ofDays(2)))
                .notAfter(Instant.now().minus(Duration.ofDays(1)))
                .buildSelfSigned();
        RigPort port = listen(Certificates.showing(self).build());
        CloseReason why = refused(
                port, TlsConfig.builder().trust(self.getCertificatePEM()).build());
        assertThat(why.detail()).contains("expired at");
        assertThat(end(port).kind()).isEqualTo(Kind.TLS);
    }

    @Test
    void aCertificateOfTomorrowIsTold() {
        Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
        RigPort port = listen(Certificates.acceptor(Certificates.issuedBy(
                Certificates.AUTHORITY,
                b -> b.addSanIpAddress("127.0.0.1").notBefore(tomorrow).notAfter(tomorrow.plus(Duration.ofDays(1))))));
        assertThat(refused(port, Certificates.dialer()).detail()).contains("is valid from", "clock");
        assertThat(end(port).kind()).isEqualTo(Kind.TLS);
    }

    @Test
    void anIssuerThatIsNotTrustedIsNamed() {
        RigPort port = listen(Certificates.acceptor(
                Certificates.issuedBy(Certificates.STRANGER, b -> b.addSanIpAddress("127.0.0.1"))));
        CloseReason why = refused(port, Certificates.dialer());
        assertThat(why.kind()).isEqualTo(Kind.TLS);
        assertThat(why.detail())
                .contains("CN=Strange Authority")
                .contains("not trusted")
                .contains("tls.trust");
        assertThat(end(port).kind()).isEqualTo(Kind.TLS);
    }

    @Test
    void whatTheJvmTrustsIsTheDefault() {
        RigPort port = listen(Certificates.acceptor());
        assertThat(refused(port, TlsConfig.builder().build()).detail()).contains("not trusted");
        assertThat(end(port).kind()).isEqualTo(Kind.TLS);
    }

    @Test
    void aCertificateSignedByItselfCanBeTrusted() throws Exception {
        X509Bundle self = new CertificateBuilder()
                .ecp256()
                .subject("CN=self")
                .setIsCertificateAuthority(true)
                .addSanIpAddress("127.0.0.1")
                .buildSelfSigned();
        RigPort port = listen(Certificates.showing(self).build());
        assertThat(refused(port, Certificates.dialer()).detail()).contains("signed by itself", "tls.trust");
        assertThat(Await.result(port.accept().start().closed()).kind()).isEqualTo(Kind.TLS);
        TlsConfig trusting = TlsConfig.builder().trust(self.getCertificatePEM()).build();
        talks(port, port.dialSpec().with(trusting), ChannelSecurity.AUTHENTICATED);
    }

    // Mutual TLS

    private static TlsConfig demanding() {
        return Certificates.showing(Certificates.forLoopback())
                .trust(Certificates.AUTHORITY.getCertificatePEM())
                .requireClientCertificate(true)
                .build();
    }

    @Test
    void aDialerWithACertificateIsLetIn() {
        X509Bundle client = Certificates.issuedBy(Certificates.AUTHORITY, b -> b.subject("CN=a dialer"));
        RigPort port = listen(demanding());
        TlsConfig dialer = Certificates.showing(client)
                .trust(Certificates.AUTHORITY.getCertificatePEM())
                .build();
        talks(port, port.dialSpec().with(dialer), ChannelSecurity.AUTHENTICATED);
    }

    @Test
    void aDialerWithoutACertificateIsToldToGetOne() {
        RigPort port = listen(demanding());
        // The dialer's handshake is over before the acceptor has judged it: TLS 1.3.
        CarrierProbe near = rig.dial(quic, port.dialSpec().with(Certificates.dialer()))
                .probe()
                .start();
        CloseReason why = Await.result(near.closed());
        assertThat(why.kind()).isEqualTo(Kind.TLS);
        assertThat(why.detail()).contains("requires a certificate", "tls.certificate and tls.key");
        CloseReason there = end(port);
        assertThat(there.kind()).isEqualTo(Kind.TLS);
        assertThat(there.detail()).contains("the dialer shows no certificate");
    }

    @Test
    void aDialerWithAStrangersCertificateIsRefused() {
        X509Bundle client = Certificates.issuedBy(Certificates.STRANGER, b -> b.subject("CN=a stranger"));
        RigPort port = listen(demanding());
        TlsConfig dialer = Certificates.showing(client)
                .trust(Certificates.AUTHORITY.getCertificatePEM())
                .build();
        CarrierProbe near = rig.dial(quic, port.dialSpec().with(dialer)).probe().start();
        CloseReason why = Await.result(near.closed());
        assertThat(why.kind()).isEqualTo(Kind.TLS);
        assertThat(why.detail()).contains("does not accept the certificate of this end", "tls.trust");
        assertThat(end(port).kind()).isEqualTo(Kind.TLS);
    }

    @Test
    void anExpiredClientCertificateIsRefused() {
        X509Bundle client = Certificates.issuedBy(
                Certificates.AUTHORITY,
                b -> b.subject("CN=late")
                        .notBefore(Instant.now().minus(Duration.ofDays(2)))
                        .notAfter(Instant.now().minus(Duration.ofDays(1))));
        RigPort port = listen(demanding());
        TlsConfig dialer = Certificates.showing(client)
                .trust(Certificates.AUTHORITY.getCertificatePEM())
                .build();
        CarrierProbe near = rig.dial(quic, port.dialSpec().with(dialer)).probe().start();
        assertThat(Await.result(near.closed()).kind()).isEqualTo(Kind.TLS);
        assertThat(end(port).detail()).contains("CN=late", "expired at");
    }

    // Development

    @Test
    void developmentIsWarnedOfAtBothEnds() {
        TlsConfig insecure = TlsConfig.builder().developmentOnlyInsecure(true).build();
        try (Logged log = Logged.by(TlsIdentity.class)) {
            RigPort development = listen(insecure);
            assertThat(log.lines())
                    .containsExactly("WARN endpoint quic://127.0.0.1:0 is NOT SECURE:"
                            + " tls.developmentOnlyInsecure identifies nobody");
            talks(development, development.dialSpec(), ChannelSecurity.ENCRYPTED);
            assertThat(log.lines())
                    .hasSize(2)
                    .last()
                    .isEqualTo("WARN path " + development.dialSpec().name()
                            + " is NOT SECURE: tls.developmentOnlyInsecure verifies nobody");
            RigPort real = listen(Certificates.acceptor());
            talks(real, real.dialSpec(), ChannelSecurity.AUTHENTICATED);
            assertThat(log.lines()).hasSize(2);
        }
    }

    @Test
    void developmentNeedsToBeSaidAtBothEnds() {
        TlsConfig insecure = TlsConfig.builder().developmentOnlyInsecure(true).build();
        RigPort development = listen(insecure);
        assertThat(refused(development, Certificates.dialer()).detail())
                .contains("certificate for development")
                .contains("tls.developmentOnlyInsecure");
        assertThat(Await.result(development.accept().start().closed()).kind()).isEqualTo(Kind.TLS);
        talks(development, development.dialSpec(), ChannelSecurity.ENCRYPTED);

        RigPort real = listen(Certificates.acceptor());
        assertThat(refused(real, insecure).detail()).contains("real certificate", "remove tls.developmentOnlyInsecure");
        assertThat(end(real).kind()).isEqualTo(Kind.TLS);
    }

    // Files and key stores

    @Test
    void certificatesMayBeFilesAndAreReadAnewWhenTheyChange() throws Exception {
        Path trust = dir.resolve("ca.pem");
        Path chain = dir.resolve("chain.pem");
        Path key = dir.resolve("key.pem");
        X509Bundle certificate = Certificates.forLoopback();
        Files.writeString(trust, Certificates.STRANGER.getCertificatePEM());
        Files.writeString(chain, "a comment\n" + certificate.getCertificatePathPEM());
        Files.writeString(key, certificate.getPrivateKeyPEM());
        RigPort port = listen(TlsConfig.builder().certificate(chain, key).build());
        PathSpec spec = port.dialSpec().with(TlsConfig.builder().trust(trust).build());
        assertThat(refused(spec).detail()).contains("not trusted");
        assertThat(Await.result(port.accept().start().closed()).kind()).isEqualTo(Kind.TLS);
        Files.writeString(
                trust,
                "# now both\n" + Certificates.STRANGER.getCertificatePEM() + "\n"
                        + Certificates.AUTHORITY.getCertificatePEM());
        talks(port, spec, ChannelSecurity.AUTHENTICATED);
    }

    @Test
    void certificatesMayComeFromAKeyStore() throws Exception {
        char[] password = "secret".toCharArray();
        X509Bundle certificate = Certificates.forLoopback();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, password);
        store.setKeyEntry("me", certificate.getKeyPair().getPrivate(), password, certificate.getCertificatePath());
        store.setCertificateEntry("ca", Certificates.AUTHORITY.getCertificate());
        RigPort port =
                listen(TlsConfig.builder().certificate(store, "me", password).build());
        talks(port, port.dialSpec().with(TlsConfig.builder().trust(store).build()), ChannelSecurity.AUTHENTICATED);
        assertThat(catchThrowable(() -> TlsConfig.builder().certificate(store, "you", password)))
                .hasMessageContaining("no key entry 'you'")
                .hasMessageContaining("me");
    }

    @Test
    void anEndpointThatCannotWorkIsNotOpened() throws IOException {
        X509Bundle one = Certificates.forLoopback();
        X509Bundle other = Certificates.forLoopback();
        Path nothing = dir.resolve("nothing.pem");
        Path old = Files.writeString(
                dir.resolve("old.pem"), "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        String chain = one.getCertificatePathPEM();
        for (var wrong : List.of(
                List.of(TlsConfig.builder().build(), "needs tls.certificate and tls.key; or"),
                List.of(
                        TlsConfig.builder().certificate(nothing.toString(), "x").build(),
                        "tls.certificate '" + nothing + "' cannot be read"),
                List.of(
                        TlsConfig.builder()
                                .certificate(chain, other.getPrivateKeyPEM())
                                .build(),
                        "is not the key of the first certificate"),
                List.of(
                        TlsConfig.builder().certificate(chain, chain).build(),
                        "the text of tls.key holds no private key"),
                List.of(TlsConfig.builder().certificate(chain, old.toString()).build(), "openssl pkcs8"))) {
            Throwable failure = Await.failure(
                    rig.bind(quic, PathSpec.of("quic://127.0.0.1:0").with((TlsConfig) wrong.get(0)))
                            .opened());
            assertThat(CloseReason.of(failure).kind()).isEqualTo(Kind.CONFIG);
            assertThat(CloseReason.of(failure).detail())
                    .contains("quic://127.0.0.1:0", (String) wrong.get(1))
                    .doesNotContain("PRIVATE KEY-----\nM");
        }
    }
}
