// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.FlowId;
import io.rendr.Incoming;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leads every flow that comes in to a TCP server. A flow is admitted once the server has taken the connection. */
final class Egress {
    /** What the dialing end is told when the server does not take the connection. */
    static final int TARGET_UNREACHABLE = 1;

    private static final Logger LOG = LoggerFactory.getLogger(Egress.class);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(8);

    private final InetSocketAddress target;
    private final Splices splices = new Splices("accept");
    private final AtomicInteger number = new AtomicInteger();

    /** Connections to the server whose flow was admitted and has not reached its handler yet. */
    private final Map<FlowId, SocketChannel> admitted = new ConcurrentHashMap<>();

    private final Acceptor acceptor;

    private Egress(Rendr rendr, AcceptorConfig.Builder config, InetSocketAddress target) throws IOException {
        this.target = target;
        this.acceptor =
                rendr.listen(config.admit(this::admit).onStream(this::serve).build());
    }

    /**
     * Starts to listen.
     *
     * @param config endpoints and protection
     */
    static Egress open(Rendr rendr, AcceptorConfig.Builder config, InetSocketAddress target) throws IOException {
        return new Egress(rendr, config, target);
    }

    /** What to dial to get here. */
    List<PathSpec> endpoints() {
        return acceptor.endpoints();
    }

    int connections() {
        return splices.count();
    }

    private void admit(Incoming flow) {
        SocketChannel server;
        try {
            server = connect();
        } catch (IOException e) {
            LOG.warn(
                    "flow {} from {} refused: cannot reach {}: {}",
                    flow.flowId(),
                    flow.remoteAddress(),
                    HostPort.text(target),
                    e.getMessage());
            flow.refuse(TARGET_UNREACHABLE);
            return;
        }
        admitted.put(flow.flowId(), server);
        flow.accept();
        // A flow that dies between admission and handler never claims its connection.
        CompletableFuture.delayedExecutor(CONNECT_TIMEOUT.toSeconds(), TimeUnit.SECONDS, splices.threads())
                .execute(() -> dropUnclaimed(flow.flowId()));
    }

    private SocketChannel connect() throws IOException {
        SocketChannel server = SocketChannel.open();
        try {
            server.socket().connect(HostPort.resolve(target), (int) CONNECT_TIMEOUT.toMillis());
            return server;
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    private void dropUnclaimed(FlowId flow) {
        SocketChannel server = admitted.remove(flow);
        if (server != null) {
            LOG.debug("flow {} died before it was served", flow);
            Splice.reset(server);
        }
    }

    private void serve(StreamConn conn) {
        SocketChannel server = admitted.remove(conn.flowId());
        if (server == null) {
            conn.abort(TARGET_UNREACHABLE);
            return;
        }
        splices.run("#" + number.incrementAndGet(), new Splice(server, conn));
    }

    /** Stops listening, lets the open connections finish for a while, and cuts what is left then. */
    void stop(Duration grace) {
        acceptor.close();
        splices.finish(grace);
        admitted.keySet().forEach(this::dropUnclaimed);
    }
}
