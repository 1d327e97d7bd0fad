// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.CloseReason;
import io.rendr.Conn;
import io.rendr.ConnAdmin;
import io.rendr.ConnStatus;
import io.rendr.FlowAbortedException;
import io.rendr.FlowId;
import io.rendr.FlowKind;
import io.rendr.L3Identity;
import io.rendr.MigrationCause;
import io.rendr.Mode;
import io.rendr.PathInfo;
import io.rendr.RendrException;
import io.rendr.Target;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowPath;
import io.rendr.engine.memory.ReceiveBuffer;
import io.rendr.engine.net.FlowDriver;
import io.rendr.engine.net.FlowListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The application's face of a flow: what streams and packets share. Calls copy from and to the flow's buffers on the
 * calling thread, and then tell the flow; only one that finds nothing to do waits, at a {@link WaitPoint}.
 */
abstract class Connection implements Conn, FlowListener {
    private static final SocketAddress NO_ADDRESS = InetSocketAddress.createUnresolved("no-carrier-yet", 0);

    private final FlowDriver driver;
    private final Origin origin;
    private final AdminFace admin;
    private final WaitPoint reading;
    private final WaitPoint writing;
    private final CompletableFuture<CloseReason> done = new CompletableFuture<>();
    private final AtomicBoolean endSeen = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Whatever ends the output is set under it, and so is its end: a byte is appended before that, and sent, or not at
     * all.
     */
    private final ReentrantLock appending = new ReentrantLock();

    private volatile boolean shutDown;

    /** Whether the flow is over; set after {@link #failure}. */
    private volatile boolean over;

    private volatile @Nullable RendrException failure;

    /** Where a connection comes from, and who has to know how it goes. */
    interface Origin {
        /** The policy tree at the beginning; the accepting end is told its paths by the dialer. */
        Optional<Target> target();

        /** What the dialer gave. */
        Map<String, String> metadata(Flow flow);

        /** The peer's application took the flow; the dialing end only. */
        void accepted();

        /** The flow is there, on its home loop; the first thing that is told. */
        void opened();

        /** Admission can decide; the accepting end only. */
        void introduced();

        void ended(CloseReason why, @Nullable RendrException failure);
    }

    /**
     * @param read the call that waits for something to read, for its errors
     * @param write the call that waits for room
     */
    Connection(FlowDriver driver, Origin origin, String read, String write) {
        this.driver = driver;
        this.reading = new WaitPoint(read, driver.engine().workers());
        this.writing = new WaitPoint(write, driver.engine().workers());
        this.origin = origin;
        this.admin = new AdminFace(driver, origin.target());
    }

    FlowDriver driver() {
        return driver;
    }

    Flow flow() {
        return driver.flow();
    }

    WaitPoint reading() {
        return reading;
    }

    WaitPoint writing() {
        return writing;
    }

    ReentrantLock appending() {
        return appending;
    }

    boolean isClosed() {
        return closed.get();
    }

    // ---- reading

    /** Whether everything up to the end was read, of which the flow then knows. */
    boolean sawEnd() {
        boolean atEnd = flow().isAtEnd();
        if (atEnd && endSeen.compareAndSet(false, true)) {
            driver.run(Flow::sawEnd);
        }
        return atEnd;
    }

    void tellConsumed(ReceiveBuffer buffer) {
        if (buffer.isConsumptionAwaited()) {
            driver.consumed();
        }
    }

    /** Once the flow is over and all that arrived was read: throws its failure, if it has one. */
    void checkEnd() throws IOException {
        RendrException why = failure;
        if (why != null) {
            throw why;
        }
    }

    boolean isReadable() {
        Flow flow = flow();
        return closed.get() || over || flow.receiveBuffer().readable() > 0 || flow.isAtEnd();
    }

    public CompletionStage<Void> whenReadable() {
        return reading.when(this::isReadable);
    }

    public void setReadTimeout(Duration timeout) {
        reading.timeout(timeout);
    }

    // ---- writing

    /** Whether a write fails instead of waiting. */
    boolean isWriteStopped() {
        return closed.get() || over || flow().isWriteStopped();
    }

    void checkWritable() throws IOException {
        if (closed.get()) {
            throw new ClosedChannelException();
        }
        if (over || flow().isWriteStopped()) {
            throw cannotWrite();
        }
    }

    IOException cannotWrite() {
        RendrException why = failure;
        if (why != null) {
            return why;
        }
        return closed.get() ? new ClosedChannelException() : leftByPeer();
    }

    FlowAbortedException leftByPeer() {
        return new FlowAbortedException(flowId(), FlowAbortedException.CLOSED, true);
    }

    public CompletionStage<Void> whenWritable() {
        return writing.when(this::isWritable);
    }

    private boolean isWritable() {
        return isWriteStopped() || flow().sendBuffer().hasRoom() && !writing.isTurnTaken();
    }

    public void setWriteTimeout(Duration timeout) {
        writing.timeout(timeout);
    }

    static ClosedChannelException closedMeanwhile(ClosedChannelException e) {
        if (e instanceof AsynchronousCloseException) {
            return e;
        }
        AsynchronousCloseException meanwhile = new AsynchronousCloseException();
        meanwhile.initCause(e);
        return meanwhile;
    }

    // ---- the end

    @Override
    public boolean isOpen() {
        return !closed.get() && !over;
    }

    @Override
    public void close() {
        boolean first;
        appending.lock();
        try {
            first = closed.compareAndSet(false, true);
        } finally {
            appending.unlock();
        }
        if (first) {
            driver.run((flow, now) -> {
                flow.close(now);
                flow.detachApplication();
            });
            wakeAll();
        }
    }

    @Override
    public void abort(int code) {
        if (code < 0) {
            throw new IllegalArgumentException("a code of abort is 0 or more, not " + code);
        }
        abortWith(code);
    }

    /** @param code the application's, or one of the constants of {@link FlowAbortedException} */
    void abortWith(int code) {
        closed.set(true);
        driver.run((flow, now) -> {
            flow.abort(code, now);
            flow.detachApplication();
        });
        wakeAll();
    }

    /** No application has this connection, or will: the flow's memory goes with the flow. */
    void detach() {
        driver.run((flow, now) -> flow.detachApplication());
    }

    /** Whether the flow is over; nothing more comes from it. */
    boolean isOver() {
        return over;
    }

    /** What reads and writes throw since the flow is over; null while it is not, and after an orderly end. */
    @Nullable
    RendrException failure() {
        return failure;
    }

    private void wakeAll() {
        reading.wake();
        writing.wake();
    }

    @Override
    public CompletionStage<CloseReason> closed() {
        return done.minimalCompletionStage();
    }

    // ---- what the flow tells

    @Override
    public void readable() {
        reading.wake();
    }

    @Override
    public void writable() {
        writing.wake();
    }

    @Override
    public void opened() {
        origin.opened();
    }

    @Override
    public void accepted() {
        origin.accepted();
    }

    @Override
    public void introduced() {
        origin.introduced();
    }

    @Override
    public void migrated(int fromPath, int toPath, MigrationCause cause) {
        admin.migrated(fromPath, toPath, cause);
    }

    @Override
    public void pathChanged(int pathId) {
        admin.pathChanged(pathId);
    }

    @Override
    public void ended(CloseReason why, @Nullable RendrException cause) {
        failure = cause;
        over = true;
        wakeAll();
        admin.ended();
        hasEnded(cause);
        origin.ended(why, cause);
        driver.engine().workers().call(() -> done.complete(why));
    }

    /** The flow is over, and its failure, if it has one, is known. */
    abstract void hasEnded(@Nullable RendrException cause);

    @Override
    public void shutDown() {
        shutDown = true;
        close();
    }

    /** Whether the runtime has closed this connection because it closes itself. */
    boolean wasShutDown() {
        return shutDown;
    }

    @Override
    public void released() {
        // Nothing of the application waits for that: it was told by ended.
    }

    // ---- what it is

    @Override
    public FlowKind kind() {
        return flow().kind();
    }

    @Override
    public FlowId flowId() {
        return flow().id();
    }

    @Override
    public Mode mode() {
        return admin.mode();
    }

    @Override
    public void setMode(Mode mode) {
        admin.setMode(mode);
    }

    @Override
    public List<PathInfo> paths() {
        return driver.ask("Conn.paths", Snapshots::paths);
    }

    @Override
    public ConnStatus status() {
        Set<String> capabilities = new HashSet<>(driver.engine().instance().capabilities());
        return driver.ask("Conn.status", flow -> Snapshots.status(flow, capabilities));
    }

    @Override
    public ConnAdmin admin() {
        return admin;
    }

    @Override
    public Map<String, String> metadata() {
        return driver.ask("Conn.metadata", origin::metadata);
    }

    @Override
    public Optional<L3Identity> l3Identity() {
        return Optional.empty();
    }

    @Override
    public SocketAddress localAddress() {
        return driver.ask("Conn.localAddress", flow -> address(flow, FlowPath::localAddress));
    }

    @Override
    public SocketAddress remoteAddress() {
        return driver.ask("Conn.remoteAddress", flow -> address(flow, FlowPath::remoteAddress));
    }

    /** That of the active path, else of any other. */
    private static SocketAddress address(Flow flow, Function<FlowPath, @Nullable SocketAddress> end) {
        SocketAddress any = null;
        for (FlowPath path : flow.pathList()) {
            SocketAddress address = end.apply(path);
            if (address != null && path.id() == flow.activePath()) {
                return address;
            }
            any = any == null ? address : any;
        }
        return any == null ? NO_ADDRESS : any;
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> type) {
        return type.isInstance(this) ? Optional.of(type.cast(this)) : Optional.empty();
    }
}
