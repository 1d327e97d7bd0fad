// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.CloseReason;
import io.rendr.CloseReason.Kind;
import io.rendr.PathSpec;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connecting, listening and moving bytes over real sockets. */
class LoopbackTest {
    private static final CloseReason ORDERLY = CloseReason.of(Kind.LOCAL, "test");
    private static final CloseReason DEAD = CloseReason.of(Kind.TIMEOUT, "test");

    private final Lab lab = new Lab();

    @AfterEach
    void end() {
        lab.close();
    }

    private BoundPort listen(Lab.Bind request) throws Exception {
        InetSocketAddress local = new InetSocketAddress(
                InetAddress.getByName(request.spec().socketAddress().getHostString()),
                request.spec().socketAddress().getPort());
        return Lab.await(lab.on(lab.loop, () -> Carriers.listen(request, local, CarrierTraits.STREAM, b -> {})));
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 65536, 1 << 20})
    void movesBytesBothWaysByTheRulesOfCredit(int slice) throws Exception {
        int total = 8 << 20;
        Lab.Bind bind = lab.new Bind(PathSpec.of("tcp://127.0.0.1:0?name=here"));
        try (BoundPort port = listen(bind)) {
            assertThat(port.dialSpec().name()).isEqualTo("here");
            StreamCarrier dialed = lab.connect(port.dialSpec());
            StreamCarrier accepted = bind.next();
            assertThat(accepted.remoteAddress()).isEqualTo(dialed.localAddress());
            assertThat(dialed.remoteAddress()).isEqualTo(port.localAddress());

            Lab.Pump there = new Lab.Pump(dialed, total, slice, total);
            Lab.Pump back = new Lab.Pump(accepted, total, slice, total);
            lab.run(dialed, there::begin);
            lab.run(accepted, back::begin);
            there.awaitBytes();
            back.awaitBytes();

            assertThat(back.hash()).isEqualTo(there.sentHash());
            assertThat(there.hash()).isEqualTo(back.sentHash());
            // Netty counts about 100 bytes for each queued buffer on top.
            assertThat(there.mostQueued).isLessThan(Carriers.HIGH_WATER_MARK + 200_000L);
            assertThat(there.calledBack || back.calledBack).isFalse();
            assertThat(back.batches).isLessThanOrEqualTo(back.reads);

            lab.run(dialed, () -> dialed.close(ORDERLY));
            assertThat(there.awaitClosed()).isSameAs(ORDERLY);
            assertThat(back.awaitClosed().kind()).isEqualTo(Kind.PEER_CLOSED);
            lab.run(accepted, () -> {});
            assertThat(there.ends + back.ends).isEqualTo(2);
            assertThat(there.afterEnd || back.afterEnd).isFalse();
        }
    }

    @Test
    void aWriterWithoutCreditIsWokenWhenThePeerReads() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int total = 32 << 20; // more than two kernel buffers and the carrier hold together
            StreamCarrier carrier = lab.connect(PathSpec.of("tcp://127.0.0.1:" + server.getLocalPort()));
            try (Socket peer = server.accept()) {
                Lab.Pump pump = new Lab.Pump(carrier, total, 65536, Long.MAX_VALUE);
                lab.run(carrier, pump::begin);
                assertThat(lab.on(lab.loop, carrier::credit)).isZero();
                assertThat(lab.on(lab.loop, carrier::queued)).isPositive();
                byte[] all = peer.getInputStream().readNBytes(total);
                assertThat(all).hasSize(total);
                assertThat(pump.wakes).isPositive();
                lab.run(carrier, () -> carrier.close(ORDERLY));
                pump.awaitClosed();
            }
        }
    }

    @Test
    void readingIsNotPausedWhileWritingIsStuck() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            StreamCarrier carrier = lab.connect(PathSpec.of("tcp://127.0.0.1:" + server.getLocalPort()));
            try (Socket peer = server.accept()) {
                Lab.Pump pump = new Lab.Pump(carrier, 32 << 20, 65536, 1 << 20);
                lab.run(carrier, pump::begin);
                assertThat(lab.on(lab.loop, carrier::credit)).isZero();
                peer.getOutputStream().write(new byte[1 << 20]);
                pump.awaitBytes();
                lab.run(carrier, () -> carrier.close(DEAD));
                assertThat(pump.awaitClosed()).isSameAs(DEAD);
            }
        }
    }

    @Test
    void anOrderlyEndIsAFinAndADeadOneAReset() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
            PathSpec spec = PathSpec.of("tcp://127.0.0.1:" + server.getLocalPort());
            StreamCarrier orderly = lab.connect(spec);
            try (Socket peer = server.accept()) {
                lab.run(orderly, () -> orderly.close(ORDERLY));
                assertThat(peer.getInputStream().read()).isEqualTo(-1);
            }
            StreamCarrier dead = lab.connect(spec);
            try (Socket peer = server.accept()) {
                lab.run(dead, () -> dead.close(DEAD));
                assertThatThrownBy(() -> peer.getInputStream().read()).isInstanceOf(SocketException.class);
            }
        }
    }

    @Test
    void tellsAFinFromAReset() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
            for (boolean reset : new boolean[] {false, true}) {
                StreamCarrier carrier = lab.connect(PathSpec.of("tcp://127.0.0.1:" + server.getLocalPort()));
                Lab.Ear ear = new Lab.Ear();
                lab.run(carrier, () -> carrier.start(ear));
                try (Socket peer = server.accept()) {
                    peer.setSoLinger(reset, 0);
                }
                assertThat(ear.awaitClosed().kind()).isEqualTo(reset ? Kind.RESET : Kind.PEER_CLOSED);
            }
        }
    }

    @Test
    void connectsByNameAndByIpv6() throws Exception {
        Lab.Bind bind = lab.new Bind(PathSpec.of("tcp://127.0.0.1:0"));
        try (BoundPort port = listen(bind)) {
            int number = port.dialSpec().socketAddress().getPort();
            StreamCarrier named = lab.connect(PathSpec.of("tcp://localhost:" + number));
            lab.run(named, () -> named.close(ORDERLY));
            StreamCarrier accepted = bind.next();
            lab.run(accepted, () -> accepted.close(ORDERLY));
        }
        Lab.Bind bind6 = lab.new Bind(PathSpec.of("tcp://[::1]:0"));
        try (BoundPort port = listen(bind6)) {
            StreamCarrier six = lab.connect(port.dialSpec());
            assertThat(port.dialSpec().address()).startsWith("[::1]:");
            lab.run(six, () -> six.close(ORDERLY));
            StreamCarrier accepted = bind6.next();
            lab.run(accepted, () -> accepted.close(ORDERLY));
        }
    }

    @Test
    void tellsThatNobodyListens() throws Exception {
        int free;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = gone.getLocalPort();
        }
        assertThatThrownBy(() -> lab.connect(PathSpec.of("tcp://127.0.0.1:" + free)))
                .isInstanceOf(ExecutionException.class)
                .satisfies(e -> assertThat(CloseReason.of(e).kind()).isEqualTo(Kind.REFUSED));
    }

    @Test
    void aCancelledAttemptLeavesNothing() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            PathSpec spec = PathSpec.of("tcp://127.0.0.1:" + server.getLocalPort());
            Lab.Dial request = lab.new Dial(spec, Duration.ofSeconds(10));
            CompletionStage<StreamCarrier> attempt = lab.on(lab.loop, () -> {
                CompletionStage<StreamCarrier> stage =
                        Carriers.connect(request, spec.socketAddress(), CarrierTraits.STREAM, b -> {});
                request.cancel();
                return stage;
            });
            assertThatThrownBy(() -> Lab.await(attempt)).hasMessageContaining("cancelled");
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            PathSpec spec = PathSpec.of("tcp://127.0.0.1:" + taken.getLocalPort());
            assertThatThrownBy(() -> listen(lab.new Bind(spec)))
                    .hasCauseInstanceOf(BindException.class)
                    .hasMessageContaining("cannot listen at " + spec);
        }
    }

    @Test
    void aClosedPortAcceptsNoMoreAndLeavesItsCarriersAlone() throws Exception {
        Lab.Bind bind = lab.new Bind(PathSpec.of("tcp://127.0.0.1:0"));
        BoundPort port = listen(bind);
        StreamCarrier dialed = lab.connect(port.dialSpec());
        StreamCarrier accepted = bind.next();
        port.close();
        port.close();
        assertThatThrownBy(() -> {
                    while (true) { // closing is not instant
                        StreamCarrier late = lab.connect(port.dialSpec());
                        lab.run(late, () -> late.close(DEAD));
                    }
                })
                .satisfies(e -> assertThat(CloseReason.of(e).kind()).isIn(Kind.REFUSED, Kind.RESET));

        Lab.Pump pump = new Lab.Pump(dialed, 1000, 100, Long.MAX_VALUE);
        Lab.Ear ear = new Lab.Ear(1000);
        lab.run(accepted, () -> accepted.start(ear));
        lab.run(dialed, pump::begin);
        ear.awaitBytes();
        assertThat(bind.failure).isNotDone();
        lab.run(dialed, () -> dialed.close(ORDERLY));
        ear.awaitClosed();
    }

    @Test
    void aPortThatNobodyWantsAnyMoreCutsWhatItAccepts() throws Exception {
        Lab.Bind bind = lab.new Bind(PathSpec.of("tcp://127.0.0.1:0"));
        bind.accepting = false;
        try (BoundPort port = listen(bind)) {
            assertThat(endOf(port.dialSpec()).kind()).isEqualTo(Kind.RESET);
            assertThat(bind.accepted).isEmpty();
        }
    }

    /** How a carrier ends that the other side cuts, which may be before this one knows that it is connected. */
    private CloseReason endOf(PathSpec spec) throws Exception {
        StreamCarrier dialed;
        try {
            dialed = lab.connect(spec);
        } catch (ExecutionException e) {
            return CloseReason.of(e);
        }
        Lab.Ear ear = new Lab.Ear();
        lab.run(dialed, () -> dialed.start(ear));
        return ear.awaitClosed();
    }
}
