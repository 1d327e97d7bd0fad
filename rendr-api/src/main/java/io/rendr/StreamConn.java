// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * A connection that carries bytes in order, exactly once, in both directions. It is a channel, so
 * {@link java.nio.channels.FileChannel#transferTo} and everything else that takes one works.
 *
 * <p>What read and write throw besides the exceptions of {@link Conn}: {@link FlowAbortedException},
 * {@link PeerRestartedException}, {@link ZombiePeerException}, {@link java.nio.channels.ClosedChannelException} after
 * {@link #close()}, and {@link java.net.SocketTimeoutException}, after which the connection stays usable.
 */
public interface StreamConn extends Conn, ByteChannel, ScatteringByteChannel, GatheringByteChannel {
    /**
     * The bytes that arrive, as a stream. Closing it closes the connection, as with a socket; to stop only one direction
     * see {@link #shutdownInput()}.
     *
     * @return a stream over {@link #read(ByteBuffer)}; thread-safe like this connection
     */
    default InputStream inputStream() {
        return new ConnInputStream(this);
    }

    /**
     * The bytes that leave, as a stream. It has no buffer of its own; small writes that wait anyway are sent together.
     * Closing it closes the connection, as with a socket; to stop only one direction see {@link #shutdownOutput()}.
     *
     * @return a stream over {@link #write(ByteBuffer)}; thread-safe like this connection
     */
    default OutputStream outputStream() {
        return new ConnOutputStream(this);
    }

    /**
     * Reads what is there, and waits until something is.
     *
     * @param dst where to put it
     * @return bytes read, at least 1 unless {@code dst} has no room; -1 only after the peer has ended its output
     * @throws IOException see {@link StreamConn}
     */
    @Override
    int read(ByteBuffer dst) throws IOException;

    /**
     * Writes all of {@code src}, and waits until it has been taken. A time-out or an interrupt in between leaves the
     * position of {@code src} at the first byte that was not taken.
     *
     * @param src what to write
     * @return bytes written: all that remained
     * @throws IOException see {@link StreamConn}
     */
    @Override
    int write(ByteBuffer src) throws IOException;

    /**
     * Reads what is there, without waiting.
     *
     * @param dst where to put it
     * @return bytes read; 0 if there are none now, see {@link #whenReadable()}; -1 after the peer has ended its output
     * @throws IOException see {@link StreamConn}
     */
    int tryRead(ByteBuffer dst) throws IOException;

    /**
     * Writes what has room, without waiting.
     *
     * @param src what to write
     * @return bytes written; 0 if there is no room now, see {@link #whenWritable()}
     * @throws IOException see {@link StreamConn}
     */
    int tryWrite(ByteBuffer src) throws IOException;

    /**
     * Tells when {@link #tryRead} is worth a call: bytes, the end, or an error.
     *
     * @return completes on the callback executor; at once if it is so now
     */
    CompletionStage<Void> whenReadable();

    /**
     * Tells when {@link #tryWrite} is worth a call: room, or an error.
     *
     * @return completes on the callback executor; at once if it is so now
     */
    CompletionStage<Void> whenWritable();

    /**
     * How long {@link #read} waits before it throws {@link java.net.SocketTimeoutException}.
     *
     * @param timeout zero, the default, waits for ever: until the flow ends
     * @throws IllegalArgumentException if negative
     */
    void setReadTimeout(Duration timeout);

    /**
     * How long {@link #write} waits before it throws {@link java.net.SocketTimeoutException}.
     *
     * @param timeout zero, the default, waits for ever: until the flow ends
     * @throws IllegalArgumentException if negative
     */
    void setWriteTimeout(Duration timeout);

    /**
     * Ends this end's output: the peer reads to the end and then -1. This end may go on reading. Returns at once.
     *
     * @throws IOException if the flow has failed
     */
    void shutdownOutput() throws IOException;

    /**
     * Reads no more: this end's reads return -1, what still arrives is dropped, and the peer's writes fail.
     *
     * @throws IOException if the flow has failed
     */
    void shutdownInput() throws IOException;

    /**
     * {@link #shutdownOutput()}, and tells when the peer's application has read to the end. The way to be sure before
     * {@link #close()} that nothing was lost.
     *
     * @return completes when it has; exceptionally with what {@link #write} would throw, a {@link FlowAbortedException}
     *     of code {@link FlowAbortedException#CLOSED} if the peer's application closed, or shut its input, before it had
     *     read the end
     */
    CompletionStage<Void> finish();

    @Override
    boolean isOpen();

    @Override
    void close();

    @Override
    default long read(ByteBuffer[] dsts) throws IOException {
        return read(dsts, 0, dsts.length);
    }

    /** Waits for the first byte only; fills further buffers with what is there. */
    @Override
    default long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, dsts.length);
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            while (dsts[i].hasRemaining()) {
                int n = total == 0 ? read(dsts[i]) : tryRead(dsts[i]);
                if (n <= 0) {
                    return total == 0 ? n : total;
                }
                total += n;
            }
        }
        return total;
    }

    @Override
    default long write(ByteBuffer[] srcs) throws IOException {
        return write(srcs, 0, srcs.length);
    }

    /** Writes all of every buffer. */
    @Override
    default long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, srcs.length);
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            total += write(srcs[i]);
        }
        return total;
    }
}
