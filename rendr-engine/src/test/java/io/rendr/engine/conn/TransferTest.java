// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.Acceptor;
import io.rendr.MigrationCause;
import io.rendr.PathSpec;
import io.rendr.Protection;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.LinkEmulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakGuard.class)
class TransferTest {
    private static final int PIECE = 128 * 1024;

    @ParameterizedTest
    @EnumSource(Protection.class)
    void carriesBulkInBothDirectionsAtOnce(Protection protection) throws Exception {
        try (Rendr here = Pair.runtime();
                Rendr there = Pair.runtime();
                Acceptor acceptor =
                        there.listen(b -> b.endpoint("loop://127.0.0.1:0").protection(protection));
                StreamConn client = here.dialer(
                                b -> b.path(acceptor.endpoints().get(0)).protection(protection))
                        .dial();
                StreamConn server = acceptor.accept()) {
            exchange(client, server, 64 << 20);
        }
    }

    @Test
    void survivesTheDeathOfItsCarriers() throws Exception {
        try (Rendr here = Pair.runtime();
                Rendr there = Pair.runtime();
                Acceptor acceptor = there.listen("loop://127.0.0.1:0");
                LinkEmulator first = link(acceptor);
                LinkEmulator second = link(acceptor);
                StreamConn client = here.dialer(
                                b -> b.path(path(first, "first")).path(path(second, "second")))
                        .dial();
                StreamConn server = acceptor.accept()) {
            AtomicLong read = new AtomicLong();
            int size = 32 << 20;
            while (usable(client) < 2) {
                Thread.onSpinWait(); // without the other there is nowhere to go
            }
            FutureTask<byte[]> reader = task(() -> receive(server, read));
            FutureTask<byte[]> writer = task(() -> send(client, size, 11));
            for (int i = 1; i <= 6; i++) {
                await(read, (long) size * i / 8);
                LinkEmulator victim = isActive(client, "first") ? first : second;
                if (i % 3 == 0) {
                    victim.fin();
                } else {
                    victim.reset();
                }
            }
            assertThat(reader.get(60, SECONDS)).isEqualTo(writer.get(60, SECONDS));
            assertThat(client.admin().stats().counters().carriersLost()).isGreaterThanOrEqualTo(1);
            assertThat(client.admin().stats().counters().migrations().get(MigrationCause.DEATH))
                    .isGreaterThanOrEqualTo(1);
        }
    }

    private static long usable(StreamConn conn) {
        return conn.admin().stats().paths().stream()
                .filter(path -> path.state().isUsable())
                .count();
    }

    private static boolean isActive(StreamConn conn, String path) {
        return conn.admin().stats().paths().stream()
                .anyMatch(each -> each.active() && each.name().equals(path));
    }

    private static LinkEmulator link(Acceptor acceptor) throws IOException {
        int port = acceptor.endpoints().get(0).socketAddress().getPort();
        return LinkEmulator.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private static PathSpec path(LinkEmulator link, String name) {
        return PathSpec.of("loop://127.0.0.1:" + link.address().getPort() + "?name=" + name);
    }

    static void exchange(StreamConn a, StreamConn b, int size) throws Exception {
        FutureTask<byte[]> aSends = task(() -> send(a, size, 1));
        FutureTask<byte[]> bSends = task(() -> send(b, size, 2));
        FutureTask<byte[]> aReads = task(() -> receive(a, new AtomicLong()));
        FutureTask<byte[]> bReads = task(() -> receive(b, new AtomicLong()));
        assertThat(bReads.get(120, SECONDS)).isEqualTo(aSends.get(120, SECONDS));
        assertThat(aReads.get(120, SECONDS)).isEqualTo(bSends.get(120, SECONDS));
    }

    static void exchangeWithEcho(StreamConn conn, int size) throws Exception {
        FutureTask<byte[]> sends = task(() -> send(conn, size, 1));
        FutureTask<byte[]> reads = task(() -> receive(conn, new AtomicLong()));
        assertThat(reads.get(120, SECONDS)).isEqualTo(sends.get(120, SECONDS));
    }

    private static <T> FutureTask<T> task(java.util.concurrent.Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        new Thread(task, "test-transfer").start();
        return task;
    }

    private static byte[] send(StreamConn conn, int size, long seed) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Random random = new Random(seed);
        byte[] piece = new byte[PIECE];
        for (int sent = 0; sent < size; sent += PIECE) {
            random.nextBytes(piece);
            digest.update(piece);
            conn.write(ByteBuffer.wrap(piece));
        }
        conn.shutdownOutput();
        return digest.digest();
    }

    private static byte[] receive(StreamConn conn, AtomicLong read) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        for (int n = conn.read(piece); n >= 0; n = conn.read(piece)) {
            digest.update(piece.flip());
            piece.clear();
            read.addAndGet(n);
        }
        return digest.digest();
    }

    private static void await(AtomicLong counter, long atLeast) throws InterruptedException {
        while (counter.get() < atLeast) {
            Thread.sleep(1);
        }
    }
}
