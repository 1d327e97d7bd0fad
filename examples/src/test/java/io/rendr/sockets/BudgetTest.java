// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.CloseReason;
import io.rendr.ConnState;
import io.rendr.MigrationBudgetExceededException;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No path at all: within the migration budget nothing is lost, beyond it both ends say so. */
@ExtendWith(LeakGuard.class)
class BudgetTest {
    private static final long SIZE = 32L << 20;

    @ParameterizedTest
    @EnumSource(Outage.class)
    void everyPathGoneAndBackWithinTheBudgetLosesNothing(Outage outage) throws Exception {
        try (Peers peers = new Peers(2)) {
            StreamConn client = peers.dial();
            StreamConn server = peers.accept();
            Peers.awaitAllUsable(server, 2);
            AtomicLong up = new AtomicLong();
            AtomicLong down = new AtomicLong();
            Job<byte[]> clientWrites = Job.start("client-writes", () -> Traffic.send(client, SIZE, 1));
            Job<byte[]> serverWrites = Job.start("server-writes", () -> Traffic.send(server, SIZE, 2));
            Job<byte[]> serverReads = Job.start("server-reads", () -> Traffic.receive(server, up));
            Job<byte[]> clientReads = Job.start("client-reads", () -> Traffic.receive(client, down));
            Await.until("both directions run", () -> up.get() > SIZE / 8 && down.get() > SIZE / 8);

            outage.begin(peers.links);
            Await.until("both ends hold", () -> isHeld(client) && isHeld(server));
            assertThat(outage.isProven(peers.links)).isTrue();
            outage.end(peers.links);

            assertThat(serverReads.result()).isEqualTo(clientWrites.result());
            assertThat(clientReads.result()).isEqualTo(serverWrites.result());
            assertThat(client.admin().stats().counters().longestHold()).isPositive();
            assertThat(server.admin().stats().counters().longestHold()).isPositive();
        }
    }

    private static boolean isHeld(StreamConn conn) {
        return conn.admin().state() == ConnState.MIGRATING;
    }

    @ParameterizedTest
    @EnumSource(Outage.class)
    void beyondTheBudgetEachEndFailsTypedAtItsOwnDeadlineTheDialerFirst(Outage outage) throws Exception {
        Duration budget = Duration.ofMillis(1500);
        try (Peers peers = new Peers(2)) {
            StreamConn client = peers.dial(b -> b.migrationBudget(budget));
            StreamConn server = peers.accept();
            Peers.awaitAllUsable(server, 2);
            HoldWatch clientHold = new HoldWatch(client);
            HoldWatch serverHold = new HoldWatch(server);
            Job<Void> clientWrites = Job.start("client-writes", () -> Traffic.sendForEver(client));
            Job<Void> serverWrites = Job.start("server-writes", () -> Traffic.sendForEver(server));
            Job<byte[]> serverReads = Job.start("server-reads", () -> Traffic.receive(server));
            Job<byte[]> clientReads = Job.start("client-reads", () -> Traffic.receive(client));
            Await.until("both directions run", () -> received(client) > 1 << 20 && received(server) > 1 << 20);

            outage.begin(peers.links);
            checkBudget(clientWrites.failure(), budget);
            checkBudget(clientReads.failure(), budget);
            Instant clientEnd = clientHold.end();
            Duration longer = budget.plusSeconds(5); // the end that cannot dial waits longer
            checkBudget(serverWrites.failure(), longer);
            checkBudget(serverReads.failure(), longer);
            Instant serverEnd = serverHold.end();

            assertThat(outage.isProven(peers.links)).isTrue();
            assertThat(Await.result(client.closed()).kind()).isEqualTo(CloseReason.Kind.TIMEOUT);
            assertThat(Await.result(server.closed()).kind()).isEqualTo(CloseReason.Kind.TIMEOUT);
            assertThat(clientEnd).isBefore(serverEnd);
            assertThat(clientHold.late(budget)).isGreaterThanOrEqualTo(HoldWatch.CLOCK);
            assertThat(serverHold.late(longer)).isGreaterThanOrEqualTo(HoldWatch.CLOCK);
        }
    }

    private static long received(StreamConn conn) {
        return conn.admin().stats().bytesReceived();
    }

    private static void checkBudget(Throwable failure, Duration budget) {
        assertThat(failure).isInstanceOfSatisfying(MigrationBudgetExceededException.class, e -> {
            assertThat(e.budget()).isEqualTo(budget);
            assertThat(e.failures()).hasSize(2);
        });
    }
}
