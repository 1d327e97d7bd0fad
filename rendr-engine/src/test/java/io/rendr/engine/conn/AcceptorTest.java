// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.DialException;
import io.rendr.FlowAbortedException;
import io.rendr.FlowRefusedException;
import io.rendr.Incoming;
import io.rendr.PathSpec;
import io.rendr.PreSharedKey;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.engine.keys.X25519;
import io.rendr.engine.net.Engine;
import io.rendr.engine.net.EventLoops;
import io.rendr.engine.net.Workers;
import io.rendr.engine.registry.TransportRegistry;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class AcceptorTest {
    private Rendr here;
    private Rendr there;

    @BeforeEach
    void open() {
        here = Pair.runtime();
        there = Pair.runtime();
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private Acceptor listen(UnaryOperator<AcceptorConfig.Builder> config) throws IOException {
        return there.listen((AcceptorConfig.Builder b) -> config.apply(b.endpoint("loop://127.0.0.1:0")));
    }

    private StreamConn dial(Acceptor acceptor) throws IOException {
        return here.dial(acceptor.endpoints().get(0).toUri());
    }

    // ---- admission

    @Test
    void aRefusalIsAnExceptionOfDial() throws Exception {
        Acceptor acceptor = listen(b -> b.admit(incoming -> incoming.refuse(403)));
        assertThatThrownBy(() -> dial(acceptor))
                .isInstanceOfSatisfying(
                        FlowRefusedException.class, e -> assertThat(e.code()).isEqualTo(403));
    }

    @Test
    void dialReturnsWhenAdmissionHasDecidedAndNotBefore() throws Exception {
        CompletableFuture<Incoming> asked = new CompletableFuture<>();
        Acceptor acceptor = listen(b -> b.admit(asked::complete));
        CompletableFuture<StreamConn> dialing = here.dialer(
                        b -> b.path(acceptor.endpoints().get(0)).metadata(Map.of("user", "ann")))
                .dialAsync();
        Incoming incoming = asked.get(10, SECONDS);
        assertThat(incoming.metadata()).containsEntry("user", "ann");
        assertThat(incoming.peer().instanceId()).isEqualTo(here.instanceId());
        assertThat(incoming.endpoint().transport()).isEqualTo("loop");
        assertThat(incoming.remoteAddress()).isNotNull();
        assertThat(incoming.preSharedKeyId()).isEmpty();
        assertThat(dialing).isNotDone();
        incoming.accept();
        incoming.refuse(1);
        try (StreamConn client = dialing.get(10, SECONDS);
                StreamConn server = acceptor.accept()) {
            assertThat(server.flowId()).isEqualTo(client.flowId());
            assertThat(server.metadata()).containsEntry("user", "ann");
        }
    }

    @Test
    void anEagerDialReturnsAtOnceAndItsRefusalShowsOnRead() throws Exception {
        CompletableFuture<Incoming> asked = new CompletableFuture<>();
        Acceptor acceptor = listen(b -> b.admit(asked::complete));
        try (StreamConn client = here.dialer(
                        b -> b.path(acceptor.endpoints().get(0)).eager(true))
                .dial()) {
            client.write(ByteBuffer.wrap(new byte[] {1}));
            asked.get(10, SECONDS).refuse(7);
            assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
                    .isInstanceOfSatisfying(
                            FlowRefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(7));
        }
    }

    @Test
    void aFlowThatNobodyDecidesOnIsRefusedAfterTheClaimTimeout() throws Exception {
        Acceptor acceptor = listen(b -> b.admit(incoming -> {}).claimTimeout(Duration.ofMillis(100)));
        assertThatThrownBy(() -> dial(acceptor))
                .isInstanceOfSatisfying(
                        FlowRefusedException.class,
                        e -> assertThat(e.code()).isEqualTo(FlowRefusedException.NOT_CLAIMED));
    }

    @Test
    void aFlowThatNobodyAcceptsEndsAfterTheClaimTimeout() throws Exception {
        Acceptor acceptor = listen(b -> b.claimTimeout(Duration.ofMillis(100)));
        try (StreamConn client = dial(acceptor)) {
            assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
                    .isInstanceOfSatisfying(
                            FlowRefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(FlowRefusedException.NOT_CLAIMED));
        }
        assertThat(acceptor.flowIds()).isEmpty();
    }

    @Test
    void aFullBacklogRefuses() throws Exception {
        Acceptor acceptor = listen(b -> b.backlog(1));
        StreamConn waits = dial(acceptor);
        assertThatThrownBy(() -> dial(acceptor))
                .isInstanceOfSatisfying(
                        FlowRefusedException.class,
                        e -> assertThat(e.code()).isEqualTo(FlowRefusedException.NOBODY_ACCEPTS));
        acceptor.accept().close();
        waits.close();
        StreamConn next = dial(acceptor);
        acceptor.accept().close();
        next.close();
    }

    @Test
    void whatAdmissionThrowsRefuses() throws Exception {
        Acceptor acceptor = listen(b -> b.admit(incoming -> {
            throw new IllegalStateException("thrown by the test");
        }));
        assertThatThrownBy(() -> dial(acceptor)).isInstanceOf(FlowRefusedException.class);
    }

    @Test
    void theProvenKeyIsTold() throws Exception {
        PreSharedKey key = new PreSharedKey("blue", new byte[32]);
        CompletableFuture<Optional<String>> proven = new CompletableFuture<>();
        try (Rendr a = Rendr.create(
                        Pair.config().preSharedKey("blue", key.key()).build());
                Rendr b = Rendr.create(Pair.config()
                        .preSharedKey("red", new byte[40])
                        .preSharedKey("blue", key.key())
                        .build());
                Acceptor acceptor = b.listen((AcceptorConfig.Builder c) -> c.endpoint("loop://127.0.0.1:0")
                        .admit(incoming -> {
                            proven.complete(incoming.preSharedKeyId());
                            incoming.accept();
                        }));
                StreamConn conn = a.dial(acceptor.endpoints().get(0).toUri())) {
            assertThat(proven.get(10, SECONDS)).contains("blue");
            assertThat(conn.isOpen()).isTrue();
        }
    }

    @Test
    void aFlowThatNoApplicationHoldsGivesItsMemoryBack() throws Exception {
        try (Acceptor refuses = listen(b -> b.admit(incoming -> incoming.refuse(403)))) {
            assertThatThrownBy(() -> dial(refuses)).isInstanceOf(FlowRefusedException.class);
            Await.until(
                    "the refused flow is forgotten here", () -> here.status().flows() == 0);
            Await.until("and there", () -> there.status().flows() == 0);
        }
        try (Acceptor hesitates = listen(b -> b.admit(incoming -> {}).claimTimeout(Duration.ofMinutes(5)))) {
            PathSpec path = hesitates.endpoints().get(0);
            assertThatThrownBy(() -> here.dialer(b -> b.path(path).dialTimeout(Duration.ofMillis(200)))
                            .dial())
                    .isInstanceOf(DialException.class);
            Await.until(
                    "the undecided flow is forgotten here", () -> here.status().flows() == 0);
            Await.until("and there", () -> there.status().flows() == 0);
        }
    }

    @Test
    void aFlowIdThatIsTakenIsTurnedAwayWithoutATrace() throws Exception {
        Acceptor acceptor = listen(b -> b);
        try (Rendr one = alwaysTheSameIds();
                Rendr two = alwaysTheSameIds();
                StreamConn first = one.dial(acceptor.endpoints().get(0).toUri());
                StreamConn accepted = acceptor.accept()) {
            assertThatThrownBy(() -> two.dialer(
                                    b -> b.path(acceptor.endpoints().get(0)).dialTimeout(Duration.ofMillis(300)))
                            .dial())
                    .isInstanceOf(IOException.class);
            assertThat(acceptor.flowIds()).containsExactly(first.flowId());
            first.write(ByteBuffer.wrap(new byte[] {1}));
            assertThat(accepted.read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
        Await.until("the flow is gone", () -> acceptor.flowIds().isEmpty());
        acceptor.close();
    }

    private static Rendr alwaysTheSameIds() {
        SecureRandom random = new SecureRandom() {
            private static final long serialVersionUID = 1;

            @Override
            public long nextLong() {
                return 7;
            }
        };
        RendrConfig config = Pair.config().build();
        return runtime(config, new Workers(config), random);
    }

    private static Rendr runtime(RendrConfig config, Workers workers, SecureRandom random) {
        return new RuntimeFace(new Engine(
                config, TransportRegistry.of(config, Set.of()), new EventLoops(2), workers, random, new X25519()));
    }

    // ---- accepting

    @Test
    void acceptTimesOutAndCanBeInterruptedAndGoesOn() throws Exception {
        Acceptor acceptor = listen(b -> b);
        acceptor.setAcceptTimeout(Duration.ofMillis(20));
        assertThatThrownBy(acceptor::accept).isInstanceOf(SocketTimeoutException.class);
        acceptor.setAcceptTimeout(Duration.ZERO);
        Thread.currentThread().interrupt();
        assertThatThrownBy(acceptor::accept).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isFalse();
        try (StreamConn client = dial(acceptor);
                StreamConn server = acceptor.accept()) {
            assertThat(acceptor.flowIds()).containsExactly(client.flowId());
            assertThat(server.isOpen()).isTrue();
        }
    }

    @Test
    void acceptAsyncGetsTheNextFlow() throws Exception {
        Acceptor acceptor = listen(b -> b);
        CompletableFuture<StreamConn> next = acceptor.acceptAsync().toCompletableFuture();
        try (StreamConn client = dial(acceptor);
                StreamConn server = next.get(10, SECONDS)) {
            assertThat(server.flowId()).isEqualTo(client.flowId());
        }
    }

    @Test
    void closeEndsAcceptAndRefusesWhatWaitsAndLeavesTheOthersAlone() throws Exception {
        Acceptor acceptor = listen(b -> b);
        StreamConn taken = dial(acceptor);
        StreamConn server = acceptor.accept();
        StreamConn waits = dial(acceptor);
        acceptor.close();
        assertThatThrownBy(acceptor::accept).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> waits.read(ByteBuffer.allocate(1)))
                .isInstanceOfSatisfying(
                        FlowRefusedException.class,
                        e -> assertThat(e.code()).isEqualTo(FlowRefusedException.SHUTTING_DOWN));
        taken.write(ByteBuffer.wrap(new byte[] {1}));
        assertThat(server.read(ByteBuffer.allocate(1))).isEqualTo(1);
        waits.close();
        taken.close();
        server.close();
    }

    @Test
    void anAcceptorMayBeClosedAfterItsRuntime() throws Exception {
        Acceptor acceptor = listen(b -> b);
        StreamConn client = dial(acceptor);
        acceptor.accept().close();
        client.close();
        there.close();
        acceptor.close();
        acceptor.close();
        assertThatThrownBy(acceptor::accept).isInstanceOf(ClosedChannelException.class);
        assertThat(acceptor.flowIds()).isEmpty();
    }

    @Test
    void aBlockedAcceptEndsWithClose() throws Exception {
        Acceptor acceptor = listen(b -> b);
        FutureTask<StreamConn> accepting = new FutureTask<>(acceptor::accept);
        Thread thread = new Thread(accepting, "test-accept");
        thread.start();
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        acceptor.close();
        assertThatThrownBy(() -> accepting.get(10, SECONDS)).hasCauseInstanceOf(ClosedChannelException.class);
    }

    // ---- handlers

    @Test
    void aHandlerServesEachFlowAndItsReturnCloses() throws Exception {
        Acceptor acceptor = listen(b -> b.onStream(conn -> conn.inputStream().transferTo(conn.outputStream())));
        try (StreamConn client = dial(acceptor)) {
            client.outputStream().write(new byte[] {4, 5, 6});
            client.shutdownOutput();
            assertThat(client.inputStream().readAllBytes()).containsExactly(4, 5, 6);
        }
        assertThatThrownBy(acceptor::accept).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aHandlerThatFailsAborts() throws Exception {
        Acceptor acceptor = listen(b -> b.onStream(conn -> {
            throw new IllegalStateException("thrown by the test");
        }));
        try (StreamConn client = dial(acceptor)) {
            assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
                    .isInstanceOfSatisfying(
                            FlowAbortedException.class,
                            e -> assertThat(e.code()).isEqualTo(FlowAbortedException.INTERNAL));
        }
    }

    @Test
    void aHandlerThatTheEndOfTheRuntimeInterruptsHasNotFailed() throws Exception {
        RendrConfig config = Pair.config().linger(Duration.ofMillis(100)).build();
        Workers workers = new Workers(config);
        CompletableFuture<Thread> serving = new CompletableFuture<>();
        Rendr ends = runtime(config, workers, new SecureRandom());
        Acceptor acceptor = ends.listen(
                (AcceptorConfig.Builder b) -> b.endpoint("loop://127.0.0.1:0").onStream(conn -> {
                    serving.complete(Thread.currentThread());
                    conn.read(ByteBuffer.allocate(1));
                }));
        StreamConn client = dial(acceptor);
        Thread handler = serving.get(10, SECONDS);
        ends.close();
        handler.join(10_000);
        assertThat(handler.isAlive()).isFalse();
        assertThat(workers.failures()).isZero();
        client.close();
    }

    // ---- bounds

    @Test
    void moreFlowsThanAllowedAreRefused() throws Exception {
        try (Rendr small = Rendr.create(Pair.config().maxFlows(1).build());
                Acceptor acceptor = small.listen("loop://127.0.0.1:0");
                StreamConn first = dial(acceptor);
                StreamConn accepted = acceptor.accept()) {
            assertThat(accepted.flowId()).isEqualTo(first.flowId());
            assertThat(small.status().maxFlows()).isEqualTo(1);
            assertThatThrownBy(() -> dial(acceptor)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> small.dial(acceptor.endpoints().get(0).toUri()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("maxFlows");
        }
    }

    @Test
    void ofTheCarriersThatProveNothingTheOldestMakeRoom() throws Exception {
        Acceptor acceptor = listen(b -> b.handshakeTimeout(Duration.ofMinutes(5)));
        InetSocketAddress address = new InetSocketAddress(
                InetAddress.getLoopbackAddress(),
                acceptor.endpoints().get(0).socketAddress().getPort());
        List<Socket> mute = new ArrayList<>();
        try {
            for (int i = 0; i < 1025; i++) {
                Socket socket = new Socket();
                mute.add(socket);
                socket.connect(address);
            }
            Await.until("one of 1025 is closed", () -> mute.stream().anyMatch(AcceptorTest::isClosedByPeer));
            assertThat(mute.stream().filter(AcceptorTest::isClosedByPeer)).hasSize(1);
            dial(acceptor).close();
            Await.until(
                    "another one made room",
                    () -> mute.stream().filter(AcceptorTest::isClosedByPeer).count() == 2);
        } finally {
            for (Socket socket : mute) {
                socket.close();
            }
        }
    }

    private static boolean isClosedByPeer(Socket socket) {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() == -1;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    // ---- endpoints

    @Test
    void anAddressInUseNamesTheEndpointAndOpensNone() throws Exception {
        Acceptor first = listen(b -> b);
        PathSpec taken = first.endpoints().get(0);
        assertThatThrownBy(() -> listen(b -> b.endpoint(taken)))
                .isInstanceOf(BindException.class)
                .hasMessageContaining(taken.toUri());
    }
}
