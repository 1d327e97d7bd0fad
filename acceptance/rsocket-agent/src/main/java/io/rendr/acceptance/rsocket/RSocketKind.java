// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance.rsocket;

import io.netty.channel.ChannelOption;
import io.rendr.acceptance.Wire;
import io.rsocket.RSocket;
import io.rsocket.SocketAcceptor;
import io.rsocket.core.RSocketConnector;
import io.rsocket.core.RSocketServer;
import io.rsocket.core.Resume;
import io.rsocket.frame.decoder.PayloadDecoder;
import io.rsocket.resume.InMemoryResumableFramesStore;
import io.rsocket.transport.ClientTransport;
import io.rsocket.transport.netty.client.TcpClientTransport;
import io.rsocket.transport.netty.server.CloseableChannel;
import io.rsocket.transport.netty.server.TcpServerTransport;
import io.rsocket.util.ByteBufPayload;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;
import reactor.util.retry.Retry;

/**
 * RSocket over TCP with resume: each flow is one request-channel. Listens on {@code host:port}; dials all that is given, by
 * turns, whenever it has no connection.
 */
final class RSocketKind implements Wire.Kind {
    /** What a user can set, as it comes and for a fast failover. */
    enum Tuning {
        DEFAULTS(null, null, 30_000),
        /**
         * Frames are acknowledged by keep-alives only, so that what is kept for a resume has to hold what is sent between
         * two of them and until the loss is noticed; what does not fit is lost.
         */
        FAST(Duration.ofMillis(500), Duration.ofSeconds(2), 1_000);

        private static final int KEPT = 128 << 20;

        private final @Nullable Duration keepAlive;
        private final @Nullable Duration longestSilence;
        private final int connectMillis;

        Tuning(@Nullable Duration keepAlive, @Nullable Duration longestSilence, int connectMillis) {
            this.keepAlive = keepAlive;
            this.longestSilence = longestSilence;
            this.connectMillis = connectMillis;
        }

        Resume resume(String side) {
            Resume resume = new Resume().retry(Retry.fixedDelay(Long.MAX_VALUE, Duration.ofMillis(100)));
            return keepAlive == null
                    ? resume
                    : resume.storeFactory(token -> new InMemoryResumableFramesStore(side, token, KEPT));
        }

        ClientTransport transport(String path) {
            return TcpClientTransport.create(TcpClient.create()
                    .host(host(path))
                    .port(port(path))
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectMillis));
        }

        RSocketConnector connector() {
            RSocketConnector connector = RSocketConnector.create().resume(resume("client"));
            return keepAlive == null || longestSilence == null
                    ? connector
                    : connector.keepAlive(keepAlive, longestSilence);
        }
    }

    private final Tuning tuning;
    private final List<RSocket> dialed = new ArrayList<>();

    RSocketKind(Tuning tuning) {
        this.tuning = tuning;
    }

    @Override
    public Wire.Port listen(List<String> endpoints) {
        BlockingQueue<RSocketWire> arrived = new LinkedBlockingQueue<>();
        CloseableChannel server = RSocketServer.create(SocketAcceptor.forRequestChannel(theirs -> {
                    RSocketWire wire = new RSocketWire();
                    wire.readFrom(Flux.from(theirs));
                    arrived.add(wire);
                    return wire.written();
                }))
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .resume(tuning.resume("server"))
                .bindNow(TcpServerTransport.create(
                        TcpServer.create().host(host(endpoints.get(0))).port(port(endpoints.get(0)))));
        return new Wire.Port() {
            @Override
            public List<String> endpoints() {
                return List.of(server.address().getHostString() + ":"
                        + server.address().getPort());
            }

            @Override
            public Wire accept() throws IOException {
                try {
                    return arrived.take();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted while waiting for a flow");
                }
            }

            @Override
            public void close() {
                server.dispose();
            }
        };
    }

    @Override
    public Wire dial(List<String> paths) {
        AtomicInteger turn = new AtomicInteger();
        // A supplier of transports would be asked more than once an attempt.
        ClientTransport inTurn =
                () -> Mono.defer(() -> tuning.transport(paths.get(turn.getAndIncrement() % paths.size()))
                        .connect());
        RSocket socket = tuning.connector()
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .connect(inTurn)
                .block(Duration.ofSeconds(10));
        dialed.add(socket);
        RSocketWire wire = new RSocketWire();
        // A channel opens with its first payload; an empty one, so that it opens now.
        wire.readFrom(socket.requestChannel(wire.written().startWith(ByteBufPayload.create(new byte[0]))));
        return wire;
    }

    @Override
    public void close() {
        dialed.forEach(RSocket::dispose);
    }

    private static String host(String text) {
        return text.substring(0, text.lastIndexOf(':'));
    }

    private static int port(String text) {
        return Integer.parseInt(text.substring(text.lastIndexOf(':') + 1));
    }
}
