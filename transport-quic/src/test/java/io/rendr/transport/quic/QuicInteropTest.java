// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.X509Bundle;
import io.rendr.CloseReason.Kind;
import io.rendr.PathSpec;
import io.rendr.testkit.Await;
import io.rendr.testkit.CarrierProbe;
import io.rendr.testkit.RigPort;
import io.rendr.testkit.TransportRig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * With a QUIC endpoint of another make, the program that the property names: handshake, certificates, ALPN, and as many bytes each
 * way, the same at both ends.
 */
@EnabledIfSystemProperty(named = "rendr.quic.peer", matches = ".+")
class QuicInteropTest {
    private static final long BYTES = 32L << 20;
    private static final String LISTENING = "listening on ";
    private static final String ALPN = "rendr-stream/1";

    private final QuicTransport quic = new QuicTransport();
    private TransportRig rig;
    private Process peer;

    @TempDir
    private Path directory;

    @BeforeEach
    void open() {
        rig = TransportRig.nio();
    }

    @AfterEach
    void close() {
        rig.close();
        if (peer != null) {
            peer.destroyForcibly();
        }
    }

    private BufferedReader start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("rendr.quic.peer"));
        command.addAll(List.of("--alpn", ALPN, "--bytes", Long.toString(BYTES)));
        command.addAll(List.of(arguments));
        peer = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.UTF_8));
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content).toString();
    }

    private void exchange(CarrierProbe probe, BufferedReader said) throws Exception {
        probe.start().send(BYTES);
        assertThat(Await.result(probe.closed()).kind()).isEqualTo(Kind.PEER_CLOSED);
        assertThat(probe.received()).isEqualTo(BYTES);
        assertThat(probe.sent()).isEqualTo(BYTES);
        assertThat(probe.violations()).isEmpty();
        List<String> lines = said.lines().toList();
        assertThat(lines).contains("TLS 304, protocol " + ALPN).endsWith("ok");
        assertThat(peer.waitFor(Await.LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(peer.exitValue()).isZero();
    }

    @Test
    void dials() throws Exception {
        X509Bundle shown = Certificates.forLoopback();
        BufferedReader said = start(
                "--cert=" + file("cert.pem", shown.getCertificatePathPEM()),
                "--key=" + file("key.pem", shown.getPrivateKeyPEM()),
                "listen",
                "127.0.0.1:0");
        String first = said.readLine();
        assertThat(first).startsWith(LISTENING);
        PathSpec spec =
                PathSpec.of("quic://" + first.substring(LISTENING.length())).with(Certificates.dialer());
        exchange(rig.dial(quic, spec).probe(), said);
    }

    @Test
    void accepts() throws Exception {
        try (RigPort port = rig.bind(quic, PathSpec.of("quic://127.0.0.1:0").with(Certificates.acceptor()))) {
            Await.result(port.opened());
            BufferedReader said = start(
                    "--trust=" + file("trust.pem", Certificates.AUTHORITY.getCertificatePEM()),
                    "dial",
                    "127.0.0.1:" + port.dialSpec().socketAddress().getPort());
            exchange(port.accept(), said);
        }
    }
}
