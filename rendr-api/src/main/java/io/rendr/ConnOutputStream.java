// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A connection's output as a stream. Stateless, so as thread-safe as the connection. */
final class ConnOutputStream extends OutputStream {
    private final StreamConn conn;

    ConnOutputStream(StreamConn conn) {
        this.conn = conn;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, b.length);
        if (len > 0) {
            conn.write(ByteBuffer.wrap(b, off, len));
        }
    }

    @Override
    public void close() {
        conn.close();
    }
}
