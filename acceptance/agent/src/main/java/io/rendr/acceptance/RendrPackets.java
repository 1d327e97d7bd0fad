// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import io.rendr.PacketConn;
import io.rendr.Rendr;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A packet connection of ours. */
final class RendrPackets implements PacketWire, Steered {
    private final PacketConn conn;
    private final Steering steering;

    RendrPackets(Rendr rendr, PacketConn conn) {
        this.conn = conn;
        steering = new Steering(rendr, conn);
    }

    @Override
    public Steering steering() {
        return steering;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return conn.receive(into);
    }

    @Override
    public void send(List<ByteBuffer> packets) throws IOException {
        for (int taken = conn.trySend(packets); taken < packets.size(); taken++) {
            conn.send(packets.get(taken));
        }
    }

    @Override
    public void close() {
        conn.close();
    }
}
