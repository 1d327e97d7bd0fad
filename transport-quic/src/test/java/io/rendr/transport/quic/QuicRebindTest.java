// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.rendr.CloseReason.Kind;
import io.rendr.PathSpec;
import io.rendr.spi.Rebindable;
import io.rendr.testkit.Await;
import io.rendr.testkit.CarrierProbe;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.RigPort;
import io.rendr.testkit.TransportRig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections whose ends are somewhere else than before. The probes compare every byte. */
@ExtendWith(LeakGuard.class)
class QuicRebindTest {
    private static final SocketAddress ANYWHERE = new InetSocketAddress(0);

    private final QuicTransport quic = new QuicTransport();
    private final List<DatagramChannel> channels = new CopyOnWriteArrayList<>();
    private final List<CarrierProbe> probes = new ArrayList<>();
    private TransportRig rig;
    private RigPort port;
    private CarrierProbe near;
    private CarrierProbe far;
    private long toNear;
    private long toFar;

    private void listen(Way way) {
        rig = way.rig(() -> {
            DatagramChannel channel = way == Way.EPOLL ? new EpollDatagramChannel() : new NioDatagramChannel();
            channels.add(channel);
            return channel;
        });
        port = rig.bind(quic, PathSpec.of("quic://127.0.0.1:0").with(Certificates.acceptor()));
        Await.result(port.opened());
    }

    private void dial(PathSpec to) {
        near = rig.dial(quic, to, Await.LONG).probe().start();
        far = port.accept().start();
        probes.addAll(List.of(near, far));
    }

    private void open(Way way) {
        listen(way);
        dial(port.dialSpec());
    }

    @AfterEach
    void close() {
        probes.forEach(probe -> probe.close(Kind.LOCAL));
        if (rig != null) {
            port.close();
            quic.close();
            rig.close();
        }
        probes.forEach(probe -> assertThat(probe.violations()).isEmpty());
    }

    private SocketAddress rebind(SocketAddress to) {
        return Await.result(rebinding(to));
    }

    private CompletableFuture<SocketAddress> rebinding(SocketAddress to) {
        CompletableFuture<SocketAddress> result = new CompletableFuture<>();
        near.run(() -> near.carrier()
                .ability(Rebindable.class)
                .orElseThrow()
                .rebind(to)
                .whenComplete((now, failure) -> {
                    if (failure == null) {
                        result.complete(now);
                    } else {
                        result.completeExceptionally(failure);
                    }
                }));
        return result;
    }

    /**
     * The NAT forgets and the acceptor follows. Until it has, what it sends goes to where nobody is any more; and quiche gives the
     * new address up if it has sent there all that it may before its challenge is answered.
     */
    private void forget(Nat nat) {
        SocketAddress before = far.carrier().remoteAddress();
        nat.forget();
        awaitFollowing(() -> !far.carrier().remoteAddress().equals(before));
    }

    private void awaitFollowing(BooleanSupplier followed) {
        Await.until(() -> "the acceptor follows: " + far, () -> {
            toFar += 500;
            near.send(500);
            return followed.getAsBoolean();
        });
    }

    private void exchange(long bytes) {
        toFar += bytes;
        toNear += bytes;
        long atNear = toNear;
        long atFar = toFar;
        near.send(bytes);
        far.send(bytes);
        Await.until(
                () -> "both ways: " + near + ", " + far, () -> near.received() == atNear && far.received() == atFar);
    }

    @ParameterizedTest
    @EnumSource
    void movesUnderLoadAndLosesNothing(Way way) {
        open(way);
        Set<SocketAddress> addresses = new HashSet<>(Set.of(near.carrier().localAddress()));
        for (int move = 1; move <= 12; move++) {
            long before = far.received();
            long atNear = toNear += 2 << 20;
            long atFar = toFar += 2 << 20;
            near.send(2 << 20);
            far.send(2 << 20);
            Await.until("it is on its way", () -> far.received() > before);
            SocketAddress now = rebind(new InetSocketAddress("127.0.0." + (2 + move % 3), 0));
            assertThat(now).isEqualTo(near.carrier().localAddress());
            assertThat(addresses.add(now)).isTrue();
            Await.until(
                    () -> "all of it: " + near + ", " + far,
                    () -> near.received() == atNear && far.received() == atFar);
            awaitFollowing(() -> far.carrier().remoteAddress().equals(now));
            long all = toFar;
            Await.until("that too", () -> far.received() == all);
        }
        assertThat(near.closed()).isNotDone();
        assertThat(far.closed()).isNotDone();
    }

    @ParameterizedTest
    @EnumSource
    void aMoveThatFailsLeavesTheOldAddress(Way way) {
        open(way);
        exchange(1000);
        SocketAddress before = near.carrier().localAddress();
        assertThat(Await.failure(rebinding(new InetSocketAddress("198.51.100.7", 0))))
                .isInstanceOf(IOException.class);
        assertThat(near.carrier().localAddress()).isEqualTo(before);
        exchange(1000);
    }

    @ParameterizedTest
    @EnumSource
    void movesHoweverOften(Way way) {
        open(way);
        for (int move = 0; move < 100; move++) {
            rebind(ANYWHERE);
            exchange(2000);
        }
        assertThat(near.closed()).isNotDone();
        assertThat(far.closed()).isNotDone();
    }

    /** What the acceptor sends meanwhile still arrives at the address that was left, and the dialer only acknowledges it. */
    @ParameterizedTest
    @EnumSource
    void movesWhileOnlyTheAcceptorSends(Way way) {
        open(way);
        exchange(1000);
        toNear += 200 << 20;
        far.send(200 << 20);
        for (int move = 0; move < 8; move++) {
            long before = near.received();
            Await.until("under way", () -> near.received() > before + (2 << 20));
            SocketAddress now = rebind(new InetSocketAddress("127.0.0." + (2 + move % 3), 0));
            Await.until("followed: " + far, () -> far.carrier().remoteAddress().equals(now));
            long at = near.received();
            Await.until(() -> "it goes on: " + near, () -> near.received() > at + (4 << 20));
        }
        near.close(Kind.ERROR);
    }

    /** The dialer says little, as an engine that asks for signs of life. */
    @ParameterizedTest
    @EnumSource
    void aNatThatForgetsWhileOnlyTheAcceptorSendsIsFollowed(Way way) throws IOException {
        listen(way);
        try (Nat nat = new Nat(port.dialSpec().socketAddress())) {
            dial(PathSpec.of("quic://127.0.0.1:" + nat.port()).with(Certificates.dialer()));
            exchange(1000);
            far.send(200 << 20);
            for (int turn = 0; turn < 4; turn++) {
                long before = near.received();
                Await.until("under way", () -> near.received() > before + (2 << 20));
                SocketAddress was = far.carrier().remoteAddress();
                nat.forget();
                near.send(20);
                Await.until("followed", () -> !far.carrier().remoteAddress().equals(was));
                long at = near.received();
                Await.until(() -> "it goes on: " + near, () -> near.received() > at + (4 << 20));
            }
        }
        near.close(Kind.ERROR);
    }

    @ParameterizedTest
    @EnumSource
    void aMoveRightAfterTheSocketWasLostStays(Way way) {
        open(way);
        exchange(1000);
        DatagramChannel old = channels.get(channels.size() - 1);
        near.run(old::close);
        SocketAddress moved = rebind(new InetSocketAddress("127.0.0.5", 0));
        exchange(1000);
        assertThat(near.carrier().localAddress()).isEqualTo(moved);
    }

    @ParameterizedTest
    @EnumSource
    void aNatThatForgetsIsFollowed(Way way) throws IOException {
        listen(way);
        try (Nat nat = new Nat(port.dialSpec().socketAddress())) {
            PathSpec through = PathSpec.of("quic://127.0.0.1:" + nat.port()).with(Certificates.dialer());
            dial(through);
            for (int turn = 0; turn < 12; turn++) {
                exchange(300_000);
                forget(nat);
            }
            exchange(300_000);
            assertThat(near.closed()).isNotDone();
        }
        near.close(Kind.ERROR);
    }

    /** As where a round trip takes longer than the acceptor waits before it asks again. */
    @ParameterizedTest
    @EnumSource
    void anAnswerThatComesAfterTheNextQuestionCounts(Way way) throws IOException {
        listen(way);
        try (Nat nat = new Nat(port.dialSpec().socketAddress())) {
            dial(PathSpec.of("quic://127.0.0.1:" + nat.port()).with(Certificates.dialer()));
            exchange(300_000);
            nat.answerLate();
            forget(nat);
        }
        near.close(Kind.ERROR);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.01, 0.05, 0.2})
    void lossIsNotHeardOf(double share) throws IOException {
        listen(Way.NIO);
        try (Nat nat = new Nat(port.dialSpec().socketAddress())) {
            nat.lose(share);
            dial(PathSpec.of("quic://127.0.0.1:" + nat.port()).with(Certificates.dialer()));
            do {
                exchange(500_000);
            } while (nat.lost() == 0);
            nat.lose(0);
            near.close(Kind.LOCAL);
            assertThat(Await.result(far.closed()).kind()).isEqualTo(Kind.PEER_CLOSED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSocketThatIsClosedUnderItIsReplacedAtTheSameAddress(Way way) {
        open(way);
        exchange(1000);
        SocketAddress before = near.carrier().localAddress();
        DatagramChannel old = channels.get(channels.size() - 1);
        near.run(old::close);
        Await.until("another", () -> channels.get(channels.size() - 1) != old);
        exchange(1000);
        assertThat(near.carrier().localAddress()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void doesNotMoveAfterItsEnd(Way way) {
        open(way);
        exchange(1000);
        near.close(Kind.ERROR);
        Await.result(near.closed());
        assertThat(Await.failure(rebinding(ANYWHERE))).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void onlyADialerMoves(Way way) {
        open(way);
        assertThat(far.carrier().ability(Rebindable.class)).isEmpty();
    }
}
