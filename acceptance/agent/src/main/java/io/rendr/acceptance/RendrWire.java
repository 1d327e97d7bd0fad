// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import io.rendr.Rendr;
import io.rendr.StreamConn;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A stream of ours. */
final class RendrWire implements Wire, Steered {
    private final StreamConn conn;
    private final Steering steering;

    RendrWire(Rendr rendr, StreamConn conn) {
        this.conn = conn;
        steering = new Steering(rendr, conn);
    }

    @Override
    public Steering steering() {
        return steering;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return conn.read(into);
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        conn.write(from);
    }

    @Override
    public void shutdownOutput() throws IOException {
        conn.shutdownOutput();
    }

    @Override
    public void close() {
        conn.close();
    }
}
