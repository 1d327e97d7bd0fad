// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.AcceptorConfig;
import io.rendr.CloseReason;
import io.rendr.FlowAbortedException;
import io.rendr.FlowId;
import io.rendr.FlowKind;
import io.rendr.FlowRefusedException;
import io.rendr.Handler;
import io.rendr.Incoming;
import io.rendr.L3Identity;
import io.rendr.PathSpec;
import io.rendr.PeerInfo;
import io.rendr.RendrException;
import io.rendr.Target;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.net.FlowDriver;
import io.rendr.engine.net.Workers;
import io.rendr.engine.wire.Info;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One flow that came in: its admission, its claim, and what its connection remembers of both.
 *
 * @param <C> its connection
 */
final class Arrival<C extends Connection> implements Incoming, Connection.Origin {
    private static final Logger LOG = LoggerFactory.getLogger(Arrival.class);
    private static final int MAX_CODE = 0xFFFF;

    private final AcceptorFace acceptor;
    private final FlowDriver driver;
    private final PathSpec endpoint;
    private final Backlog<C> backlog;
    private final @Nullable Handler<? super C> handler;
    private @Nullable C conn;
    private final AtomicBoolean decided = new AtomicBoolean();

    private volatile @Nullable Future<?> claim;

    /** Whether a place in the backlog is kept; on the home loop until {@link #decided}. */
    private volatile boolean reserved;

    /** @param handler who serves the flow; null if it waits in the backlog until somebody accepts it */
    Arrival(
            AcceptorFace acceptor,
            FlowDriver driver,
            PathSpec endpoint,
            Backlog<C> backlog,
            @Nullable Handler<? super C> handler) {
        this.acceptor = acceptor;
        this.driver = driver;
        this.endpoint = endpoint;
        this.backlog = backlog;
        this.handler = handler;
    }

    /** Makes the connection of this flow known to it, once, before anything happens. */
    C introduce(C made) {
        conn = made;
        return made;
    }

    C conn() {
        return Objects.requireNonNull(conn, "introduced first");
    }

    private AcceptorConfig config() {
        return acceptor.config();
    }

    private Workers workers() {
        return driver.engine().workers();
    }

    // ---- admission, on the home loop

    @Override
    public void opened() {
        acceptor.came(this);
        claim = driver.after(config().claimTimeout().toNanos(), this::claimExpired);
    }

    @Override
    public void introduced() {
        boolean waits = config().admit().isPresent() || handler == null;
        if (!acceptor.isOpen()) {
            decide(FlowRefusedException.SHUTTING_DOWN);
        } else if (waits && !backlog.reserve()) {
            decide(FlowRefusedException.NOBODY_ACCEPTS);
        } else {
            reserved = waits;
            if (config().admit().isPresent()) {
                workers().call(this::ask);
            } else {
                accept();
            }
        }
    }

    private void ask() {
        try {
            config().admit().orElseThrow().accept(this);
        } catch (RuntimeException | Error e) {
            workers().failed("admission of flow " + flowId() + " failed; the flow is refused", e);
            decide(FlowRefusedException.NOT_CLAIMED);
        }
    }

    private void claimExpired() {
        if (!decide(FlowRefusedException.NOT_CLAIMED) && backlog.remove(conn())) {
            LOG.info("flow {} was not accepted within {}; it is refused", flowId(), config().claimTimeout());
            refuseFlow(FlowRefusedException.NOT_CLAIMED);
        }
    }

    /** Refuses the flow unless something was decided before; any thread. */
    boolean decide(int code) {
        if (!decided.compareAndSet(false, true)) {
            return false;
        }
        giveBackPlace();
        refuseFlow(code);
        return true;
    }

    private void giveBackPlace() {
        if (reserved) {
            reserved = false;
            backlog.release();
        }
    }

    /** Ends a flow that nobody serves; {@code code} as in {@link FlowRefusedException}. */
    void refuseFlow(int code) {
        driver.run((flow, now) -> {
            flow.refuse(code, now);
            flow.detachApplication();
        });
    }

    // ---- what the application decides

    @Override
    public void accept() {
        if (!decided.compareAndSet(false, true)) {
            return;
        }
        driver.run(Flow::accept);
        Handler<? super C> server = handler;
        if (server != null) {
            Objects.requireNonNull(claim, "opened before it is decided").cancel(false);
            giveBackPlace();
            workers().serve(() -> serve(server));
        } else {
            reserved = false;
            if (!backlog.offer(conn())) {
                refuseFlow(FlowRefusedException.SHUTTING_DOWN);
            } else if (conn().isOver() && backlog.remove(conn())) {
                // It ended between the decision and the offer, when its end found nothing to take back.
                conn().detach();
            }
        }
    }

    private void serve(Handler<? super C> server) {
        try {
            server.handle(conn());
            conn().close();
        } catch (Exception | Error e) {
            if (conn().wasShutDown() && isClosedChannel(e)) {
                LOG.debug("the handler of flow {} ended with its runtime", flowId(), e);
                return;
            }
            workers().failed("the handler of flow " + flowId() + " failed; the flow is aborted", e);
            conn().abortWith(FlowAbortedException.INTERNAL);
        }
    }

    /** What calls on a closed connection throw, as it is or as {@link java.io.UncheckedIOException} has it. */
    private static boolean isClosedChannel(Throwable thrown) {
        return thrown instanceof ClosedChannelException || thrown.getCause() instanceof ClosedChannelException;
    }

    @Override
    public void refuse(int code) {
        if (code < 0 || code > MAX_CODE) {
            throw new IllegalArgumentException("a refusal has a code from 0 to " + MAX_CODE + ", not " + code);
        }
        decide(code);
    }

    // ---- who asks

    @Override
    public FlowId flowId() {
        return driver.flow().id();
    }

    @Override
    public FlowKind kind() {
        return driver.flow().kind();
    }

    @Override
    public PeerInfo peer() {
        return Objects.requireNonNull(
                driver.ask("Incoming.peer", Snapshots::peer), "introduced before it is asked for");
    }

    @Override
    public Optional<String> preSharedKeyId() {
        return Optional.ofNullable(driver.flow().pskId());
    }

    @Override
    public Map<String, String> metadata() {
        return driver.ask("Incoming.metadata", this::metadata);
    }

    @Override
    public Map<String, String> metadata(Flow flow) {
        Info info = flow.peerInfo();
        return info == null ? Map.of() : info.metadata();
    }

    @Override
    public Optional<L3Identity> l3Identity() {
        return Optional.empty();
    }

    @Override
    public PathSpec endpoint() {
        return endpoint;
    }

    @Override
    public SocketAddress remoteAddress() {
        return conn().remoteAddress();
    }

    // ---- what its connection has to tell

    @Override
    public Optional<Target> target() {
        return Optional.empty();
    }

    @Override
    public void accepted() {
        throw new IllegalStateException("this end accepts");
    }

    @Override
    public void ended(CloseReason why, @Nullable RendrException failure) {
        boolean undecided = decided.compareAndSet(false, true);
        if (undecided) {
            giveBackPlace();
        }
        Future<?> timer = claim;
        if (timer != null) {
            timer.cancel(false);
        }
        acceptor.gone(this);
        if (undecided || backlog.remove(conn())) {
            conn().detach();
        }
    }
}
