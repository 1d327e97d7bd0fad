// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.X509Bundle;
import io.rendr.Acceptor;
import io.rendr.CommonOptions;
import io.rendr.HandshakeRefusal;
import io.rendr.PathSpec;
import io.rendr.PathUnavailableException;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.testkit.LeakGuard;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A balancer with a certificate of its own ends the TLS and hands plain TCP on to an acceptor that knows of no TLS. */
@ExtendWith(LeakGuard.class)
class TlsBalancerTest {
    private static final String SECRET = "the secret that the balancer must not see";

    private final Rendr here = Rendr.create();
    private final Rendr there = Rendr.create();
    private Acceptor acceptor;
    private Balancer balancer;

    @BeforeEach
    void open() throws Exception {
        acceptor = there.listen("tcp://127.0.0.1:0");
        balancer = new Balancer(
                Certificates.forLoopback(),
                acceptor.endpoints().get(0).socketAddress().getPort());
    }

    @AfterEach
    void close() throws Exception {
        here.close();
        there.close();
        balancer.close();
    }

    private PathSpec path(CommonOptions.Seal seal) {
        return PathSpec.of("tcp://127.0.0.1:" + balancer.port())
                .with(Certificates.dialer())
                .with(CommonOptions.SEAL, seal);
    }

    private static void carry(StreamConn from, StreamConn to) throws IOException {
        byte[] secret = SECRET.getBytes(StandardCharsets.US_ASCII);
        from.write(ByteBuffer.wrap(secret));
        assertThat(to.inputStream().readNBytes(secret.length)).isEqualTo(secret);
    }

    @Test
    void aFlowThroughItWorksAndIsSealed() throws IOException {
        PathSpec path = path(CommonOptions.Seal.ALWAYS);
        try (StreamConn client = here.dial(path.toUri());
                StreamConn server = acceptor.accept()) {
            carry(client, server);
            carry(server, client);
            int second = client.admin().addPath(path.with(CommonOptions.NAME, "second"));
            client.admin().migrate(second);
            carry(client, server);
            carry(server, client);
            assertThat(balancer.connections()).isEqualTo(2);
            assertThat(balancer.seen())
                    .as("what the balancer reads")
                    .contains("RNDR") // so it does read in clear what is under TLS
                    .doesNotContain(SECRET);
        }
    }

    @Test
    void whoeverTakesItForTheAcceptorIsToldWhatToDo() throws IOException {
        PathSpec trusting = path(CommonOptions.Seal.AUTO);
        assertThatThrownBy(() -> here.dial(trusting.toUri())).hasMessageContaining("?seal=always");
        assertThat(there.status().handshakes().refused().get(HandshakeRefusal.PROTECTION))
                .isEqualTo(1);

        try (StreamConn client = here.dial(path(CommonOptions.Seal.ALWAYS).toUri());
                StreamConn server = acceptor.accept()) {
            assertThatThrownBy(() -> client.admin().addPath(trusting.with(CommonOptions.NAME, "trusting")))
                    .isInstanceOf(PathUnavailableException.class)
                    .hasMessageContaining("?seal=always");
            carry(client, server); // the flow does not mind
            assertThat(balancer.seen()).doesNotContain(SECRET);
        }
    }

    /** TLS by the JDK on one side, TCP on the other, and a memory of all that went through, in clear. */
    private static final class Balancer {
        private final ServerSocket server;
        private final int target;
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final List<Thread> threads = new CopyOnWriteArrayList<>();
        private final ByteArrayOutputStream seen = new ByteArrayOutputStream(); // its methods are synchronized
        private final AtomicInteger connections = new AtomicInteger();

        Balancer(X509Bundle certificate, int target) throws Exception {
            SSLContext tls = SSLContext.getInstance("TLSv1.3");
            tls.init(certificate.toKeyManagerFactory().getKeyManagers(), null, null);
            server = tls.getServerSocketFactory().createServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
            this.target = target;
            start(this::accept);
        }

        int port() {
            return server.getLocalPort();
        }

        int connections() {
            return connections.get();
        }

        String seen() {
            return seen.toString(StandardCharsets.ISO_8859_1);
        }

        private interface Body {
            void run() throws IOException;
        }

        private void start(Body body) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            body.run();
                        } catch (IOException e) {
                            return; // closed by either end, or by the test: both sockets are
                        }
                    },
                    "balancer");
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }

        private void accept() throws IOException {
            while (true) {
                Socket near = server.accept();
                Socket far = new Socket("127.0.0.1", target);
                sockets.addAll(List.of(near, far));
                connections.incrementAndGet();
                start(() -> copy(near, far));
                start(() -> copy(far, near));
            }
        }

        private void copy(Socket from, Socket to) throws IOException {
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] buffer = new byte[16 << 10];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    seen.write(buffer, 0, n);
                    out.write(buffer, 0, n);
                }
            }
        }

        void close() throws IOException, InterruptedException {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }
}
