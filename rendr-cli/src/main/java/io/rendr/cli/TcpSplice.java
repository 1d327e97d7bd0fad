// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.StreamConn;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection joined to one flow, each way on a thread of its own. An end of output passes on as an end of output,
 * a reset as an abort, and a slow reader slows its writer: nothing is kept here but one buffer for each way.
 */
final class TcpSplice implements Splice {
    private static final int BUFFER = 256 * 1024;

    /** Direct memory is given back late by the JVM, so the buffers of closed connections are used again. */
    private static final ConcurrentLinkedQueue<ByteBuffer> SPARE = new ConcurrentLinkedQueue<>();

    private final SocketChannel socket;
    private final StreamConn conn;
    private final AtomicLong toFlow = new AtomicLong();
    private final AtomicLong fromFlow = new AtomicLong();
    private final AtomicReference<@Nullable String> broken = new AtomicReference<>();

    TcpSplice(SocketChannel socket, StreamConn conn) {
        this.socket = socket;
        this.conn = conn;
    }

    @Override
    public StreamConn conn() {
        return conn;
    }

    @Override
    public String carried() {
        return Units.bytes(toFlow.get()) + " sent, " + Units.bytes(fromFlow.get()) + " received";
    }

    /** Why it ended before both sides had ended their output; {@code null} if they did. */
    @Override
    public @Nullable String broken() {
        return broken.get();
    }

    /** Leaves the TCP connection closed, too. */
    @Override
    public void run(Executor threads) {
        CompletableFuture<Void> back;
        try {
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            back = CompletableFuture.runAsync(() -> carry(this::flowToSocket), threads);
        } catch (IOException | RuntimeException e) {
            abort("cannot start: " + e);
            return;
        }
        carry(this::socketToFlow);
        back.join();
        closeQuietly(socket);
        conn.close();
    }

    /** The TCP connection by a reset, the flow by an abort. */
    @Override
    public void abort(String why) {
        broken.compareAndSet(null, why);
        reset(socket);
        conn.abort(BROKEN);
    }

    /** Closes with RST, so that the client learns that this was no orderly end. */
    static void reset(SocketChannel socket) {
        try {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // Closed already, or never connected: there is nobody to be told.
        }
        closeQuietly(socket);
    }

    private interface Way {
        void carry(ByteBuffer buffer) throws IOException;
    }

    private void carry(Way way) {
        ByteBuffer spare = SPARE.poll();
        ByteBuffer buffer = spare == null ? ByteBuffer.allocateDirect(BUFFER) : spare.clear();
        try {
            way.carry(buffer);
        } catch (IOException | RuntimeException e) {
            abort(e.getMessage() == null ? e.toString() : e.getMessage());
        } finally {
            SPARE.add(buffer);
        }
    }

    private void socketToFlow(ByteBuffer buffer) throws IOException {
        while (readSocket(buffer) >= 0) {
            buffer.flip();
            toFlow.addAndGet(conn.write(buffer));
            buffer.clear();
        }
        conn.shutdownOutput();
    }

    private int readSocket(ByteBuffer buffer) throws IOException {
        try {
            return socket.read(buffer);
        } catch (ClosedChannelException e) {
            throw e; // by the other way, which said why
        } catch (IOException e) {
            throw new IOException("the TCP connection broke: " + e.getMessage(), e);
        }
    }

    private void flowToSocket(ByteBuffer buffer) throws IOException {
        while (conn.read(buffer) >= 0) {
            buffer.flip();
            fromFlow.addAndGet(buffer.remaining());
            writeSocket(buffer);
            buffer.clear();
        }
        socket.shutdownOutput();
    }

    private void writeSocket(ByteBuffer buffer) throws IOException {
        try {
            while (buffer.hasRemaining()) {
                socket.write(buffer);
            }
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("the TCP connection broke: " + e.getMessage(), e);
        }
    }

    private static void closeQuietly(SocketChannel socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // The descriptor is gone either way, and what it carried has been told by then.
        }
    }
}
