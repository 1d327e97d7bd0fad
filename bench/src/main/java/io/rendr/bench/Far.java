// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.netty.channel.epoll.Epoll;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.rendr.Acceptor;
import io.rendr.FlowAbortedException;
import io.rendr.PacketConn;
import io.rendr.PathSpec;
import io.rendr.Protection;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.TlsConfig;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * The other end, in a JVM of its own: takes whatever the near end opens, and answers questions on its standard input with
 * lines of {@code key=number}. It ends with its standard input.
 */
final class Far {
    /** First byte of a connection whose bytes are counted and dropped. */
    static final byte SINK = 'S';

    /** First byte of a connection whose bytes come back. */
    static final byte ECHO = 'E';

    /** Followed by the number of a run of packets: the meter counts that one. */
    static final String BEGIN = "begin ";

    /**
     * Followed by a file: from now on there are QUIC services, and the file has the certificate that they show. They are there
     * only for who asks, as each needs a socket with large buffers.
     */
    static final String QUIC = "quic ";

    /** Begins each answer: an agent in this JVM may print too. */
    static final String ANSWER = "> ";

    private final PacketMeter packets = new PacketMeter();
    private final AtomicLong received = new AtomicLong();
    private final Map<String, Long> ports = new LinkedHashMap<>();

    private Far() {}

    /**
     * Serves until standard input ends.
     *
     * @param args none
     */
    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err); // nobody else writes among the answers
        Far far = new Far();
        try (Loops loops = Epoll.isAvailable() ? new Loops() : null;
                Datagrams datagrams = new Datagrams();
                QuicStreams streams = new QuicStreams();
                QuicDatagrams quicDatagrams = new QuicDatagrams();
                Rendr rendr = Rendr.create();
                Rendr onLoops = Rendr.create(
                        RendrConfig.builder().callbackExecutor(Runnable::run).build());
                ServerSocket blocking = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            if (loops != null) {
                far.ports.put("raw", (long) loops.sink(false, far.received));
                far.ports.put("tls", (long) loops.sink(true, far.received));
            }
            far.ports.put("netty", (long) datagrams.sink(far.packets));
            far.ports.put("packets", far.listenForPackets(onLoops, PathSpec.of("udpflow://127.0.0.1:0")));
            PathSpec tcp = PathSpec.of("tcp://127.0.0.1:0");
            far.ports.put("unsealed", far.listen(rendr, tcp, Protection.NONE));
            far.ports.put("sealed", far.listen(rendr, tcp, Protection.SEALED));
            far.keep(rendr);
            far.ports.put("blocking", (long) blocking.getLocalPort());
            daemon("blocking-echo", () -> echo(blocking));
            answer(out, far.ports);
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith(QUIC)) {
                    X509Bundle shown = shown(Path.of(line.substring(QUIC.length())));
                    PathSpec endpoint = endpoint(shown);
                    answer(
                            out,
                            Map.of(
                                    "quic-raw",
                                    (long) streams.sink(shown, far.received),
                                    "quic-rendr",
                                    far.listen(rendr, endpoint, Protection.SEALED),
                                    "quic-raw-datagram",
                                    (long) quicDatagrams.sink(shown, far.packets),
                                    "quic-rendr-datagram",
                                    far.listenForPackets(onLoops, endpoint)));
                } else {
                    answer(out, far.look(line, rendr));
                }
            }
        }
    }

    private Map<String, Long> look(String question, Rendr rendr) {
        if (question.startsWith(BEGIN)) {
            packets.begin(Long.parseLong(question.substring(BEGIN.length())));
        }
        if (question.equals("packets")) {
            return packets.look();
        }
        Map<String, Long> map = new LinkedHashMap<>();
        map.put("received", received.get());
        map.put("nanos", System.nanoTime());
        map.put("cpu", Machine.cpuNanos());
        if (question.equals("memory")) {
            map.put("heap", Machine.heapBytes());
            map.put("direct", Machine.directBytes());
            map.put("flows", (long) rendr.status().flows());
        }
        return map;
    }

    private static void answer(PrintStream out, Map<String, Long> map) {
        out.println(ANSWER
                + map.entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .collect(Collectors.joining(" ")));
        out.flush();
    }

    /** For streams; returns the port. */
    private long listen(Rendr rendr, PathSpec endpoint, Protection protection) throws IOException {
        return port(
                rendr.listen(b -> b.endpoint(endpoint).protection(protection).onStream(this::serve)));
    }

    private static long port(Acceptor acceptor) {
        return acceptor.endpoints().get(0).socketAddress().getPort();
    }

    private long listenForPackets(Rendr rendr, PathSpec endpoint) throws IOException {
        Acceptor acceptor = rendr.listen(b -> b.endpoint(endpoint));
        daemon("packets", () -> {
            try {
                while (true) {
                    measure(acceptor.acceptPacket());
                }
            } catch (ClosedChannelException e) {
                acceptor.close(); // the runtime ends
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return port(acceptor);
    }

    /** What the services over QUIC show; the file gets it too. */
    private static X509Bundle shown(Path file) throws Exception {
        X509Bundle shown = new CertificateBuilder()
                .ecp256()
                .subject("CN=localhost")
                .addSanIpAddress("127.0.0.1")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        Files.writeString(file, shown.getCertificatePEM());
        return shown;
    }

    private static PathSpec endpoint(X509Bundle shown) {
        return PathSpec.of("quic://127.0.0.1:0")
                .with(TlsConfig.builder()
                        .certificate(shown.getCertificatePathPEM(), shown.getPrivateKeyPEM())
                        .build());
    }

    private void measure(PacketConn conn) {
        measure(conn, ByteBuffer.allocateDirect(conn.maxPacketSize()));
    }

    /** On the event loop, where the baseline counts too. */
    private void measure(PacketConn conn, ByteBuffer packet) {
        try {
            while (conn.tryReceive(packet.clear())) {
                packets.arrived(
                        packet.getLong(PacketMeter.RUN),
                        packet.getLong(PacketMeter.NUMBER),
                        packet.getLong(PacketMeter.DUE),
                        packet.position());
            }
            conn.whenReadable().thenRun(() -> measure(conn, packet));
        } catch (EOFException | FlowAbortedException e) {
            conn.close(); // the near end has measured enough
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes flows, sends their first byte back and keeps them: no thread waits for what never comes. */
    private void keep(Rendr rendr) throws IOException {
        Acceptor acceptor = rendr.listen("tcp://127.0.0.1:0");
        ports.put("idle", port(acceptor));
        List<StreamConn> kept = new ArrayList<>();
        daemon("keeper", () -> {
            ByteBuffer one = ByteBuffer.allocate(1);
            try {
                while (true) {
                    StreamConn conn = acceptor.accept();
                    kept.add(conn);
                    conn.read(one.clear());
                    conn.write(one.flip());
                }
            } catch (ClosedChannelException e) {
                acceptor.close(); // the runtime ends
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void daemon(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(StreamConn conn) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Loops.WRITE);
        buffer.limit(1);
        conn.read(buffer);
        if (buffer.get(0) == SINK) {
            count(conn, buffer);
        } else {
            echo(conn, buffer);
        }
    }

    private void count(StreamConn conn, ByteBuffer buffer) throws IOException {
        try {
            int n;
            while ((n = conn.read(buffer.clear())) > 0) {
                received.getAndAdd(n);
            }
        } catch (FlowAbortedException e) {
            conn.close(); // the near end has measured enough
        }
    }

    private static void echo(StreamConn conn, ByteBuffer buffer) throws IOException {
        while (conn.read(buffer.clear()) > 0) {
            conn.write(buffer.flip());
        }
    }

    /** Serves one connection after the other: the length of a message, then messages. */
    private static void echo(ServerSocket listening) {
        while (!listening.isClosed()) {
            try (Socket socket = listening.accept()) {
                socket.setTcpNoDelay(true);
                DataInputStream in = new DataInputStream(socket.getInputStream());
                echo(in, socket.getOutputStream(), new byte[in.readInt()]);
            } catch (IOException e) {
                if (!listening.isClosed()) {
                    System.err.println("blocking echo: " + e);
                }
            }
        }
    }

    private static void echo(InputStream in, OutputStream out, byte[] message) throws IOException {
        while (in.readNBytes(message, 0, message.length) == message.length) {
            out.write(message);
        }
    }
}
