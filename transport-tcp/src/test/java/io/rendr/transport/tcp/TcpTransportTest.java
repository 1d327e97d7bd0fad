// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.CloseReason;
import io.rendr.CloseReason.Kind;
import io.rendr.CommonOptions;
import io.rendr.InvalidConfigException;
import io.rendr.PathSpec;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.Carriers;
import io.rendr.spi.PathFactory;
import io.rendr.spi.StreamPathFactory;
import io.rendr.testkit.Await;
import io.rendr.testkit.CarrierProbe;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.LinkConnects;
import io.rendr.testkit.LinkDirection;
import io.rendr.testkit.LinkEmulator;
import io.rendr.testkit.LinkShape;
import io.rendr.testkit.RigPort;
import io.rendr.testkit.TransportRig;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakGuard.class)
class TcpTransportTest {

    private final TcpTransport tcp = new TcpTransport();
    private TransportRig rig = TransportRig.nio();

    @AfterEach
    void closeRig() {
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "[::1]", "[::]", "0.0.0.0"})
    void listensAndDialsByAnyForm(String host) {
        RigPort port = rig.bind(tcp, PathSpec.of("tcp://" + host + ":0"));
        assertThat(port.dialSpec().address()).matches("\\Q" + host + "\\E:[1-9][0-9]*");
        CarrierProbe near = rig.dial(tcp, port.dialSpec()).probe().start();
        CarrierProbe far = port.accept().start();
        near.send(1000);
        Await.until("arrives", () -> far.received() == 1000);
        end(near, far, port);
    }

    @Test
    void aDeadNameOfSeveralAddressesIsTriedToTheEnd() {
        RigPort port = rig.bind(tcp, PathSpec.of("tcp://127.0.0.1:0"));
        // localhost is ::1 too on most machines, where nobody listens
        PathSpec byName =
                PathSpec.of("tcp://localhost:" + port.dialSpec().socketAddress().getPort());
        CarrierProbe near = rig.dial(tcp, byName).probe();
        end(near, port.accept(), port);
    }

    @Test
    void anAddressThatHangsIsOvertakenByTheNext() throws IOException {
        InetAddress silent = InetAddress.getByName("127.0.0.2");
        InetAddress alive = InetAddress.getByName("127.0.0.1");
        try (LinkEmulator deaf = LinkEmulator.open(silent, new InetSocketAddress(alive, 1))) {
            deaf.connects(LinkConnects.DROP);
            int number = deaf.address().getPort();
            RigPort port = rig.bind(tcp, PathSpec.of("tcp://127.0.0.1:" + number));
            rig.host("two.test", silent, alive);
            List<String> tried = new CopyOnWriteArrayList<>();
            PathFactory watched = StreamPathFactory.of(
                    "tcp",
                    request -> Carriers.connect(
                            request,
                            request.spec().socketAddress(),
                            CarrierTraits.STREAM,
                            b -> tried.add(((InetSocketAddress) b.config().remoteAddress())
                                    .getAddress()
                                    .getHostAddress())));
            CarrierProbe near = rig.dial(watched, PathSpec.of("tcp://two.test:" + number), Await.LONG)
                    .probe();
            assertThat(tried).containsExactly("127.0.0.2", "127.0.0.1");
            assertThat(near.carrier().remoteAddress()).isEqualTo(new InetSocketAddress(alive, number));
            // That the attempt that hangs was given up is seen by LeakGuard.
            end(near, port.accept(), port);
        }
    }

    @Test
    void whenNoAddressOfANameAnswersTheFailureOfEachIsTold() throws IOException {
        rig.host("three.test", InetAddress.getByName("127.0.0.1"), InetAddress.getByName("127.0.0.2"));
        // Bound and not listening: every attempt is refused, and nobody else can take the port meanwhile.
        try (Socket nobody = new Socket()) {
            nobody.bind(new InetSocketAddress(0));
            int number = nobody.getLocalPort();
            Throwable failure = Await.failure(
                    rig.dial(tcp, PathSpec.of("tcp://three.test:" + number)).result());
            assertThat(CloseReason.of(failure).kind()).isEqualTo(Kind.REFUSED);
            assertThat(failure).hasMessageContaining("127.0.0.1:" + number);
            assertThat(failure.getSuppressed()).hasSize(1);
            assertThat(failure.getSuppressed()[0]).hasMessageContaining("127.0.0.2:" + number);
        }
    }

    @Test
    void aHostWithoutAnAddressIsNamed() {
        Throwable failure = Await.failure(
                rig.dial(tcp, PathSpec.of("tcp://no-such-host.invalid:5555")).result());
        assertThat(failure).isInstanceOf(UnknownHostException.class).hasMessageContaining("no-such-host.invalid");
        assertThat(CloseReason.of(failure).kind()).isEqualTo(Kind.UNREACHABLE);

        Throwable listening = Await.failure(
                rig.bind(tcp, PathSpec.of("tcp://no-such-host.invalid:5555")).opened());
        assertThat(CloseReason.of(listening).kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(CloseReason.of(listening).detail()).contains("tcp://no-such-host.invalid:5555", "this machine");
    }

    @Test
    void anAddressOfAnotherMachineCannotBeListenedAt() {
        Throwable failure =
                Await.failure(rig.bind(tcp, PathSpec.of("tcp://192.0.2.1:5555")).opened());
        assertThat(CloseReason.of(failure).kind()).isEqualTo(Kind.CONFIG);
        assertThat(CloseReason.of(failure).detail()).contains("tcp://192.0.2.1:5555");
    }

    @Test
    void anAddressOfTheWrongFormFailsTheStage() {
        assertThat(Await.failure(rig.dial(tcp, PathSpec.of("tcp://h1")).result()))
                .hasMessageContaining("port");
        assertThat(Await.failure(rig.bind(tcp, PathSpec.of("tcp://::1:5")).opened()))
                .hasMessageContaining("brackets");
    }

    @ParameterizedTest
    @MethodSource("loopbacks")
    void comesFromTheLocalAddressItWasTold(String local) {
        RigPort port = rig.bind(tcp, PathSpec.of("tcp://127.0.0.1:0"));
        CarrierProbe near =
                rig.dial(tcp, port.dialSpec().with(TcpOptions.LOCAL, local)).probe();
        assertThat(near.carrier().traits().fateGroup()).isEqualTo(local);
        CarrierProbe far = port.accept();
        String expected = local.equals("127.0.0.7") ? "127.0.0.7" : "127.0.0.1";
        assertThat(((InetSocketAddress) far.carrier().remoteAddress())
                        .getAddress()
                        .getHostAddress())
                .isEqualTo(expected);
        end(near, far, port);
    }

    static Stream<String> loopbacks() throws IOException {
        String loopback = NetworkInterface.getByInetAddress(InetAddress.getByName("127.0.0.1"))
                .getName();
        return Stream.of("127.0.0.7", loopback);
    }

    @Test
    void aLocalAddressThatDoesNotFitIsExplained() {
        PathSpec to = PathSpec.of("tcp://127.0.0.1:5555");
        assertThat(Await.failure(rig.dial(tcp, to.with(TcpOptions.LOCAL, "no-such-thing.invalid"))
                        .result()))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("local=no-such-thing.invalid")
                .hasMessageContaining("neither a network interface nor an address");
        Throwable family =
                Await.failure(rig.dial(tcp, to.with(TcpOptions.LOCAL, "::1")).result());
        assertThat(family).hasMessageContaining("local=::1 has no address of the family of 127.0.0.1");
        Throwable foreign = Await.failure(
                rig.dial(tcp, to.with(TcpOptions.LOCAL, "192.0.2.1")).result());
        assertThat(CloseReason.of(foreign).kind()).isEqualTo(Kind.CONFIG);
    }

    @Test
    void theBuffersAreSet() {
        for (boolean epoll : new boolean[] {false, true}) {
            if (epoll && !Epolls.available()) {
                return;
            }
            rig.close();
            rig = epoll ? Epolls.rig() : TransportRig.nio();
            TcpOptions small = TcpOptions.builder()
                    .sendBuffer(32 << 10)
                    .receiveBuffer(32 << 10)
                    .build();
            RigPort port = rig.bind(tcp, PathSpec.of("127.0.0.1:0", small));
            CarrierProbe near = rig.dial(tcp, port.dialSpec()).probe().start();
            CarrierProbe far = port.accept();
            near.send(64 << 20);
            Await.until("no credit", near::usedUp);
            Await.until("the kernel is full", () -> near.queued() > 0);
            assertThat(near.sent() - near.queued())
                    .as("bytes that two small kernel buffers took")
                    .isLessThan(300_000);
            end(near, far, port);
        }
    }

    @Test
    @EnabledIf("io.rendr.transport.tcp.Epolls#available")
    void whatIsNotSentYetStaysOutOfTheKernel() throws IOException {
        rig.close();
        rig = Epolls.rig();
        long[] taken = new long[2];
        for (int i = 0; i < 2; i++) {
            RigPort port = rig.bind(tcp, PathSpec.of("tcp://127.0.0.1:0?receiveBuffer=64KiB"));
            PathSpec spec = port.dialSpec()
                    .with(TcpOptions.SEND_BUFFER, 4L << 20)
                    .with(
                            TcpOptions.NOTSENT_LOWAT,
                            i == 0 ? 0 : TcpOptions.NOTSENT_LOWAT.defaultValue().orElseThrow());
            CarrierProbe near = rig.dial(tcp, spec).probe().start();
            CarrierProbe far = port.accept();
            near.send(64 << 20);
            Await.until("the kernel is full", () -> near.usedUp() && near.queued() > 0);
            taken[i] = near.sent() - near.queued();
            end(near, far, port);
        }
        assertThat(taken[0]).as("without a limit").isGreaterThan(1 << 20);
        assertThat(taken[1]).as("with the default").isLessThan(1 << 20);
    }

    @Test
    void theKindOfEventLoopMayBeDemanded() {
        RigPort port = rig.bind(tcp, PathSpec.of("tcp://127.0.0.1:0?io=nio"));
        CarrierProbe near = rig.dial(tcp, port.dialSpec()).probe();
        Throwable failure = Await.failure(rig.dial(tcp, port.dialSpec().with(TcpOptions.IO, TcpOptions.Io.EPOLL))
                .result());
        assertThat(CloseReason.of(failure).kind()).isEqualTo(Kind.CONFIG);
        assertThat(failure).hasMessageContaining("io=epoll").hasMessageContaining("NIO");
        end(near, port.accept(), port);
    }

    @Test
    void aCarrierThatDiesIsCutAndOneThatEndsIsNot() throws IOException {
        RigPort port = rig.bind(tcp, PathSpec.of("tcp://127.0.0.1:0"));
        try (LinkEmulator link = LinkEmulator.open(
                port.dialSpec().socketAddress().isUnresolved()
                        ? new InetSocketAddress(
                                "127.0.0.1", port.dialSpec().socketAddress().getPort())
                        : port.dialSpec().socketAddress())) {
            link.shape(LinkDirection.UP, LinkShape.UNSHAPED.withDelay(Duration.ofMillis(1)));
            PathSpec through = PathSpec.of("tcp://127.0.0.1:" + link.address().getPort());
            for (Kind kind : List.of(Kind.TIMEOUT, Kind.LOCAL)) {
                CarrierProbe near = rig.dial(tcp, through).probe().start();
                CarrierProbe far = port.accept().start();
                near.close(kind);
                assertThat(Await.result(far.closed()).kind())
                        .isEqualTo(kind == Kind.LOCAL ? Kind.PEER_CLOSED : Kind.RESET);
                Await.result(near.closed());
                Await.until("gone", () -> link.counters().live() == 0);
            }
            assertThat(link.counters().resets()).isEqualTo(1);
            port.close();
        }
    }

    @Test
    void optionsCanBeTypedOrWritten() {
        PathSpec typed = PathSpec.of(
                "h1:5555",
                TcpOptions.builder()
                        .local("10.0.0.5")
                        .connectTimeout(Duration.ofMillis(1500))
                        .sendBuffer(1 << 20)
                        .receiveBuffer(2 << 20)
                        .notsentLowat(0)
                        .io(TcpOptions.Io.EPOLL)
                        .name("lan")
                        .fate("wifi")
                        .backup(true)
                        .build());
        PathSpec written = PathSpec.of("tcp://h1:5555?local=10.0.0.5&connectTimeout=1500ms&sendBuffer=1MiB"
                + "&receiveBuffer=2MiB&notsentLowat=0&io=epoll&name=lan&fate=wifi&backup=true");
        assertThat(typed).isEqualTo(written);
        typed.check(tcp);
        assertThat(typed.option(TcpOptions.CONNECT_TIMEOUT)).isEqualTo(Duration.ofMillis(1500));
        assertThat(CommonOptions.connectTimeout(PathSpec.of("tcp://h1:1"), tcp)).isEqualTo(Duration.ofSeconds(3));
        assertThatThrownBy(() -> TcpOptions.builder().sendBuffer(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sendBuffer");
        assertThatThrownBy(() -> PathSpec.of("tcp://h1:1?sendbuffer=5").check(tcp))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("sendBuffer");
    }

    @Test
    void theModuleAndTheServiceFileNameTheSameClass() throws Exception {
        ModuleDescriptor module;
        Path classes = Path.of(TcpTransport.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
            module = ModuleDescriptor.read(in);
        }
        Map<String, List<String>> provided = module.provides().stream()
                .collect(java.util.stream.Collectors.toMap(
                        ModuleDescriptor.Provides::service, ModuleDescriptor.Provides::providers));
        List<String> listed =
                Files.readAllLines(classes.resolve("META-INF/services").resolve(PathFactory.class.getName()));
        assertThat(provided).isEqualTo(Map.of(PathFactory.class.getName(), listed));
        assertThat(listed).containsExactly(TcpTransport.class.getName());
    }

    private static void end(CarrierProbe near, CarrierProbe far, RigPort port) {
        near.close(Kind.LOCAL);
        far.close(Kind.LOCAL);
        port.close();
        assertThat(near.violations()).isEmpty();
        assertThat(far.violations()).isEmpty();
    }
}
