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
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
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
    private static final Duration CLAIM_TIMEOUT = Duration.ofSeconds(15);

    private final InetSocketAddress target;
    private final Splices splices = new Splices("accept");
    private final AtomicInteger number = new AtomicInteger();

    /** Connections to the server whose flow was admitted and has not been accepted yet. */
    private final Map<FlowId, SocketChannel> admitted = new ConcurrentHashMap<>();

    private final Acceptor acceptor;

    private Egress(Rendr rendr, AcceptorConfig.Builder config, InetSocketAddress target) throws IOException {
        this.target = target;
        this.acceptor = rendr.listen(config.admit(this::admit).build());
    }

    /**
     * Starts to listen.
     *
     * @param config endpoints and protection
     */
    static Egress open(Rendr rendr, AcceptorConfig.Builder config, InetSocketAddress target) throws IOException {
        Egress egress = new Egress(rendr, config, target);
        Thread accepting = new Thread(egress::accept, "rendr-accept");
        accepting.setDaemon(true);
        accepting.start();
        return egress;
    }

    /** What to dial to get here. */
    List<PathSpec> endpoints() {
        return acceptor.endpoints();
    }

    int connections() {
        return splices.count();
    }

    /** On threads of our own: connecting blocks, and may take seconds. */
    private void admit(Incoming flow) {
        splices.threads().execute(() -> {
            try {
                admitted.put(flow.flowId(), connect());
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
            flow.accept();
            // A flow that dies between admission and accept never claims its connection.
            CompletableFuture.delayedExecutor(CLAIM_TIMEOUT.toSeconds(), TimeUnit.SECONDS, splices.threads())
                    .execute(() -> dropUnclaimed(flow.flowId()));
        });
    }

    private void accept() {
        while (true) {
            try {
                StreamConn conn = acceptor.accept();
                try {
                    splices.threads().execute(() -> serve(conn));
                } catch (RejectedExecutionException e) {
                    conn.abort(TARGET_UNREACHABLE); // stopped, and the flow came in between
                }
            } catch (ClosedChannelException e) {
                return; // stopped
            } catch (IOException e) {
                LOG.error("no more flows can be accepted: {}", e.getMessage());
                return;
            }
        }
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
