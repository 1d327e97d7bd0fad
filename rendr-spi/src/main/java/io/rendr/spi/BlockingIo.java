// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.rendr.CloseReason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/** What a {@link BlockingCarrier} reads and writes: each call blocks, on a thread of its own. Buffers are heap buffers. */
interface BlockingIo {
    /** Reads at least one byte; -1 at the end. */
    int read(ByteBuffer dst) throws IOException;

    /** Writes all. */
    void write(ByteBuffer src) throws IOException;

    /** Ends reads and writes that block, if the thing below can. */
    void close(CloseReason why) throws IOException;

    static BlockingIo of(Socket socket) throws IOException {
        BlockingIo streams = of(socket.getInputStream(), socket.getOutputStream(), socket);
        return new BlockingIo() {
            @Override
            public int read(ByteBuffer dst) throws IOException {
                return streams.read(dst);
            }

            @Override
            public void write(ByteBuffer src) throws IOException {
                streams.write(src);
            }

            @Override
            public void close(CloseReason why) throws IOException {
                try {
                    if (!why.isOrderly() && !socket.isClosed()) {
                        socket.setSoLinger(true, 0);
                    }
                } finally {
                    socket.close();
                }
            }
        };
    }

    static BlockingIo of(InputStream in, OutputStream out, AutoCloseable whole) {
        return new BlockingIo() {
            @Override
            public int read(ByteBuffer dst) throws IOException {
                int n = in.read(dst.array(), dst.arrayOffset() + dst.position(), dst.remaining());
                if (n > 0) {
                    dst.position(dst.position() + n);
                }
                return n;
            }

            @Override
            public void write(ByteBuffer src) throws IOException {
                out.write(src.array(), src.arrayOffset() + src.position(), src.remaining());
                src.position(src.limit());
                out.flush();
            }

            @Override
            public void close(CloseReason why) throws IOException {
                try {
                    whole.close();
                } catch (IOException | RuntimeException e) {
                    throw e;
                } catch (Exception e) {
                    throw new IOException(e);
                }
            }
        };
    }

    static BlockingIo of(ByteChannel channel) {
        return new BlockingIo() {
            @Override
            public int read(ByteBuffer dst) throws IOException {
                return channel.read(dst);
            }

            @Override
            public void write(ByteBuffer src) throws IOException {
                while (src.hasRemaining()) {
                    channel.write(src);
                }
            }

            @Override
            public void close(CloseReason why) throws IOException {
                channel.close();
            }
        };
    }
}
