// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.CloseReason;
import io.rendr.ConnStats;
import io.rendr.FlowAbortedException;
import io.rendr.MigrationCause;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.nio.channels.AsynchronousCloseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Credit is the only thing that holds a writer back, and it holds back nothing else. */
@ExtendWith(LeakGuard.class)
class ParkedTest {
    private static final long SIZE = 64L << 20;

    /** What an end that never reads may hold: the window that a waiting writer is granted, in whole chunks. */
    private static final long WINDOW = 512 << 10;

    /** Whether everything that went out has arrived and was not read, and the writer waits with more. */
    static boolean isParked(Job<?> writer, StreamConn from, StreamConn to) {
        ConnStats sent = from.admin().stats();
        return writer.isParked()
                && sent.sendQueued() > 0
                && sent.bytesSent() > 0
                && sent.bytesSent() == to.admin().stats().recvQueued();
    }

    @Test
    void twoEndsThatBothWriteFirstParkAtTheirCreditAndEverythingElseGoesOn() throws Exception {
        try (Peers peers = new Peers(3)) {
            StreamConn client = peers.here
                    .dialer(b -> b.path(peers.path(0)).path(peers.path(1)))
                    .dial();
            StreamConn server = peers.accept();
            Peers.awaitAllUsable(server, 2);
            Job<byte[]> clientWrites = Job.start("client-writes", () -> Traffic.send(client, SIZE, 1));
            Job<byte[]> serverWrites = Job.start("server-writes", () -> Traffic.send(server, SIZE, 2));
            Await.until(
                    "both are parked",
                    () -> isParked(clientWrites, client, server) && isParked(serverWrites, server, client));

            int added = client.admin().addPath(peers.path(2)); // an attach passes
            client.admin().migrate(added); // pings and their answers pass, for a move is made on an answer only
            assertThat(client.admin().activePath()).isEqualTo(added);
            Await.until("the server follows", () -> server.admin().activePath() == added);
            server.admin().migrate(0);
            assertThat(server.admin().activePath()).isZero();
            Await.until(
                    "both are parked still",
                    () -> isParked(clientWrites, client, server) && isParked(serverWrites, server, client));
            assertThat(bytesSent(client)).isLessThanOrEqualTo(WINDOW);
            assertThat(bytesSent(server)).isLessThanOrEqualTo(WINDOW);

            Job<byte[]> serverReads = Job.start("server-reads", () -> Traffic.receive(server));
            Job<byte[]> clientReads = Job.start("client-reads", () -> Traffic.receive(client));
            assertThat(serverReads.result()).isEqualTo(clientWrites.result());
            assertThat(clientReads.result()).isEqualTo(serverWrites.result());
            for (StreamConn conn : List.of(client, server)) {
                ConnStats stats = conn.admin().stats();
                assertThat(stats.bytesReceived()).isEqualTo(SIZE);
                assertThat(stats.counters().migrations().get(MigrationCause.DEATH))
                        .isZero();
                assertThat(stats.counters().carriersLost()).isZero();
                assertThat(stats.counters().protocolErrors()).isZero();
            }
        }
    }

    private static long bytesSent(StreamConn conn) {
        return conn.admin().stats().bytesSent();
    }

    @Test
    void aReaderThatNeverReadsHoldsUpItsWriterAndNothingElse() throws Exception {
        RendrConfig small = RendrConfig.builder()
                .memoryBudget(64 << 20)
                .linger(Duration.ofMillis(500))
                .build();
        try (Peers peers = new Peers(2, small, b -> b)) {
            StreamConn client = peers.dial();
            StreamConn server = peers.accept();
            Job<Void> writer = Job.start("parked-writer", () -> Traffic.sendForEver(client));
            Await.until("the writer is parked", () -> isParked(writer, client, server));

            List<Job<byte[]>> written = new ArrayList<>();
            List<Job<byte[]>> read = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int seed = i;
                StreamConn other = peers.dial();
                StreamConn otherServer = peers.accept();
                written.add(Job.start("other-writes", () -> Traffic.send(other, SIZE, seed)));
                read.add(Job.start("other-reads", () -> Traffic.receive(otherServer)));
            }
            for (int i = 0; i < written.size(); i++) {
                assertThat(read.get(i).result()).isEqualTo(written.get(i).result());
            }

            assertThat(isParked(writer, client, server)).isTrue();
            assertThat(bytesSent(client)).isLessThanOrEqualTo(WINDOW);
            Await.until(
                    "only what is parked is held", () -> peers.there.status().bufferedBytes() <= WINDOW);
            Peers.awaitAllUsable(client, 2);
            Peers.awaitAllUsable(server, 2);
            assertThat(client.admin().migrationCount()).isZero();
            assertThat(server.admin().migrationCount()).isZero();
            assertThat(client.admin().stats().counters().carriersLost()).isZero();

            client.abort(7);
            assertThat(writer.failure()).isInstanceOf(AsynchronousCloseException.class);
            Throwable end =
                    Job.start("late-reader", () -> Traffic.receive(server)).failure();
            assertThat(end).isInstanceOfSatisfying(FlowAbortedException.class, e -> {
                assertThat(e.code()).isEqualTo(7);
                assertThat(e.byPeer()).isTrue();
            });
            assertThat(Await.result(server.closed()).kind()).isEqualTo(CloseReason.Kind.RESET);
        }
    }

    @Test
    void theTailThatNobodyReadsIsGivenUpAfterTheLingerTimeAndBothEndsSaySo() throws Exception {
        try (Peers peers = new Peers(1)) {
            StreamConn client = peers.dial();
            StreamConn server = peers.accept();
            Job<Void> writer = Job.start("parked-writer", () -> Traffic.sendForEver(client));
            Await.until("the writer is parked", () -> isParked(writer, client, server));
            client.close();
            assertThat(writer.failure()).isInstanceOf(AsynchronousCloseException.class);
            CloseReason why = Await.result(client.closed());
            assertThat(why.kind()).isEqualTo(CloseReason.Kind.TIMEOUT);
            assertThat(why.detail()).contains("linger");
            Await.result(server.closed());
            assertThat(Job.start("late-reader", () -> Traffic.receive(server)).failure())
                    .isInstanceOfSatisfying(
                            FlowAbortedException.class,
                            e -> assertThat(e.code()).isEqualTo(FlowAbortedException.LINGER_EXPIRED));
        }
    }
}
