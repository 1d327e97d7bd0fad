// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A connection's bytes as a stream. Stateless, so as thread-safe as the connection. */
final class ConnInputStream extends InputStream {
    private final StreamConn conn;

    ConnInputStream(StreamConn conn) {
        this.conn = conn;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, b.length);
        return len == 0 ? 0 : conn.read(ByteBuffer.wrap(b, off, len));
    }

    @Override
    public void close() {
        conn.close();
    }
}
