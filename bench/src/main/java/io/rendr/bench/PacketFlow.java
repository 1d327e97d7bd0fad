// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.rendr.PacketConn;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/** A best-effort flow of rendr over one path. Whatever {@code send} has accepted counts as sent. */
final class PacketFlow implements PacketOut {
    private final PacketConn conn;

    PacketFlow(Rendr rendr, PathSpec path) throws IOException {
        conn = rendr.dialer(b -> b.path(path).repairTtl(Duration.ZERO)).dialPacket();
        conn.setWriteTimeout(Duration.ofSeconds(LONGEST_WAIT_SECONDS));
    }

    @Override
    public void send(List<ByteBuffer> packets) throws IOException {
        for (int taken = conn.trySend(packets); taken < packets.size(); taken++) {
            conn.send(packets.get(taken));
        }
    }

    @Override
    public void close() {
        conn.abort(0);
    }
}
