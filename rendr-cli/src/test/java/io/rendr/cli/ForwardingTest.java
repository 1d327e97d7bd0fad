// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.LinkCounters;
import io.rendr.testkit.LinkEmulator;
import io.rendr.testkit.LinkShape;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code forward} and {@code accept} from end to end: plain TCP at both sides, links that break in between. */
@ExtendWith(LeakGuard.class)
class ForwardingTest {
    private static final LinkShape SHAPE =
            LinkShape.UNSHAPED.withDelay(Duration.ofMillis(1)).withRate(50_000_000);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        threads.shutdownNow();
    }

    private InetSocketAddress target() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    private interface Server<T> {
        T serve(Socket connection) throws Exception;
    }

    /** Serves one connection. */
    private <T> CompletableFuture<T> serveOne(Server<T> body) {
        CompletableFuture<T> result = new CompletableFuture<>();
        threads.execute(() -> {
            try (Socket connection = server.accept()) {
                result.complete(body.serve(connection));
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private static Socket client(Tunnel<?> tunnel) throws IOException {
        return new Socket(tunnel.address().getAddress(), tunnel.address().getPort());
    }

    @Test
    void aBigDownloadSurvivesEveryBreakOfItsPaths() throws Exception {
        int size = 32 << 20;
        CompletableFuture<byte[]> sent = serveOne(connection -> {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            new DataInputStream(connection.getInputStream()).readFully(new byte[16]);
            OutputStream out = new DigestOutputStream(connection.getOutputStream(), digest);
            Random random = new Random(7);
            byte[] block = new byte[64 << 10];
            for (int left = size; left > 0; left -= block.length) {
                random.nextBytes(block);
                out.write(block);
            }
            return digest.digest();
        });
        MessageDigest received = MessageDigest.getInstance("SHA-256");
        int proven = 0;
        try (Tunnel<TcpIngress> tunnel = Tunnel.tcp(target(), 2, SHAPE);
                Socket client = client(tunnel)) {
            client.getOutputStream().write("GET /big HTTP/1 ".getBytes(StandardCharsets.US_ASCII));
            Fault[] faults = Fault.values();
            int part = size / (2 * faults.length + 1);
            long total = read(client, part, received);
            for (Fault fault : faults) {
                LinkEmulator link = tunnel.busiest();
                LinkCounters before = link.counters();
                fault.begin(link);
                total += read(client, part, received); // more than can be under way: the other link carries it
                Await.until(
                        fault.title() + " in the counters of the link", () -> fault.proven(before, link.counters()));
                proven++;
                fault.end(link);
                tunnel.busiest();
                total += read(client, part, received);
            }
            total += read(client, Integer.MAX_VALUE, received);
            assertThat(total).isEqualTo(size);
        }
        assertThat(proven).isEqualTo(Fault.values().length);
        assertThat(received.digest()).isEqualTo(Await.result(sent));
    }

    /** Reads that many bytes, or up to the end. */
    private static long read(Socket client, int bytes, MessageDigest digest) throws IOException {
        byte[] block = new byte[64 << 10];
        InputStream in = client.getInputStream();
        long total = 0;
        while (total < bytes) {
            int n = in.read(block, 0, (int) Math.min(block.length, bytes - total));
            if (n < 0) {
                return total;
            }
            digest.update(block, 0, n);
            total += n;
        }
        return total;
    }

    @Test
    void theClientsEndOfOutputReachesTheServerAndTheAnswerStillComes() throws Exception {
        serveOne(connection -> {
            byte[] all = connection.getInputStream().readAllBytes(); // returns at the client's end of output
            connection.getOutputStream().write(("got " + all.length).getBytes(StandardCharsets.US_ASCII));
            return null;
        });
        try (Tunnel<TcpIngress> tunnel = Tunnel.tcp(target(), 1, LinkShape.UNSHAPED);
                Socket client = client(tunnel)) {
            client.getOutputStream().write(new byte[100_000]);
            client.shutdownOutput();
            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("got 100000");
        }
    }

    @Test
    void theServersEndOfOutputReachesTheClientWhoCanStillWrite() throws Exception {
        CompletableFuture<Integer> heard = serveOne(connection -> {
            connection.shutdownOutput();
            return connection.getInputStream().readAllBytes().length;
        });
        try (Tunnel<TcpIngress> tunnel = Tunnel.tcp(target(), 1, LinkShape.UNSHAPED);
                Socket client = client(tunnel)) {
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            client.getOutputStream().write(new byte[100_000]);
            client.shutdownOutput();
            assertThat(Await.result(heard)).isEqualTo(100_000);
        }
    }

    @Test
    void aTargetThatRefusesClosesTheClientsConnection() throws Exception {
        InetSocketAddress nobody = target();
        server.close();
        try (Tunnel<TcpIngress> tunnel = Tunnel.tcp(nobody, 1, LinkShape.UNSHAPED);
                Socket client = client(tunnel)) {
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            Await.until("no connection left", () -> tunnel.ingress().connections() == 0);
        }
    }

    @Test
    void aPeerThatCannotBeReachedClosesTheClientsConnection() throws Exception {
        try (Tunnel<TcpIngress> tunnel = Tunnel.tcp(target(), 1, LinkShape.UNSHAPED)) {
            tunnel.egress().stop(Duration.ZERO);
            try (Socket client = client(tunnel)) {
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            }
        }
    }

    @Test
    void aClientThatResetsIsAResetForTheServer() throws Exception {
        CompletableFuture<Void> started = new CompletableFuture<>();
        CompletableFuture<Integer> end = serveOne(connection -> {
            connection.getInputStream().read();
            started.complete(null);
            return connection.getInputStream().read();
        });
        try (Tunnel<TcpIngress> tunnel = Tunnel.tcp(target(), 1, LinkShape.UNSHAPED)) {
            Socket client = client(tunnel);
            client.getOutputStream().write(1);
            Await.result(started);
            client.setSoLinger(true, 0);
            client.close();
            assertThat(Await.failure(end)).isInstanceOf(SocketException.class).hasMessageContaining("reset");
        }
    }

    @Test
    void aServerThatResetsIsAResetForTheClient() throws Exception {
        serveOne(connection -> {
            connection.getInputStream().read();
            connection.setSoLinger(true, 0);
            return null;
        });
        try (Tunnel<TcpIngress> tunnel = Tunnel.tcp(target(), 1, LinkShape.UNSHAPED);
                Socket client = client(tunnel)) {
            client.getOutputStream().write(1);
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    /** Serves connections as they come, each to its end, until the test is over. */
    private void echoToAll() {
        threads.execute(() -> {
            while (!server.isClosed()) {
                try {
                    Socket connection = server.accept();
                    threads.execute(() -> echo(connection));
                } catch (IOException e) {
                    assertThat(server.isClosed()).isTrue();
                }
            }
        });
    }

    private static void echo(Socket connection) {
        try (connection) {
            InputStream in = connection.getInputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                connection.getOutputStream().write(b);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void stoppingLetsOpenConnectionsFinishAndTakesNoNewOnes() throws Exception {
        echoToAll(); // also to whom "refuses" finds not refused yet
        try (Tunnel<TcpIngress> tunnel = Tunnel.tcp(target(), 1, LinkShape.UNSHAPED);
                Socket client = client(tunnel)) {
            InetSocketAddress address = tunnel.address();
            client.getOutputStream().write('a');
            assertThat(client.getInputStream().read()).isEqualTo('a');
            CompletableFuture<Void> stopped =
                    CompletableFuture.runAsync(() -> tunnel.ingress().stop(Await.LONG), threads);
            Await.until("no longer listening", () -> isClosed(tunnel));
            // A channel counts as closed a moment before the system stops listening for it.
            Await.until("connections are refused", () -> refuses(address));
            assertThat(stopped).isNotDone();
            client.getOutputStream().write('b');
            assertThat(client.getInputStream().read()).isEqualTo('b');
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            Await.result(stopped);
        }
    }

    private static boolean refuses(InetSocketAddress address) {
        try (Socket late = new Socket(address.getAddress(), address.getPort())) {
            return !late.isConnected();
        } catch (ConnectException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isClosed(Tunnel<?> tunnel) {
        try {
            return tunnel.address() == null;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void whatDoesNotFinishIsCutAfterTheGrace() throws Exception {
        CompletableFuture<Integer> end = serveOne(connection -> {
            connection.getOutputStream().write('x');
            return connection.getInputStream().read();
        });
        try (Tunnel<TcpIngress> tunnel = Tunnel.tcp(target(), 1, LinkShape.UNSHAPED);
                Socket client = client(tunnel)) {
            assertThat(client.getInputStream().read()).isEqualTo('x');
            tunnel.ingress().stop(Duration.ofMillis(10));
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThat(Await.failure(end)).isInstanceOf(SocketException.class);
        }
    }

    /** A reader that stops must stop its writer, and only the buffers on the way fill up. */
    @Test
    void aClientThatDoesNotReadStopsTheServer() throws Exception {
        long[] written = new long[1];
        CompletableFuture<Void> end = serveOne(connection -> {
            byte[] block = new byte[64 << 10];
            for (int i = 0; i < 16_384; i++) { // a gigabyte
                connection.getOutputStream().write(block);
                written[0] += block.length;
            }
            return null;
        });
        try (Tunnel<TcpIngress> tunnel = Tunnel.tcp(target(), 1, LinkShape.UNSHAPED);
                Socket client = client(tunnel)) {
            assertThat(client.getInputStream().read()).isZero();
            long[] before = {-1};
            long[] since = {System.nanoTime()};
            Await.until("the server is stopped", () -> {
                if (written[0] != before[0]) {
                    before[0] = written[0];
                    since[0] = System.nanoTime();
                }
                return System.nanoTime() - since[0] > Duration.ofSeconds(2).toNanos();
            });
            assertThat(end).isNotDone();
            assertThat(before[0]).isLessThan(256L << 20);
            client.setSoLinger(true, 0);
        }
        assertThat(Await.failure(end)).isInstanceOf(SocketException.class);
    }
}
