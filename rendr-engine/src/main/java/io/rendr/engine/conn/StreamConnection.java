// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.netty.buffer.ByteBuf;
import io.rendr.RendrException;
import io.rendr.StreamConn;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.memory.SendBuffer;
import io.rendr.engine.net.FlowDriver;
import io.rendr.spi.FlowPort;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The application's face of a stream flow. */
final class StreamConnection extends Connection implements StreamConn {
    private final CompletableFuture<Void> finished = new CompletableFuture<>();

    private volatile boolean inputShut;
    private volatile boolean outputShut;

    /** The face for an adapter on the flow's loop, once that was asked for. */
    private final AtomicReference<@Nullable LoopPort> port = new AtomicReference<>();

    StreamConnection(FlowDriver driver, Origin origin) {
        super(driver, origin, "read", "write");
    }

    // ---- reading

    @Override
    public int read(ByteBuffer dst) throws IOException {
        int n = tryRead(dst);
        if (n != 0 || !dst.hasRemaining()) {
            return n;
        }
        driver().engine().loops().checkMayBlock("StreamConn.read", "tryRead and whenReadable");
        try {
            return reading().await(() -> tryRead(dst));
        } catch (ClosedChannelException e) {
            throw closedMeanwhile(e);
        }
    }

    @Override
    public int tryRead(ByteBuffer dst) throws IOException {
        if (isClosed()) {
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
        return isOver() ? readAfterEnd(flow, dst) : 0;
    }

    @Override
    boolean sawEnd() {
        return inputShut || super.sawEnd();
    }

    /** What is readable, where it lies; null if nothing is. */
    @Nullable
    ByteBuf take(int max) {
        if (isClosed() || inputShut) {
            return null;
        }
        ByteBuf lent = flow().receiveBuffer().lend(max);
        if (lent != null) {
            tellConsumed(flow().receiveBuffer());
        }
        return lent;
    }

    /** What arrived before the flow ended is read before its failure is told. */
    private int readAfterEnd(Flow flow, ByteBuffer dst) throws IOException {
        int n = flow.receiveBuffer().read(dst);
        if (n > 0) {
            return n;
        }
        checkEnd();
        return -1;
    }

    @Override
    boolean isReadable() {
        return inputShut || super.isReadable();
    }

    // ---- writing

    @Override
    public int write(ByteBuffer src) throws IOException {
        int before = src.remaining();
        if (writing().tryTakeTurn()) {
            try {
                append(src);
                if (src.hasRemaining()) {
                    awaitRoom(src, before);
                }
            } finally {
                writing().giveTurn();
            }
        } else {
            checkWritable();
            checkMayWait();
            writing().takeTurn();
            try {
                awaitRoom(src, before);
            } finally {
                writing().giveTurn();
            }
        }
        return before;
    }

    private void checkMayWait() {
        driver().engine().loops().checkMayBlock("StreamConn.write", "tryWrite and whenWritable");
    }

    /** Writes all of it, as whoever has the turn: no byte of another call comes between. */
    private void awaitRoom(ByteBuffer src, int before) throws IOException {
        checkMayWait();
        try {
            while (src.hasRemaining()) {
                writing().await(() -> append(src));
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
        if (!writing().tryTakeTurn()) {
            checkWritable();
            return 0;
        }
        try {
            return append(src);
        } finally {
            writing().giveTurn();
        }
    }

    private int append(ByteBuffer src) throws IOException {
        SendBuffer buffer = flow().sendBuffer();
        long before = buffer.written();
        int n = appendUntold(src);
        if (n > 0 && buffer.isAwaited(before)) {
            driver().written();
        }
        return n;
    }

    /** Appends what fits; the flow need not know yet. */
    int appendUntold(ByteBuffer src) throws IOException {
        appending().lock();
        try {
            checkWritable();
            return flow().sendBuffer().append(src);
        } finally {
            appending().unlock();
        }
    }

    /** Bytes that could be appended now. */
    int room() {
        return (int) Math.min(Integer.MAX_VALUE, flow().sendBuffer().room());
    }

    @Override
    boolean isWriteStopped() {
        return outputShut || super.isWriteStopped();
    }

    @Override
    void checkWritable() throws IOException {
        if (outputShut) {
            throw new ClosedChannelException();
        }
        super.checkWritable();
    }

    // ---- the end

    @Override
    public void shutdownOutput() throws IOException {
        checkEnd();
        if (!isClosed()) {
            shutOutput();
        }
    }

    @Override
    public void shutdownInput() throws IOException {
        checkEnd();
        if (!isClosed() && !inputShut) {
            inputShut = true;
            driver().run(Flow::shutdownInput);
            reading().wake();
        }
    }

    void shutOutput() {
        if (!outputShut) {
            appending().lock();
            try {
                outputShut = true;
            } finally {
                appending().unlock();
            }
            driver().run(Flow::shutdownOutput);
            writing().wake();
        }
    }

    @Override
    public CompletionStage<Void> finish() {
        shutOutput();
        noteFinished();
        return finished.minimalCompletionStage();
    }

    /** After the flow was over, or {@link #outputShut} was set, whoever sets them. */
    private void noteFinished() {
        if (finished.isDone()) {
            return;
        }
        if (flow().isOutputConsumed() && outputShut) {
            driver().engine().workers().call(() -> finished.complete(null));
        } else if (isOver() || flow().isOutputRefused()) {
            IOException why = failure() == null && flow().isOutputRefused() ? leftByPeer() : cannotWrite();
            driver().engine().workers().call(() -> finished.completeExceptionally(why));
        }
    }

    // ---- what the flow tells

    @Override
    public void readable() {
        super.readable();
        LoopPort face = port.get();
        if (face != null) {
            face.readable();
        }
    }

    @Override
    public void writable() {
        super.writable();
        LoopPort face = port.get();
        if (face != null) {
            face.writable();
        }
        if (outputShut) {
            noteFinished();
        }
    }

    @Override
    void hasEnded(@Nullable RendrException cause) {
        noteFinished();
        LoopPort face = port.get();
        if (face != null) {
            face.ended(cause);
        }
    }

    // ---- what it is

    @Override
    public <T> Optional<T> unwrap(Class<T> type) {
        if (type == FlowPort.class) {
            return Optional.of(type.cast(port.updateAndGet(made -> made == null ? new LoopPort(this) : made)));
        }
        return super.unwrap(type);
    }

    @Override
    public String toString() {
        return "StreamConn[" + flowId() + "]";
    }
}
