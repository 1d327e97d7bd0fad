// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rendr.CloseReason;
import io.rendr.CloseReason.Kind;
import io.rendr.CommonOptions;
import io.rendr.InvalidConfigException;
import io.rendr.PathSpec;
import io.rendr.spi.DialRequest;
import io.rendr.spi.PacketCarrier;
import io.rendr.spi.PacketPathFactory;
import io.rendr.spi.PathFactory;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.RigDial;
import io.rendr.testkit.RigPort;
import io.rendr.testkit.TransportRig;
import io.rendr.udp.BufferCheck;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Proxy;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakGuard.class)
class UdpFlowTransportTest {

    private final UdpFlowTransport udp = new UdpFlowTransport();
    private final List<Probe> probes = new ArrayList<>();
    private final List<RigPort> ports = new ArrayList<>();
    private @Nullable TransportRig rig;

    @AfterEach
    void closeRig() {
        probes.forEach(probe -> probe.close(Kind.LOCAL));
        ports.forEach(RigPort::close);
        if (rig != null) {
            rig.close();
        }
        probes.forEach(probe -> assertThat(probe.violations()).isEmpty());
    }

    private RigPort bind(PathSpec endpoint) {
        RigPort port = rig.bind(udp, endpoint);
        ports.add(port);
        return port;
    }

    private Probe listen(RigPort port) {
        Probe probe = Probe.of(Await.result(port.datagrams()));
        probes.add(probe);
        return probe.start();
    }

    private PacketCarrier carrier(PathSpec to) {
        return (PacketCarrier) Await.result(rig.dial(udp, to).result());
    }

    private Probe dial(PathSpec to) {
        return probe(carrier(to)).start();
    }

    private Probe probe(PacketCarrier carrier) {
        Probe probe = Probe.of(carrier);
        probes.add(probe);
        return probe;
    }

    /** A dialed carrier, the port it is dialed to, and where the port sees it. */
    private record Pair(PacketCarrier carrier, Probe near, Probe far, SocketAddress source) {}

    private Pair pair(Way way) {
        rig = way.rig();
        RigPort port = bind(way.endpoint());
        Probe far = listen(port);
        PacketCarrier carrier = carrier(port.dialSpec());
        Probe near = probe(carrier).start();
        near.send(1, 1);
        far.awaitBytes(1);
        SocketAddress source = far.heard.get(0).source();
        far.heard.clear();
        return new Pair(carrier, near, far, source);
    }

    @ParameterizedTest
    @EnumSource
    void datagramsOfEverySizeArriveWholeBothWays(Way way) {
        Pair pair = pair(way);
        assertThat(pair.source).isEqualTo(pair.carrier.localAddress());
        int largest = pair.carrier.maxDatagramSize();
        assertThat(largest).isEqualTo(way.ipv4() ? 65_507 : 65_487);
        for (int size : new int[] {1, 2, 511, 1200, 1472, 2048, 2049, 9000, 32_768, largest}) {
            pair.near.send(size, size);
            pair.far.awaitBytes(size);
            assertThat(pair.far.heard).hasSize(1);
            assertThat(pair.far.all()).isEqualTo(Probe.pattern(size));
            pair.far.heard.clear();

            pair.far.send(size, size, pair.source);
            pair.near.awaitBytes(size);
            assertThat(pair.near.heard).hasSize(1);
            assertThat(pair.near.all()).isEqualTo(Probe.pattern(size));
            pair.near.heard.clear();
        }
        assertThat(pair.near.batches).isPositive();
        assertThat(pair.near.dropped + pair.far.dropped).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void segmentsArriveAsDatagramsInTheirOrder(Way way) {
        Pair pair = pair(way);
        // One, some, as many as one call takes, one more, several calls; each with a last one that is as long, and
        // shorter.
        for (int segment : new int[] {1, 100, 1200}) {
            for (int count : new int[] {1, 2, 3, 40, 64, 65, 150}) {
                for (int last : new int[] {segment, Math.max(1, segment / 2)}) {
                    int bytes = segment * (count - 1) + last;
                    List<Integer> expected = new ArrayList<>(Collections.nCopies(count - 1, segment));
                    expected.add(last);
                    pair.near.send(bytes, segment);
                    pair.far.awaitBytes(bytes);
                    assertThat(pair.far.sizes()).isEqualTo(expected);
                    assertThat(pair.far.all()).isEqualTo(Probe.pattern(bytes));
                    pair.far.heard.clear();

                    pair.far.send(bytes, segment, pair.source);
                    pair.near.awaitBytes(bytes);
                    assertThat(pair.near.sizes()).isEqualTo(expected);
                    assertThat(pair.near.all()).isEqualTo(Probe.pattern(bytes));
                    pair.near.heard.clear();
                }
            }
        }
        assertThat(pair.near.dropped + pair.far.dropped).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void offloadIsTold(Way way) {
        Pair pair = pair(way);
        assertThat(pair.carrier.maxSegments()).isEqualTo(way.offload() ? 64 : 1);
        assertThat(Await.result(ports.get(0).datagrams()).maxSegments()).isEqualTo(way.offload() ? 64 : 1);
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyDatagramBreaksNothing(Way way) throws Exception {
        rig = way.rig();
        RigPort port = bind(way.endpoint());
        Probe far = listen(port);
        InetSocketAddress to = (InetSocketAddress) Await.result(port.opened()).localAddress();
        try (DatagramSocket plain = new DatagramSocket(new InetSocketAddress(to.getAddress(), 0))) {
            for (int size : new int[] {0, 5, 0, 0, 6}) {
                plain.send(new DatagramPacket(new byte[size], size, to));
            }
            far.awaitBytes(11);
            assertThat(far.sizes()).containsExactly(5, 6);

            Probe near = dial(way.endpoint().withPort(plain.getLocalPort()));
            near.send(1, 1);
            near.send(0, 1);
            near.send(1, 1);
            DatagramPacket got = new DatagramPacket(new byte[10], 10);
            plain.receive(got);
            assertThat(got.getLength()).isEqualTo(1);
            plain.receive(got);
            assertThat(got.getLength()).as("what is empty is not sent").isEqualTo(1);
            for (int size : new int[] {0, 7, 0, 8}) {
                plain.send(new DatagramPacket(new byte[size], size, got.getSocketAddress()));
            }
            near.awaitBytes(15);
            assertThat(near.sizes()).containsExactly(7, 8);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyWriteAmongOthersDoublesNothing(Way way) {
        Pair pair = pair(way);
        pair.near.run(() -> {
            pair.near.write(10, 10, null);
            pair.near.write(0, 10, null);
            pair.near.write(20, 20, null);
            pair.near.flush();
        });
        pair.near.send(30, 30);
        pair.far.awaitBytes(60);
        assertThat(pair.far.sizes()).containsExactly(10, 20, 30);
    }

    @ParameterizedTest
    @EnumSource
    void manySourcesShareOnePort(Way way) {
        rig = way.rig();
        RigPort port = bind(way.endpoint());
        Probe far = listen(port);
        List<Probe> near = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            near.add(dial(port.dialSpec()));
            near.get(i - 1).send(100 * i, 10 * i);
        }
        far.awaitBytes(1500);
        assertThat(far.heard.stream().map(Probe.Heard::source).distinct()).hasSize(5);
        far.run(() -> {
            far.heard.forEach(h -> far.write(h.bytes().length, 1000, h.source()));
            far.flush();
        });
        for (int i = 1; i <= 5; i++) {
            assertThat(near.get(i - 1).awaitBytes(100 * i).sizes()).isEqualTo(Collections.nCopies(10, 10 * i));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoClosesWhileReadingHearsNothingMore(Way way) {
        Pair pair = pair(way);
        pair.near.onReceived = probe -> probe.close(Kind.LOCAL);
        pair.far.send(200 * 100, 100, pair.source);
        assertThat(Await.result(pair.near.closed).kind()).isEqualTo(Kind.LOCAL);
        assertThat(pair.near.heard).hasSize(1);

        Pair other = pair(way.endpoint());
        other.far.onReceived = probe -> probe.close(Kind.ERROR);
        other.near.send(200 * 100, 100);
        assertThat(Await.result(other.far.closed).kind()).isEqualTo(Kind.ERROR);
        assertThat(other.far.heard).hasSize(1);
    }

    private Pair pair(PathSpec endpoint) {
        RigPort port = bind(endpoint);
        Probe far = listen(port);
        PacketCarrier carrier = carrier(port.dialSpec());
        return new Pair(carrier, probe(carrier).start(), far, carrier.localAddress());
    }

    @ParameterizedTest
    @EnumSource
    void whatIsQueuedIsReleasedAtTheEnd(Way way) {
        Pair pair = pair(way);
        pair.near.run(() -> {
            pair.near.write(100 * 1200, 1200, null);
            pair.near.close(Kind.ERROR);
            pair.near.write(1200, 1200, null);
            pair.near.flush();
        });
        assertThat(Await.result(pair.near.closed).kind()).isEqualTo(Kind.ERROR);
        assertThat(pair.near.credit()).isZero();
        assertThat(pair.near.call(pair.carrier::queued)).isZero();
        assertThat(pair.near.dropped).isZero();
        pair.far.run(() -> {
            pair.far.write(100 * 1200, 1200, pair.source);
            pair.far.close(Kind.LOCAL);
        });
        assertThat(Await.result(pair.far.closed).kind()).isEqualTo(Kind.LOCAL);
    }

    @ParameterizedTest
    @EnumSource
    void whoUsesUpTheCreditIsWoken(Way way) {
        Pair pair = pair(way);
        for (Probe probe : List.of(pair.near, pair.far)) {
            int full = probe.credit();
            assertThat(full).isEqualTo(UdpSocket.CREDIT);
            probe.run(() -> {
                for (int left = full; left > 0; left--) {
                    assertThat(probe.credit()).isEqualTo(left);
                    probe.write(100, 100, pair.source);
                }
                assertThat(probe.credit()).isZero();
                probe.flush();
            });
            Await.until("writable", () -> probe.writables == 1);
            assertThat(probe.credit()).isEqualTo(full);
            // Large ones use it up by their bytes.
            probe.run(() -> {
                int written = 0;
                while (probe.credit() > 0) {
                    probe.write(60_000, 60_000, pair.source);
                    written++;
                }
                assertThat(written).isEqualTo(UdpSocket.ROOM / 60_000 + 1);
                probe.flush();
            });
            Await.until("writable", () -> probe.writables == 2);
        }
        // Who leaves credit unused is not.
        pair.near.send(100, 100);
        for (int turn = 0; turn < 3; turn++) {
            pair.near.run(() -> {});
        }
        assertThat(pair.near.writables).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsTooLargeIsDroppedAndTheRestGoes(Way way) {
        Pair pair = pair(way);
        int tooLarge = 65_508 + (way.ipv4() ? 0 : 20);
        pair.near.run(() -> {
            pair.near.write(100, 100, null);
            pair.near.write(tooLarge, tooLarge, null);
            pair.near.write(200, 200, null);
            pair.near.flush();
        });
        pair.far.awaitBytes(300);
        Await.until("told", () -> pair.near.dropped == 1);
        pair.far.send(tooLarge, tooLarge, pair.source);
        Await.until("told", () -> pair.far.dropped == 1);
        pair.far.send(100, 100, pair.source);
        pair.near.awaitBytes(100);
        assertThat(pair.near.closed).isNotDone();
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatIsNotThereMayComeBack(Way way) {
        rig = way.rig();
        RigPort port = bind(way.endpoint());
        PathSpec to = port.dialSpec();
        Probe first = listen(port);
        Probe near = dial(to);
        near.send(10, 10);
        first.awaitBytes(10);
        first.close(Kind.LOCAL);
        Await.result(first.closed);
        try (Logged log = Logged.by(UdpSocket.class)) {
            Await.until("the kernel tells that nobody is there", () -> {
                near.send(10, 10);
                return !log.lines().isEmpty();
            });
            near.send(10, 10);
            near.send(10, 10);
            assertThat(log.lines()).hasSize(1);
            assertThat(log.lines().get(0))
                    .startsWith("DEBUG")
                    .contains("" + to.socketAddress().getPort())
                    .containsAnyOf("refused", "PortUnreachable");
        }
        assertThat(near.closed).isNotDone();
        Probe again = listen(bind(to));
        Await.until("arrives", () -> {
            near.send(10, 10);
            return again.bytes() > 0;
        });
        again.send(20, 20, again.heard.get(0).source());
        near.awaitBytes(20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "[::1]", "[::]", "0.0.0.0"})
    void bindsAndDialsByAnyForm(String host) {
        assumeTrue(host.indexOf('[') < 0 || Way.ipv6(), "no IPv6 here");
        for (Way way : List.of(Way.NIO_IPV4, Way.OFFLOAD_IPV4)) {
            closeRig();
            probes.clear();
            ports.clear();
            rig = way.rig();
            RigPort port = bind(PathSpec.of("udpflow://" + host + ":0"));
            assertThat(port.dialSpec().address()).matches("\\Q" + host + "\\E:[1-9][0-9]*");
            assertThat(((InetSocketAddress) Await.result(port.opened()).localAddress()).getPort())
                    .isEqualTo(port.dialSpec().socketAddress().getPort());
            Probe far = listen(port);
            Probe near = dial(port.dialSpec());
            near.send(1000, 100);
            far.awaitBytes(1000).send(1000, 100, far.heard.get(0).source());
            near.awaitBytes(1000);
        }
    }

    @Test
    void closingTheEndpointLeavesTheSocketToWhoHasIt() {
        Pair pair = pair(Way.NIO_IPV4);
        Await.result(ports.get(0).opened()).close();
        pair.near.send(10, 10);
        pair.far.awaitBytes(10).send(10, 10, pair.source);
        pair.near.awaitBytes(10);
    }

    @Test
    void comesFromTheLocalAddressItWasTold() {
        rig = TransportRig.nio();
        RigPort port = bind(Way.NIO_IPV4.endpoint());
        Probe far = listen(port);
        PacketCarrier carrier = carrier(port.dialSpec().with(UdpFlowOptions.LOCAL, "127.0.0.7"));
        assertThat(carrier.traits().fateGroup()).isEqualTo("127.0.0.7");
        probe(carrier).start().send(1, 1);
        far.awaitBytes(1);
        assertThat(far.heard.get(0).source()).isEqualTo(carrier.localAddress());
        assertThat(((InetSocketAddress) carrier.localAddress()).getAddress().getHostAddress())
                .isEqualTo("127.0.0.7");
    }

    @Test
    void theAddressesOfANameAreTriedInOrderUntilOneWorks() throws Exception {
        rig = TransportRig.nio();
        RigPort port = bind(Way.NIO_IPV4.endpoint());
        int number = port.dialSpec().socketAddress().getPort();
        rig.host("two.test", InetAddress.getByName("::1"), InetAddress.getByName("127.0.0.1"));
        PathSpec to = PathSpec.of("udpflow://two.test:" + number).with(UdpFlowOptions.LOCAL, "127.0.0.1");
        PacketCarrier carrier = carrier(to);
        probe(carrier);
        assertThat(carrier.remoteAddress()).isEqualTo(new InetSocketAddress("127.0.0.1", number));

        rig.host("six.test", InetAddress.getByName("::1"));
        Throwable none = Await.failure(
                rig.dial(udp, PathSpec.of("udpflow://six.test:5555").with(UdpFlowOptions.LOCAL, "127.0.0.1"))
                        .result());
        assertThat(none).hasMessageContaining("local=127.0.0.1 has no address of the family of");
    }

    @Test
    void eachFurtherAttemptBeginsWithTheNextAddress() throws Exception {
        rig = TransportRig.nio();
        rig.host("three.test", loopback(1), loopback(2), loopback(3));
        for (int attempt = 1; attempt <= 7; attempt++) {
            int now = attempt;
            PathFactory again = PacketPathFactory.of(UdpFlowTransport.NAME, request -> udp.dial(attempt(request, now)));
            PacketCarrier carrier = (PacketCarrier) Await.result(
                    rig.dial(again, PathSpec.of("udpflow://three.test:5555")).result());
            probe(carrier);
            assertThat(((InetSocketAddress) carrier.remoteAddress()).getAddress())
                    .isEqualTo(loopback((attempt - 1) % 3 + 1));
        }
    }

    private static InetAddress loopback(int last) throws UnknownHostException {
        return InetAddress.getByName("127.0.0." + last);
    }

    private static DialRequest attempt(DialRequest request, int number) {
        return (DialRequest) Proxy.newProxyInstance(
                DialRequest.class.getClassLoader(),
                new Class<?>[] {DialRequest.class},
                (proxy, method, args) ->
                        method.getName().equals("attempt") ? (Object) number : method.invoke(request, args));
    }

    @Test
    void aDialThatIsCancelledLeavesNothingOpen() {
        rig = TransportRig.nio();
        RigDial dial = rig.dial(udp, PathSpec.of("udpflow://127.0.0.1:5555"));
        dial.cancel();
        Await.result(dial.factoryDone());
        dial.result().thenAccept(carrier -> probe((PacketCarrier) carrier)); // it may have been faster
    }

    @Test
    void failuresNameTheirCause() {
        rig = TransportRig.nio();
        Throwable unknown = Await.failure(rig.dial(udp, PathSpec.of("udpflow://no-such-host.invalid:5555"))
                .result());
        assertThat(unknown).isInstanceOf(UnknownHostException.class).hasMessageContaining("no-such-host.invalid");
        Throwable listening = Await.failure(rig.bind(udp, PathSpec.of("udpflow://no-such-host.invalid:5555"))
                .opened());
        assertThat(CloseReason.of(listening).kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(CloseReason.of(listening).detail()).contains("udpflow://no-such-host.invalid:5555", "this machine");
        Throwable foreign = Await.failure(
                rig.bind(udp, PathSpec.of("udpflow://192.0.2.1:5555")).opened());
        assertThat(CloseReason.of(foreign).kind()).isEqualTo(Kind.CONFIG);
        assertThat(CloseReason.of(foreign).detail()).contains("udpflow://192.0.2.1:5555");
        PathSpec to = PathSpec.of("udpflow://127.0.0.1:5555");
        assertThat(Await.failure(rig.dial(udp, to.with(UdpFlowOptions.LOCAL, "no-such-thing.invalid"))
                        .result()))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("neither a network interface nor an address");
        assertThat(CloseReason.of(Await.failure(rig.dial(udp, to.with(UdpFlowOptions.LOCAL, "192.0.2.1"))
                                .result()))
                        .kind())
                .isEqualTo(Kind.CONFIG);
        assertThat(Await.failure(rig.dial(udp, PathSpec.of("udpflow://h1")).result()))
                .hasMessageContaining("port");
        assertThat(Await.failure(rig.bind(udp, PathSpec.of("udpflow://::1:5")).opened()))
                .hasMessageContaining("brackets");
    }

    @Test
    void anAddressInUseCannotBeBoundTwice() {
        rig = TransportRig.nio();
        RigPort port = bind(Way.NIO_IPV4.endpoint());
        assertThat(Await.failure(rig.bind(udp, port.dialSpec()).opened()))
                .hasMessageContaining("cannot listen at " + port.dialSpec());
        listen(port);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBufferThatTheKernelDoesNotGrantIsToldOnce(boolean epoll) {
        rig = (epoll ? Way.OFFLOAD_IPV4 : Way.NIO_IPV4).rig();
        PathSpec to = PathSpec.of("udpflow://127.0.0.1:5555");
        try (Logged log = Logged.by(BufferCheck.class)) {
            PathSpec modest =
                    to.with(UdpFlowOptions.SEND_BUFFER, 64L << 10).with(UdpFlowOptions.RECEIVE_BUFFER, 64L << 10);
            probe(carrier(modest));
            probe(carrier(to.with(UdpFlowOptions.SEND_BUFFER, 0L).with(UdpFlowOptions.RECEIVE_BUFFER, 0L)));
            assertThat(log.lines()).isEmpty();
            PathSpec greedy = modest.with(UdpFlowOptions.RECEIVE_BUFFER, 1L << 30);
            probe(carrier(greedy));
            probe(carrier(greedy));
            assumeTrue(!log.lines().isEmpty(), "this kernel grants a buffer of 1 GiB");
            assertThat(log.lines()).hasSize(1);
            assertThat(log.lines().get(0))
                    .startsWith("WARN")
                    .contains(
                            "receive buffer", "instead of 1073741824", "net.core.rmem_max", "udpflow://127.0.0.1:5555");
        }
    }

    @Test
    void optionsCanBeTypedOrWritten() {
        PathSpec typed = PathSpec.of(
                "h1:5555",
                UdpFlowOptions.builder()
                        .local("10.0.0.5")
                        .connectTimeout(Duration.ofMillis(1500))
                        .sendBuffer(1 << 20)
                        .receiveBuffer(2 << 20)
                        .gso(false)
                        .gro(false)
                        .name("lan")
                        .fate("wifi")
                        .backup(true)
                        .build());
        PathSpec written = PathSpec.of("udpflow://h1:5555?local=10.0.0.5&connectTimeout=1500ms&sendBuffer=1MiB"
                + "&receiveBuffer=2MiB&gso=false&gro=false&name=lan&fate=wifi&backup=true");
        assertThat(typed).isEqualTo(written);
        typed.check(udp);
        PathSpec plain = PathSpec.of("udpflow://h1:1");
        assertThat(CommonOptions.connectTimeout(plain, udp)).isEqualTo(Duration.ofSeconds(3));
        assertThat(plain.option(UdpFlowOptions.SEND_BUFFER)).isEqualTo(4 << 20);
        assertThat(plain.option(UdpFlowOptions.RECEIVE_BUFFER)).isEqualTo(4 << 20);
        assertThatThrownBy(() -> UdpFlowOptions.builder().sendBuffer(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sendBuffer");
        assertThatThrownBy(() -> PathSpec.of("udpflow://h1:1?receivebuffer=5").check(udp))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("receiveBuffer");
        assertThatThrownBy(() -> PathSpec.of("udpflow://h1:1?gso=perhaps").check(udp))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("gso");
    }

    @Test
    void theModuleAndTheServiceFileNameTheSameClass() throws Exception {
        ModuleDescriptor module;
        Path classes = Path.of(UdpFlowTransport.class
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
        assertThat(listed).containsExactly(UdpFlowTransport.class.getName());
    }
}
