// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
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
import io.rendr.StreamConn;
import io.rendr.Target;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowPath;
import io.rendr.engine.memory.ReceiveBuffer;
import io.rendr.engine.memory.SendBuffer;
import io.rendr.engine.net.FlowDriver;
import io.rendr.engine.net.FlowListener;
import io.rendr.spi.FlowPort;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The application's face of a stream flow. Reads and writes copy from and to the flow's buffers on the calling thread,
 * and then tell the flow; only a call that finds nothing to do waits, at a {@link WaitPoint}.
 */
final class StreamConnection implements StreamConn, FlowListener {
    private static final SocketAddress NO_ADDRESS = InetSocketAddress.createUnresolved("no-carrier-yet", 0);

    private final FlowDriver driver;
    private final Origin origin;
    private final AdminFace admin;
    private final WaitPoint reading;
    private final WaitPoint writing;
    private final CompletableFuture<CloseReason> done = new CompletableFuture<>();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private final AtomicBoolean endSeen = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Whatever ends the output is set under it, and so is the end of the stream: a byte is appended before that, and sent,
     * or not at all.
     */
    private final ReentrantLock appending = new ReentrantLock();

    private volatile boolean inputShut;
    private volatile boolean outputShut;

    private volatile boolean shutDown;

    /** Whether the flow is over; set after {@link #failure}. */
    private volatile boolean over;

    private volatile @Nullable RendrException failure;

    /** The face for an adapter on the flow's loop, once that was asked for. */
    private final AtomicReference<@Nullable LoopPort> port = new AtomicReference<>();

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

    StreamConnection(FlowDriver driver, Function<StreamConnection, Origin> origin) {
        this.driver = driver;
        this.reading = new WaitPoint("read", driver.engine().workers());
        this.writing = new WaitPoint("write", driver.engine().workers());
        this.origin = origin.apply(this);
        this.admin = new AdminFace(driver, this.origin.target());
    }

    FlowDriver driver() {
        return driver;
    }

    private Flow flow() {
        return driver.flow();
    }

    // ---- reading

    @Override
    public int read(ByteBuffer dst) throws IOException {
        int n = tryRead(dst);
        if (n != 0 || !dst.hasRemaining()) {
            return n;
        }
        driver.engine().loops().checkMayBlock("StreamConn.read", "tryRead and whenReadable");
        try {
            return reading.await(() -> tryRead(dst));
        } catch (ClosedChannelException e) {
            throw closedMeanwhile(e);
        }
    }

    @Override
    public int tryRead(ByteBuffer dst) throws IOException {
        if (closed.get()) {
            throw new ClosedChannelException();
        }
        if (inputShut) {
            return -1;
        }
        Flow flow = flow();
        int n = flow.receiveBuffer().read(dst);
        if (n > 0) {
            tellConsumed(flow.receiveBuffer());
            return n;
        }
        if (!dst.hasRemaining()) {
            return 0;
        }
        if (sawEnd()) {
            return -1;
        }
        return over ? readAfterEnd(flow, dst) : 0;
    }

    /** Whether everything up to the end was read, of which the flow then knows. */
    boolean sawEnd() {
        boolean atEnd = inputShut || flow().isAtEnd();
        if (atEnd && !inputShut && endSeen.compareAndSet(false, true)) {
            driver.run(Flow::sawEnd);
        }
        return atEnd;
    }

    /** What is readable, where it lies; null if nothing is. */
    @Nullable
    ByteBuf take(int max) {
        if (closed.get() || inputShut) {
            return null;
        }
        ByteBuf lent = flow().receiveBuffer().lend(max);
        if (lent != null) {
            tellConsumed(flow().receiveBuffer());
        }
        return lent;
    }

    private void tellConsumed(ReceiveBuffer buffer) {
        if (buffer.isConsumptionAwaited()) {
            driver.consumed();
        }
    }

    /** What arrived before the flow ended is read before its failure is told. */
    private int readAfterEnd(Flow flow, ByteBuffer dst) throws IOException {
        int n = flow.receiveBuffer().read(dst);
        if (n > 0) {
            return n;
        }
        RendrException why = failure;
        if (why != null) {
            throw why;
        }
        return -1;
    }

    @Override
    public CompletionStage<Void> whenReadable() {
        return reading.when(this::isReadable);
    }

    boolean isReadable() {
        Flow flow = flow();
        return closed.get() || inputShut || over || flow.receiveBuffer().readable() > 0 || flow.isAtEnd();
    }

    @Override
    public void setReadTimeout(Duration timeout) {
        reading.timeout(timeout);
    }

    // ---- writing

    @Override
    public int write(ByteBuffer src) throws IOException {
        int before = src.remaining();
        if (writing.tryTakeTurn()) {
            try {
                append(src);
                if (src.hasRemaining()) {
                    awaitRoom(src, before);
                }
            } finally {
                writing.giveTurn();
            }
        } else {
            checkWritable();
            checkMayWait();
            writing.takeTurn();
            try {
                awaitRoom(src, before);
            } finally {
                writing.giveTurn();
            }
        }
        return before;
    }

    private void checkMayWait() {
        driver.engine().loops().checkMayBlock("StreamConn.write", "tryWrite and whenWritable");
    }

    /** Writes all of it, as whoever has the turn: no byte of another call comes between. */
    private void awaitRoom(ByteBuffer src, int before) throws IOException {
        checkMayWait();
        try {
            while (src.hasRemaining()) {
                writing.await(() -> append(src));
            }
        } catch (ClosedChannelException e) {
            throw closedMeanwhile(e);
        } catch (InterruptedIOException e) {
            e.bytesTransferred = before - src.remaining();
            throw e;
        }
    }

    @Override
    public int tryWrite(ByteBuffer src) throws IOException {
        if (!writing.tryTakeTurn()) {
            checkWritable();
            return 0;
        }
        try {
            return append(src);
        } finally {
            writing.giveTurn();
        }
    }

    private int append(ByteBuffer src) throws IOException {
        SendBuffer buffer = flow().sendBuffer();
        long before = buffer.written();
        int n = appendUntold(src);
        if (n > 0 && buffer.isAwaited(before)) {
            driver.written();
        }
        return n;
    }

    /** Appends what fits; the flow need not know yet. */
    int appendUntold(ByteBuffer src) throws IOException {
        appending.lock();
        try {
            checkWritable();
            return flow().sendBuffer().append(src);
        } finally {
            appending.unlock();
        }
    }

    /** Bytes that could be appended now. */
    int room() {
        return (int) Math.min(Integer.MAX_VALUE, flow().sendBuffer().room());
    }

    /** Whether a write fails instead of waiting. */
    boolean isWriteStopped() {
        return closed.get() || outputShut || over || flow().isWriteStopped();
    }

    void checkWritable() throws IOException {
        if (closed.get() || outputShut) {
            throw new ClosedChannelException();
        }
        if (over || flow().isWriteStopped()) {
            throw cannotWrite();
        }
    }

    private IOException cannotWrite() {
        RendrException why = failure;
        if (why != null) {
            return why;
        }
        if (closed.get() || outputShut) {
            return new ClosedChannelException();
        }
        return leftByPeer();
    }

    private FlowAbortedException leftByPeer() {
        return new FlowAbortedException(flowId(), FlowAbortedException.CLOSED, true);
    }

    @Override
    public CompletionStage<Void> whenWritable() {
        return writing.when(this::isWritable);
    }

    private boolean isWritable() {
        return isWriteStopped() || flow().sendBuffer().hasRoom() && !writing.isTurnTaken();
    }

    @Override
    public void setWriteTimeout(Duration timeout) {
        writing.timeout(timeout);
    }

    private static ClosedChannelException closedMeanwhile(ClosedChannelException e) {
        if (e instanceof AsynchronousCloseException) {
            return e;
        }
        AsynchronousCloseException meanwhile = new AsynchronousCloseException();
        meanwhile.initCause(e);
        return meanwhile;
    }

    // ---- the end

    @Override
    public void shutdownOutput() throws IOException {
        throwFailure();
        if (!closed.get()) {
            shutOutput();
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        throwFailure();
        if (!closed.get() && !inputShut) {
            inputShut = true;
            driver.run(Flow::shutdownInput);
            reading.wake();
        }
    }

    void shutOutput() {
        if (!outputShut) {
            appending.lock();
            try {
                outputShut = true;
            } finally {
                appending.unlock();
            }
            driver.run(Flow::shutdownOutput);
            writing.wake();
        }
    }

    private void throwFailure() throws IOException {
        RendrException why = failure;
        if (why != null) {
            throw why;
        }
    }

    @Override
    public CompletionStage<Void> finish() {
        shutOutput();
        noteFinished();
        return finished.minimalCompletionStage();
    }

    /** After {@link #over} and {@link #outputShut} were set, whoever sets them. */
    private void noteFinished() {
        if (finished.isDone()) {
            return;
        }
        if (flow().isOutputConsumed() && outputShut) {
            driver.engine().workers().call(() -> finished.complete(null));
        } else if (over || flow().isOutputRefused()) {
            IOException why = flow().isOutputRefused() && failure == null ? leftByPeer() : cannotWrite();
            driver.engine().workers().call(() -> finished.completeExceptionally(why));
        }
    }

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
        LoopPort face = port.get();
        if (face != null) {
            face.readable();
        }
    }

    @Override
    public void writable() {
        writing.wake();
        LoopPort face = port.get();
        if (face != null) {
            face.writable();
        }
        if (outputShut) {
            noteFinished();
        }
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
        noteFinished();
        LoopPort face = port.get();
        if (face != null) {
            face.ended(cause);
        }
        origin.ended(why, cause);
        driver.engine().workers().call(() -> done.complete(why));
    }

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
    public FlowId flowId() {
        return flow().id();
    }

    @Override
    public FlowKind kind() {
        return FlowKind.STREAM;
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
        if (type == FlowPort.class) {
            return Optional.of(type.cast(port.updateAndGet(made -> made == null ? new LoopPort(this) : made)));
        }
        return type.isInstance(this) ? Optional.of(type.cast(this)) : Optional.empty();
    }

    @Override
    public String toString() {
        return "StreamConn[" + flowId() + "]";
    }
}
