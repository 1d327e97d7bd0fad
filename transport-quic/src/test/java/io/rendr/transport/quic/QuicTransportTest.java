// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.CloseReason;
import io.rendr.CloseReason.Kind;
import io.rendr.InvalidConfigException;
import io.rendr.PathSpec;
import io.rendr.TlsConfig;
import io.rendr.spi.PathFactory;
import io.rendr.testkit.Await;
import io.rendr.testkit.CarrierProbe;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.RigPort;
import io.rendr.testkit.TransportRig;
import io.rendr.udp.BufferCheck;
import java.io.File;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakGuard.class)
class QuicTransportTest {
    private final QuicTransport quic = new QuicTransport();
    private TransportRig rig;

    @BeforeEach
    void open() {
        rig = Way.NIO.rig();
    }

    @AfterEach
    void close() {
        quic.close();
        rig.close();
    }

    private RigPort listen(String endpoint) {
        RigPort port = rig.bind(quic, PathSpec.of(endpoint).with(Certificates.acceptor()));
        Await.result(port.opened());
        return port;
    }

    private void talks(RigPort port, PathSpec to) {
        CarrierProbe near = rig.dial(quic, to).probe().start();
        CarrierProbe far = port.accept().start();
        near.send(3_000_000);
        far.send(3_000_000);
        Await.until("both ways", () -> near.received() == 3_000_000 && far.received() == 3_000_000);
        near.close(Kind.LOCAL);
        assertThat(Await.result(far.closed()).kind()).isEqualTo(Kind.PEER_CLOSED);
        assertThat(near.violations()).isEmpty();
        assertThat(far.violations()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(QuicOptions.CongestionControl.class)
    void everyCongestionControlCarries(QuicOptions.CongestionControl algorithm) {
        String name = QuicOptions.CONGESTION_CONTROL.format(algorithm);
        RigPort port = listen("quic://127.0.0.1:0?congestionControl=" + name);
        talks(port, port.dialSpec());
        port.close();
    }

    @ParameterizedTest
    @CsvSource({"gso=false", "maxUdpPayload=1200", "maxUdpPayload=9000", "sendBuffer=0&receiveBuffer=0"})
    void everyOptionCarries(String option) {
        rig.close();
        rig = Way.EPOLL.rig();
        RigPort port = listen("quic://127.0.0.1:0?" + option);
        talks(port, port.dialSpec());
        port.close();
    }

    @Test
    void aPathComesFromWhereItIsToldTo() {
        RigPort port = listen("quic://127.0.0.1:0");
        CarrierProbe near =
                rig.dial(quic, port.dialSpec().with("local", "127.0.0.3")).probe();
        CarrierProbe far = port.accept();
        assertThat(((InetSocketAddress) near.carrier().localAddress())
                        .getAddress()
                        .getHostAddress())
                .isEqualTo("127.0.0.3");
        assertThat(far.carrier().remoteAddress()).isEqualTo(near.carrier().localAddress());
        assertThat(near.carrier().traits().fateGroup()).isEqualTo("127.0.0.3");
        near.close(Kind.LOCAL);
        far.close(Kind.LOCAL);
        port.close();
    }

    @Test
    void anAddressThatDoesNotAnswerIsOvertaken() throws Exception {
        InetAddress silent = InetAddress.getByName("127.0.0.2");
        InetAddress alive = InetAddress.getByName("127.0.0.1");
        RigPort port = listen("quic://127.0.0.1:0");
        int number = port.dialSpec().socketAddress().getPort();
        try (DatagramSocket hole = new DatagramSocket(new InetSocketAddress(silent, number))) {
            assertThat(hole.isBound()).isTrue();
            rig.host("two.test", silent, alive);
            CarrierProbe near = rig.dial(
                            quic, PathSpec.of("quic://two.test:" + number).with(Certificates.dialer()), Await.LONG)
                    .probe();
            assertThat(near.carrier().remoteAddress()).isEqualTo(new InetSocketAddress(alive, number));
            near.close(Kind.LOCAL);
        }
        port.close();
    }

    @Test
    void aDialThatNobodyAnswersNamesThePathInTime() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
            PathSpec spec = PathSpec.of("quic://127.0.0.1:" + silent.getLocalPort() + "?name=mute")
                    .with(Certificates.dialer());
            CloseReason why = CloseReason.of(
                    Await.failure(rig.dial(quic, spec, Duration.ofMillis(200)).result()));
            assertThat(why.kind()).isEqualTo(Kind.TIMEOUT);
        }
    }

    @Test
    void thereIsNoQuicWithoutTls() {
        for (boolean dialing : new boolean[] {true, false}) {
            PathSpec spec = PathSpec.of("quic://127.0.0.1:0?tls=false");
            Throwable failure = Await.failure(
                    dialing
                            ? rig.dial(quic, spec).result()
                            : rig.bind(quic, spec).opened());
            assertThat(CloseReason.of(failure).kind()).isEqualTo(Kind.CONFIG);
            assertThat(CloseReason.of(failure).detail()).contains("QUIC always has TLS", "quic://127.0.0.1:0");
        }
    }

    @Test
    void anEndpointWithoutACertificateIsToldWhatToGive() {
        Throwable failure =
                Await.failure(rig.bind(quic, PathSpec.of("quic://127.0.0.1:0")).opened());
        assertThat(CloseReason.of(failure).kind()).isEqualTo(Kind.CONFIG);
        assertThat(CloseReason.of(failure).detail())
                .contains("quic://127.0.0.1:0", "tls.certificate and tls.key", "tls.developmentOnlyInsecure");
    }

    @Test
    void aDialerThatSaysNothingOfTlsTrustsWhatTheJvmTrusts() {
        RigPort port = listen("quic://127.0.0.1:0");
        PathSpec bare = PathSpec.of(
                "quic://127.0.0.1:" + port.dialSpec().socketAddress().getPort());
        CloseReason why = CloseReason.of(Await.failure(rig.dial(quic, bare).result()));
        assertThat(why.kind()).isEqualTo(Kind.TLS);
        assertThat(why.detail()).contains("not trusted");
        port.close();
    }

    @Test
    void tellsOnceWhenTheKernelGrantsSmallerBuffers() {
        try (Logged log = Logged.by(BufferCheck.class)) {
            for (int i = 0; i < 2; i++) {
                listen("quic://127.0.0.1:0?receiveBuffer=1GiB&sendBuffer=1GiB").close();
            }
            assertThat(log.lines()).hasSize(2);
            assertThat(log.lines()).anySatisfy(line -> assertThat(line).contains("net.core.rmem_max"));
        }
    }

    @Test
    void optionsAreChecked() {
        PathSpec typed = PathSpec.of(
                "h1:5555",
                QuicOptions.builder()
                        .mode(QuicOptions.Mode.STREAM)
                        .congestionControl(QuicOptions.CongestionControl.BBR)
                        .idleTimeout(Duration.ofSeconds(60))
                        .maxUdpPayload(1350)
                        .gso(false)
                        .name("lan")
                        .build());
        typed.check(quic);
        assertThat(typed)
                .isEqualTo(PathSpec.of("quic://h1:5555?mode=stream&congestionControl=bbr&idleTimeout=60s"
                        + "&maxUdpPayload=1350&gso=false&name=lan"));
        for (String wrong : List.of("mode=both", "idleTimeout=1s", "maxUdpPayload=500", "congestionControl=vegas")) {
            assertThatThrownBy(() -> PathSpec.of("quic://h1:1?" + wrong).check(quic))
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessageContaining(wrong.substring(0, wrong.indexOf('=')));
        }
        PathSpec.of("quic://h1:1")
                .with(TlsConfig.builder().serverName("h2").build())
                .check(quic);
    }

    @Test
    void withoutItsNativeLibraryItSaysSo() throws Exception {
        assertThat(quic.unavailable()).isEmpty();
        URL[] others = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("netty-codec-native-quic"))
                .map(entry -> Path.of(entry).toUri())
                .map(uri -> {
                    try {
                        return uri.toURL();
                    } catch (java.net.MalformedURLException e) {
                        throw new AssertionError(e);
                    }
                })
                .toArray(URL[]::new);
        try (URLClassLoader loader = new URLClassLoader(others, ClassLoader.getPlatformClassLoader())) {
            Object bare = loader.loadClass(QuicTransport.class.getName())
                    .getConstructor()
                    .newInstance();
            Optional<?> why =
                    (Optional<?>) bare.getClass().getMethod("unavailable").invoke(bare);
            assertThat(why.orElseThrow().toString()).contains("netty-codec-native-quic", System.getProperty("os.arch"));
        }
    }

    @Test
    void theModuleAndTheServiceFileNameTheSameClass() throws Exception {
        ModuleDescriptor module;
        Path classes = Path.of(QuicTransport.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
            module = ModuleDescriptor.read(in);
        }
        Map<String, List<String>> provided = module.provides().stream()
                .collect(Collectors.toMap(ModuleDescriptor.Provides::service, ModuleDescriptor.Provides::providers));
        List<String> listed =
                Files.readAllLines(classes.resolve("META-INF/services").resolve(PathFactory.class.getName()));
        assertThat(provided).isEqualTo(Map.of(PathFactory.class.getName(), listed));
        assertThat(listed).containsExactly(QuicTransport.class.getName());
    }
}
