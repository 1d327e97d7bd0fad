// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.Acceptor;
import io.rendr.ConnCounters;
import io.rendr.HandshakeRefusal;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Strangers at an endpoint with TLS: each is counted by its cause, and a flow that lives does not notice. */
@ExtendWith(LeakGuard.class)
class TlsHostileTest {
    private static final int PLACES = 16;

    private final Rendr here = Rendr.create();
    private final Rendr there = Rendr.create();
    private final List<Socket> strangers = new ArrayList<>();
    private Acceptor acceptor;
    private StreamConn client;
    private StreamConn server;

    @BeforeEach
    void open() throws IOException {
        PathSpec endpoint = PathSpec.of("tcp://127.0.0.1:0").with(Certificates.acceptor());
        acceptor = there.listen(b -> b.endpoint(endpoint)
                .maxHandshakes(PLACES)
                .handshakesPerSource(0) // they are many, and all of one address
                .handshakeTimeout(Duration.ofSeconds(2)));
        client = here.dial(dialSpec().toUri());
        server = acceptor.accept();
    }

    @AfterEach
    void close() throws IOException {
        for (Socket stranger : strangers) {
            stranger.close();
        }
        client.close();
        server.close();
        here.close();
        there.close();
    }

    private PathSpec dialSpec() {
        return acceptor.endpoints().get(0).with(Certificates.dialer());
    }

    private Socket stranger() throws IOException {
        Socket socket = new Socket("127.0.0.1", dialSpec().socketAddress().getPort());
        socket.setTcpNoDelay(true);
        strangers.add(socket);
        return socket;
    }

    private SSLSocket tlsStranger() throws Exception {
        SSLSocket socket = (SSLSocket) trusting()
                .getSocketFactory()
                .createSocket(
                        stranger(), "127.0.0.1", dialSpec().socketAddress().getPort(), true);
        socket.startHandshake();
        return socket;
    }

    private static SSLContext trusting() throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, new TrustManager[] {Certificates.AUTHORITY.toTrustManager()}, null);
        return context;
    }

    /** The first message of a TLS client, right to the last byte. */
    private static byte[] clientHello() throws Exception {
        SSLEngine engine = trusting().createSSLEngine("127.0.0.1", 1);
        engine.setUseClientMode(true);
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        try {
            engine.wrap(ByteBuffer.allocate(0), record);
        } catch (SSLException e) {
            throw new AssertionError(e);
        }
        return Arrays.copyOf(record.array(), record.position());
    }

    private long refused(HandshakeRefusal why) {
        return there.status().handshakes().refused().getOrDefault(why, 0L);
    }

    private void awaitRefused(HandshakeRefusal why, long count) {
        Await.until(() -> count + " times " + why + ": " + there.status().handshakes(), () -> refused(why) >= count);
    }

    /** Both ways, over the flow that was there before, and on the carrier that it had. */
    private void flowIsUntouched() throws IOException {
        byte[] bytes = new byte[100_000];
        new Random(1).nextBytes(bytes);
        for (StreamConn from : List.of(client, server)) {
            StreamConn to = from == client ? server : client;
            from.write(ByteBuffer.wrap(bytes));
            assertThat(to.inputStream().readNBytes(bytes.length)).isEqualTo(bytes);
            ConnCounters counters = from.admin().stats().counters();
            assertThat(counters.carriersLost()).isZero();
            assertThat(counters.totalBytesResent()).isZero();
            assertThat(counters.protocolErrors()).isZero();
        }
    }

    private void newFlowsAreWelcome() throws IOException {
        try (StreamConn another = here.dial(dialSpec().toUri());
                StreamConn accepted = acceptor.accept()) {
            another.write(ByteBuffer.wrap(new byte[] {1}));
            assertThat(accepted.inputStream().read()).isEqualTo(1);
        }
    }

    @Test
    void whatIsNoTls() throws Exception {
        byte[] hello = clientHello();
        stranger().getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] garbage = new byte[2000];
        new Random(2).nextBytes(garbage);
        garbage[0] = 0; // no type of a record
        stranger().getOutputStream().write(garbage);
        byte[] wrongInside = hello.clone();
        Arrays.fill(wrongInside, 11, wrongInside.length, (byte) 0xff); // a record, and in it lengths that cannot be
        stranger().getOutputStream().write(wrongInside);
        awaitRefused(HandshakeRefusal.TLS, 3);
        flowIsUntouched();
        newFlowsAreWelcome();
    }

    @Test
    void whatBreaksOffInTheMiddle() throws Exception {
        byte[] hello = clientHello();
        for (int length : new int[] {0, 1, 5, hello.length / 2, hello.length}) {
            try (Socket socket = stranger()) {
                socket.getOutputStream().write(hello, 0, length);
            }
        }
        Await.until(
                () -> "5 that broke off: " + there.status().handshakes(),
                () -> refused(HandshakeRefusal.TLS) + refused(HandshakeRefusal.ABANDONED) >= 5);
        flowIsUntouched();
        newFlowsAreWelcome();
    }

    @Test
    void whatNeverComesToAnEnd() throws Exception {
        byte[] hello = clientHello();
        stranger(); // says nothing
        stranger().getOutputStream().write(hello, 0, hello.length / 2); // half of it
        stranger().getOutputStream().write(hello); // is answered, and answers no more
        byte[] long64k = hello.clone();
        long64k[3] = (byte) 0xff; // a record longer than TLS allows, of which the rest does not come
        stranger().getOutputStream().write(long64k);
        tlsStranger(); // speaks TLS well, and nothing in it
        Thread slow = trickle(stranger().getOutputStream(), hello);
        awaitRefused(HandshakeRefusal.TIMED_OUT, 6);
        slow.join();
        flowIsUntouched();
        newFlowsAreWelcome();
    }

    /** A byte at a time, always soon, until it is cut off. */
    private static Thread trickle(OutputStream out, byte[] what) {
        Thread thread = new Thread(
                () -> {
                    try {
                        for (byte one : what) {
                            out.write(one);
                            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
                        }
                        throw new AssertionError("nobody minded");
                    } catch (IOException e) {
                        return; // cut off
                    }
                },
                "trickle");
        thread.start();
        return thread;
    }

    @Test
    void garbageUnderTls() throws Exception {
        tlsStranger().getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        awaitRefused(HandshakeRefusal.MALFORMED, 1);
        flowIsUntouched();
        newFlowsAreWelcome();
    }

    @Test
    void moreThanThereArePlacesDisplaceEachOther() throws Exception {
        byte[] hello = clientHello();
        for (int i = 0; i < 4 * PLACES; i++) {
            stranger().getOutputStream().write(hello, 0, hello.length / 2);
        }
        awaitRefused(HandshakeRefusal.DISPLACED, 3 * PLACES);
        assertThat(there.status().handshakes().open()).isLessThanOrEqualTo(PLACES);
        flowIsUntouched();
        newFlowsAreWelcome();
    }
}
