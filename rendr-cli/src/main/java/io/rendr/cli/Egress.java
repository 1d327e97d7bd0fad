// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.Conn;
import io.rendr.FlowId;
import io.rendr.Incoming;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
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

/**
 * Leads every flow that comes in to a server. A flow is admitted once there is a socket for it, which with TCP means that
 * the server has taken the connection.
 */
final class Egress<S, C extends Conn> {
    /** What the dialing end is told when the server does not take the connection. */
    static final int TARGET_UNREACHABLE = 1;

    /** What the dialing end is told when it carries TCP and this end serves UDP, or the other way round. */
    static final int WRONG_KIND = 2;

    private static final Logger LOG = LoggerFactory.getLogger(Egress.class);
    private static final Duration CLAIM_TIMEOUT = Duration.ofSeconds(15);

    private final Exit<S, C> exit;
    private final Splices splices = new Splices("accept");
    private final AtomicInteger number = new AtomicInteger();

    /** Sockets to the server whose flow was admitted and has not been accepted yet. */
    private final Map<FlowId, S> admitted = new ConcurrentHashMap<>();

    private final Acceptor acceptor;
    private volatile boolean stopped;

    private Egress(Rendr rendr, AcceptorConfig.Builder config, Exit<S, C> exit) throws IOException {
        this.exit = exit;
        this.acceptor = rendr.listen(config.admit(this::admit).build());
    }

    /**
     * Starts to listen.
     *
     * @param config endpoints and protection
     */
    static <S, C extends Conn> Egress<S, C> open(Rendr rendr, AcceptorConfig.Builder config, Exit<S, C> exit)
            throws IOException {
        Egress<S, C> egress = new Egress<>(rendr, config, exit);
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

    private void admit(Incoming flow) {
        if (flow.kind() != exit.kind()) {
            LOG.warn(
                    "flow {} from {} refused: it is a {} flow, and {} flows are served here; give both ends --udp, or none",
                    flow.flowId(),
                    flow.remoteAddress(),
                    flow.kind(),
                    exit.kind());
            flow.refuse(WRONG_KIND);
            return;
        }
        try {
            splices.threads().execute(() -> connect(flow)); // on a thread of our own: it blocks, and may take seconds
        } catch (RejectedExecutionException e) {
            LOG.warn("flow {} from {} refused: {}", flow.flowId(), flow.remoteAddress(), e.getMessage());
            flow.refuse(TARGET_UNREACHABLE);
        }
    }

    private void connect(Incoming flow) {
        try {
            admitted.put(flow.flowId(), exit.connect());
        } catch (IOException e) {
            LOG.warn(
                    "flow {} from {} refused: cannot reach {}: {}",
                    flow.flowId(),
                    flow.remoteAddress(),
                    HostPort.text(exit.target()),
                    e.getMessage());
            flow.refuse(TARGET_UNREACHABLE);
            return;
        }
        flow.accept();
        if (stopped) {
            dropUnclaimed(flow.flowId()); // it came too late for stop() to see it
            return;
        }
        // A flow that dies between admission and accept never claims its socket.
        CompletableFuture.delayedExecutor(CLAIM_TIMEOUT.toSeconds(), TimeUnit.SECONDS, splices.threads())
                .execute(() -> dropUnclaimed(flow.flowId()));
    }

    private void accept() {
        while (true) {
            try {
                C conn = exit.accept(acceptor);
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

    private void dropUnclaimed(FlowId flow) {
        S socket = admitted.remove(flow);
        if (socket != null) {
            LOG.debug("flow {} died before it was served", flow);
            exit.drop(socket);
        }
    }

    private void serve(C conn) {
        S socket = admitted.remove(conn.flowId());
        if (socket == null) {
            conn.abort(TARGET_UNREACHABLE);
            return;
        }
        String label = "#" + number.incrementAndGet();
        try {
            splices.run(label, exit.splice(label, socket, conn));
        } catch (RuntimeException e) {
            LOG.warn("{}: not served", label, e);
            conn.abort(TARGET_UNREACHABLE);
        } finally {
            exit.drop(socket);
        }
    }

    /** Stops listening, lets the open connections finish for a while, and cuts what is left then. */
    void stop(Duration grace) {
        acceptor.close();
        splices.finish(grace);
        stopped = true;
        admitted.keySet().forEach(this::dropUnclaimed);
        exit.close();
    }
}
