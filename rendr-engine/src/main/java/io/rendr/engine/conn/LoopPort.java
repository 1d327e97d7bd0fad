// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.rendr.FlowId;
import io.rendr.RendrException;
import io.rendr.engine.net.FlowDriver;
import io.rendr.spi.FlowPort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The face of a connection for an adapter on the flow's own loop. What the flow tells from inside the core is passed on by
 * a task of the loop, one however often it was told.
 */
final class LoopPort implements FlowPort {
    private final StreamConnection conn;
    private final FlowDriver driver;
    private final EventLoop loop;

    /** What was written beyond the credit, in order. */
    private final ArrayDeque<ByteBuf> beyond = new ArrayDeque<>();

    private @Nullable Listener listener;
    private final Runnable tell = this::tell;
    private boolean outOfCredit;
    private boolean shut;
    private boolean passingOn;
    private boolean readable;
    private boolean writable;
    private boolean ended;
    private @Nullable RendrException failure;

    LoopPort(StreamConnection conn) {
        this.conn = conn;
        this.driver = conn.driver();
        this.loop = driver.eventLoop();
    }

    @Override
    public FlowId flowId() {
        return conn.flowId();
    }

    @Override
    public EventLoop eventLoop() {
        return loop;
    }

    @Override
    public void start(Listener hears) {
        checkLoop("start");
        if (listener != null) {
            throw new IllegalStateException("FlowPort.start is called once, and was called before");
        }
        listener = hears;
        readable = conn.isReadable();
        writable = true;
        ended = conn.isOver();
        failure = conn.failure();
        passOn();
    }

    private void checkLoop(String call) {
        if (!loop.inEventLoop()) {
            throw new IllegalStateException(
                    "FlowPort." + call + " is for the flow's event loop: use eventLoop().execute(..)");
        }
    }

    // ---- writing

    @Override
    public int credit() {
        checkLoop("credit");
        int room = beyond.isEmpty() ? conn.room() : 0;
        outOfCredit |= room == 0;
        return room;
    }

    @Override
    public void write(ByteBuf payload) throws IOException {
        checkLoop("write");
        try {
            conn.checkWritable();
            if (shut) {
                throw new ClosedChannelException();
            }
        } catch (IOException e) {
            payload.release();
            throw e;
        }
        beyond.add(payload);
        drain();
    }

    /** Moves what fits into the flow's memory; whether that was anything. */
    private boolean drain() throws IOException {
        boolean moved = false;
        for (ByteBuf next = beyond.peek(); next != null; next = beyond.peek()) {
            int before = next.readableBytes();
            if (before > 0 && append(next) == 0) {
                outOfCredit = true;
                break;
            }
            moved = true;
            if (!next.isReadable()) {
                beyond.remove().release();
            }
        }
        return moved;
    }

    private int append(ByteBuf payload) throws IOException {
        int taken = 0;
        for (ByteBuffer part : payload.nioBuffers()) {
            int n = conn.appendUntold(part);
            taken += n;
            if (part.hasRemaining()) {
                break;
            }
        }
        payload.skipBytes(taken);
        return taken;
    }

    @Override
    public void flush() {
        checkLoop("flush");
        driver.written();
    }

    @Override
    public void shutdownOutput() {
        checkLoop("shutdownOutput");
        shut = true;
        shutWhenDrained();
    }

    private void shutWhenDrained() {
        if (shut && beyond.isEmpty()) {
            driver.written();
            conn.shutOutput();
        }
    }

    // ---- reading

    @Override
    public @Nullable ByteBuf read(int maxBytes) {
        checkLoop("read");
        return conn.take(maxBytes);
    }

    @Override
    public boolean isAtEnd() {
        checkLoop("isAtEnd");
        return conn.sawEnd();
    }

    // ---- what the flow tells, from inside the core

    void readable() {
        readable = true;
        passOn();
    }

    void writable() {
        writable = true;
        passOn();
    }

    void ended(@Nullable RendrException why) {
        ended = true;
        failure = why;
        if (listener == null) {
            letGo();
        }
        passOn();
    }

    /** Queued, so that the listener is called from inside neither the core nor a method of this port. */
    private void passOn() {
        if (listener != null && !passingOn) {
            passingOn = true;
            try {
                loop.execute(tell);
            } catch (RejectedExecutionException e) {
                letGo(); // the runtime has ended, and with it everything that was to be told
            }
        }
    }

    private void tell() {
        passingOn = false;
        Listener hears = listener;
        if (hears == null) {
            return;
        }
        if (readable) {
            readable = false;
            hears.readable();
        }
        if (writable) {
            writable = false;
            tellWritable(hears);
        }
        if (ended) {
            listener = null;
            letGo();
            hears.closed(failure);
        }
    }

    private void tellWritable(Listener hears) {
        try {
            if (drain()) {
                driver.written();
            }
        } catch (IOException e) {
            letGo(); // the next write says why
        }
        shutWhenDrained();
        if (outOfCredit && beyond.isEmpty() && (conn.room() > 0 || conn.isWriteStopped())) {
            outOfCredit = false;
            hears.writable();
        }
    }

    private void letGo() {
        beyond.forEach(ByteBuf::release);
        beyond.clear();
    }
}
