// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.rendr.Acceptor;
import io.rendr.CloseReason;
import io.rendr.DialException;
import io.rendr.InstanceId;
import io.rendr.InvalidConfigException;
import io.rendr.PathFailure;
import io.rendr.Rendr;
import io.rendr.RendrException;
import io.rendr.StreamConn;
import io.rendr.UnknownTransportException;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.Carriers;
import io.rendr.spi.StreamCarrier;
import io.rendr.spi.StreamPathFactory;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class DialTest {
    private Rendr rendr;

    @BeforeEach
    void open() {
        rendr = Pair.runtime();
    }

    @AfterEach
    void close() {
        rendr.close();
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What a step throws comes wrapped in a CompletionException, which is nobody's bug. */
    @Test
    void onlyABugOfTheTransportIsLoggedAsOneInHoweverManyStepsItDials() {
        StreamPathFactory unlucky = StreamPathFactory.of(
                "unlucky",
                request -> CompletableFuture.<StreamCarrier>failedFuture(new IOException("no such luck"))
                        .thenApply(carrier -> carrier));
        StreamPathFactory broken = StreamPathFactory.of(
                "broken",
                request -> CompletableFuture.completedFuture("x").thenApply(x -> {
                    throw new IllegalStateException("a bug of the transport");
                }));
        try (LogLines lines = LogLines.of("io.rendr.engine.net.LentContext", Level.WARN)) {
            assertThatThrownBy(() -> rendr.dialer(b -> b.path("unlucky://x").transport(unlucky))
                            .dial())
                    .isInstanceOf(DialException.class)
                    .hasMessageContaining("no such luck");
            assertThat(lines.texts()).isEmpty();
            assertThatThrownBy(() -> rendr.dialer(b -> b.path("broken://x").transport(broken))
                            .dial())
                    .isInstanceOf(DialException.class)
                    .hasMessageContaining("a bug of the transport");
            assertThat(lines.texts()).containsExactly("WARN the transport of broken://x failed");
        }
    }

    @Test
    void aFailureHasTheCauseOfEveryPath() throws Exception {
        StreamPathFactory broken = StreamPathFactory.of("broken", request -> {
            throw new IllegalStateException("a bug of the transport");
        });
        int port = closedPort();
        assertThatThrownBy(() -> rendr.dialer(b -> b.path("loop://127.0.0.1:" + port)
                                .path("broken://x")
                                .transport(broken))
                        .dial())
                .isInstanceOfSatisfying(DialException.class, e -> {
                    List<PathFailure> failures = e.failures();
                    assertThat(failures).hasSize(2);
                    assertThat(failures.get(0).reason().kind()).isEqualTo(CloseReason.Kind.REFUSED);
                    assertThat(failures.get(1).reason().detail()).contains("a bug of the transport");
                })
                .hasMessageContaining("loop://127.0.0.1:" + port)
                .hasMessageContaining("broken://x");
    }

    @Test
    void aTransportThatAnswersNothingIsContained() {
        StreamPathFactory silent = StreamPathFactory.of("silent", request -> null);
        StreamPathFactory empty = StreamPathFactory.of("empty", request -> CompletableFuture.completedFuture(null));
        assertThatThrownBy(() -> rendr.dialer(b -> b.path("silent://x")
                                .path("empty://x")
                                .transport(silent)
                                .transport(empty))
                        .dial())
                .isInstanceOf(DialException.class)
                .hasMessageContaining("returned null")
                .hasMessageContaining("without a carrier");
    }

    @Test
    void anAttemptEndsWithItsConnectTimeoutAndALateCarrierIsClosed() throws Exception {
        CompletableFuture<StreamCarrier> late = new CompletableFuture<>();
        AtomicInteger released = new AtomicInteger();
        AtomicReference<CompletableFuture<StreamCarrier>> opened = new AtomicReference<>();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            StreamPathFactory slow = StreamPathFactory.of("slow", request -> {
                request.onCancel(released::incrementAndGet);
                opened.set(Carriers.connect(request, server.getLocalSocketAddress(), CarrierTraits.STREAM, o -> {})
                        .toCompletableFuture());
                return late;
            });
            assertThatThrownBy(() -> rendr.dialer(
                                    b -> b.path("slow://x?connectTimeout=50ms").transport(slow))
                            .dial())
                    .isInstanceOf(DialException.class)
                    .hasMessageContaining("TIMEOUT");
            assertThat(released).hasValue(1);
            try (Socket accepted = server.accept()) {
                late.complete(Await.result(opened.get()));
                accepted.setSoTimeout(10_000);
                assertThat(accepted.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void cancellingStopsTheDial() throws Exception {
        AtomicInteger released = new AtomicInteger();
        StreamPathFactory never = StreamPathFactory.of("never", request -> {
            request.onCancel(released::incrementAndGet);
            return new CompletableFuture<>();
        });
        CompletableFuture<StreamConn> dialing = rendr.dialer(
                        b -> b.path("never://x?connectTimeout=1m").transport(never))
                .dialAsync();
        dialing.cancel(true);
        Await.until(
                "the attempt is given up or was never begun",
                () -> rendr.status().flows() == 0);
        assertThat(dialing).isCancelled();
        assertThat(released.get()).isLessThanOrEqualTo(1);
    }

    @Test
    void anInterruptStopsTheDial() throws Exception {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        CompletableFuture<Void> released = new CompletableFuture<>();
        StreamPathFactory never = StreamPathFactory.of("never", request -> {
            request.onCancel(() -> released.complete(null));
            begun.complete(null);
            return new CompletableFuture<>();
        });
        FutureTask<StreamConn> dialing = new FutureTask<>(
                () -> rendr.dialer(b -> b.path("never://x?connectTimeout=1m").transport(never))
                        .dial());
        Thread thread = new Thread(dialing, "test-dial");
        thread.start();
        begun.get(10, SECONDS);
        thread.interrupt();
        assertThatThrownBy(() -> dialing.get(10, SECONDS)).hasCauseInstanceOf(InterruptedIOException.class);
        released.get(10, SECONDS);
    }

    @Test
    void theDialTimeoutCoversSilentPeers() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> rendr.dialer(b -> b.path("loop://127.0.0.1:" + mute.getLocalPort())
                                    .dialTimeout(Duration.ofMillis(200)))
                            .dial())
                    .isInstanceOf(DialException.class)
                    .hasMessageContaining("TIMEOUT");
        }
    }

    @Test
    void admissionThatTakesTooLongIsADialException() throws Exception {
        try (Rendr there = Pair.runtime();
                Acceptor acceptor =
                        there.listen(b -> b.endpoint("loop://127.0.0.1:0").admit(incoming -> {}))) {
            assertThatThrownBy(() -> rendr.dialer(
                                    b -> b.path(acceptor.endpoints().get(0)).dialTimeout(Duration.ofMillis(300)))
                            .dial())
                    .isInstanceOf(DialException.class)
                    .hasMessageContaining("did not admit");
        }
    }

    @Test
    void anotherPeerThanExpectedIsRefused() throws Exception {
        try (Rendr there = Pair.runtime();
                Acceptor acceptor = there.listen("loop://127.0.0.1:0")) {
            assertThatThrownBy(() -> rendr.dialer(
                                    b -> b.path(acceptor.endpoints().get(0)).expectPeer(new InstanceId(1, 2)))
                            .dial())
                    .isInstanceOf(RendrException.class);
            rendr.dialer(b -> b.path(acceptor.endpoints().get(0)).expectPeer(there.instanceId()))
                    .dial()
                    .close();
        }
    }

    @Test
    void thePrimaryMustAnswerIfItIsRequired() throws Exception {
        try (Rendr there = Pair.runtime();
                Acceptor acceptor = there.listen("loop://127.0.0.1:0")) {
            String good = acceptor.endpoints().get(0).toUri();
            String bad = "loop://127.0.0.1:" + closedPort() + "?name=bad";
            assertThatThrownBy(() -> rendr.dialer(b -> b.path(good).path(bad).primary("bad", true))
                            .dial())
                    .isInstanceOf(DialException.class);
            try (StreamConn conn = rendr.dialer(
                            b -> b.path(bad).path(good + "?name=good").primary("good", true))
                    .dial()) {
                assertThat(conn.paths()).hasSizeGreaterThanOrEqualTo(1);
                Await.until("the other path is there", () -> conn.paths().size() == 2);
            }
        }
    }

    @Test
    void whatCannotWorkIsToldBeforeAnythingIsDialed() {
        assertThatThrownBy(() -> rendr.dialer(b -> b.path("loup://x:1")))
                .isInstanceOf(UnknownTransportException.class)
                .hasMessageContaining("Did you mean 'loop'?");
        assertThatThrownBy(() -> rendr.dialer(b -> b.path("loop://x:1?backpu=true")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("backup");
    }

    @Test
    void aNameIsResolved() throws Exception {
        try (Rendr there = Pair.runtime();
                Acceptor acceptor = there.listen("loop://127.0.0.1:0")) {
            int port = acceptor.endpoints().get(0).socketAddress().getPort();
            try (StreamConn conn = rendr.dial("loop://localhost:" + port)) {
                assertThat(((InetSocketAddress) conn.remoteAddress()).getPort()).isEqualTo(port);
            }
        }
    }
}
