// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.CloseReason.Kind;
import io.rendr.PathSpec;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class MemTransportTest {

    private final MemNetwork network = new MemNetwork();
    private final MemTransport mem = new MemTransport(network);
    private final MemLink link = network.link("place");
    private TransportRig rig;
    private RigPort port;
    private CarrierProbe near;
    private CarrierProbe far;

    @BeforeEach
    void open() {
        rig = TransportRig.nio();
        port = rig.bind(mem, PathSpec.of("mem://place"));
        Await.result(port.opened());
    }

    @AfterEach
    void close() {
        port.close();
        near.close(Kind.LOCAL);
        far.close(Kind.LOCAL);
        rig.close();
        assertThat(near.violations()).isEmpty();
        assertThat(far.violations()).isEmpty();
        assertThat(link.connections()).isZero();
    }

    private void connect(String path) {
        near = rig.dial(mem, PathSpec.of(path)).probe();
        far = port.accept();
    }

    @Test
    void aBlackHoleHoldsOneWayUntilItIsLifted() {
        connect("mem://place?buffer=64KiB");
        near.start();
        far.start();
        link.blackHole(LinkDirection.UP, true);
        near.send(1 << 20);
        far.send(1 << 20);
        Await.until("the other way is open", () -> near.received() == 1 << 20);
        assertThat(far.received()).isZero();
        assertThat(near.sent()).as("the buffer bounds what is taken").isEqualTo(64 << 10);
        link.blackHole(LinkDirection.UP, false);
        Await.until("all of it", () -> far.received() == 1 << 20);
    }

    @Test
    void anEndIsHeldByABlackHoleToo() {
        connect("mem://place");
        near.start();
        far.start();
        link.blackHole(true);
        near.send(1000);
        near.close(Kind.LOCAL);
        Await.result(near.closed());
        far.run(() -> {});
        assertThat(far.closed()).isNotDone();
        link.blackHole(false);
        assertThat(Await.result(far.closed()).kind()).isEqualTo(Kind.PEER_CLOSED);
        assertThat(far.received()).isEqualTo(1000);
    }

    @Test
    void aCutResetsBothEndsEvenThroughABlackHole() {
        connect("mem://place");
        near.start();
        far.start();
        link.blackHole(true);
        assertThat(link.connections()).isEqualTo(1);
        assertThat(link.cut()).isEqualTo(1);
        assertThat(Await.result(near.closed()).kind()).isEqualTo(Kind.RESET);
        assertThat(Await.result(far.closed()).kind()).isEqualTo(Kind.RESET);
        assertThat(link.cut()).isZero();
        link.blackHole(false);
        connect("mem://place");
    }

    @Test
    void aDialWaitsForTheBlackHoleToBeLifted() {
        link.blackHole(LinkDirection.DOWN, true);
        RigDial dial = rig.dial(mem, PathSpec.of("mem://place"), Await.LONG);
        dial.eventLoop().submit(() -> {}).syncUninterruptibly();
        assertThat(dial.result().toCompletableFuture()).isNotDone();
        link.blackHole(LinkDirection.DOWN, false);
        near = dial.probe();
        far = port.accept();
    }

    @Test
    void bytesAreCutAsTheOptionSays() {
        connect("mem://place?chunk=7");
        AtomicLong pieces = new AtomicLong();
        far.onReceived(p -> pieces.incrementAndGet());
        near.start();
        far.start();
        near.send(7000);
        Await.until("all of it", () -> far.received() == 7000);
        far.run(() -> {}); // the last piece has been counted too
        assertThat(pieces.get()).isEqualTo(1000);
    }

    @Test
    void anEndWhoseEventLoopHasEndedHasResetTheConnection() {
        TransportRig other = TransportRig.nio();
        near = other.dial(mem, PathSpec.of("mem://place")).probe();
        far = port.accept();
        near.start();
        near.send(1000);
        Await.until("gone", () -> near.sent() == 1000 && near.queued() == 0);
        other.close();
        far.start();
        assertThat(Await.result(far.closed()).kind()).isEqualTo(Kind.RESET);
        assertThat(far.received()).isEqualTo(1000);
        near = far; // the other one has no loop any more, and needs none
    }

    @Test
    void writingToAnEndWhoseEventLoopHasEndedIsAReset() {
        TransportRig other = TransportRig.nio();
        near = other.dial(mem, PathSpec.of("mem://place")).probe();
        far = port.accept();
        far.start();
        other.close();
        far.send(1000);
        assertThat(Await.result(far.closed()).kind()).isEqualTo(Kind.RESET);
        near = far;
    }
}
