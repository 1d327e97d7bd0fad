// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.PacketConn;
import io.rendr.PacketCounters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The packets: numbered ones at a steady rate, each of which has to come back as it is, once. */
final class PacketTalk {
    /** Longer than any fault lasts: none of them may cost a packet. */
    static final Duration REPAIR_TTL = Duration.ofSeconds(30);

    private static final int SIZE = 200;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

    /** Far beyond what the last ones need to come back. */
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(30);

    private final PacketConn conn;
    private final BitSet heard = new BitSet();
    private volatile boolean stopped;
    private volatile long sent;
    private volatile long back;
    private volatile long twice;
    private volatile long wrong;
    private volatile long longestNanos;

    PacketTalk(PacketConn conn) {
        this.conn = conn;
    }

    /**
     * How it stands.
     *
     * @param sent packets that the flow has taken
     * @param back of those, how many have come back
     * @param twice packets that came back once more
     * @param wrong packets that came back and were never sent
     * @param longestNanos the longest way there and back
     * @param counters what the flow did for that at this end
     */
    record Figures(long sent, long back, long twice, long wrong, long longestNanos, PacketCounters counters) {
        /** Packets that have not come back, or not yet. */
        long missing() {
            return sent - back;
        }

        /** For {@code --json}. */
        Map<String, Object> json() {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("sent", sent);
            figures.put("back", back);
            figures.put("twice", twice);
            figures.put("wrong", wrong);
            figures.put("repaired", counters.repaired());
            figures.put("expired", counters.expired());
            figures.put("duplicates", counters.duplicates());
            figures.put("longestMillis", TimeUnit.NANOSECONDS.toMillis(longestNanos));
            return figures;
        }
    }

    Figures figures() {
        long backNow = back; // before what was sent, or more might seem to be back than that
        return new Figures(
                sent, backNow, twice, wrong, longestNanos, conn.admin().stats().packets());
    }

    PacketConn conn() {
        return conn;
    }

    /** Lets {@link #run} end once every packet is back. */
    void stop() {
        stopped = true;
    }

    /** Talks until it is stopped, and then waits for what is still to come, for a while. */
    void run() throws IOException {
        ByteBuffer packet = ByteBuffer.allocate(SIZE);
        while (!stopped) {
            if (conn.trySend(fill(packet.clear(), sent))) {
                sent++;
            }
            hearAll(packet);
        }
        long deadline = System.nanoTime() + LIMIT;
        while (back < sent && System.nanoTime() - deadline < 0) {
            hearAll(packet);
        }
    }

    private void hearAll(ByteBuffer packet) throws IOException {
        LockSupport.parkNanos(PAUSE); // the rate, not a wait for anything
        while (conn.tryReceive(packet.clear())) {
            hear(packet.flip());
        }
    }

    private static ByteBuffer fill(ByteBuffer packet, long number) {
        packet.putLong(number).putLong(System.nanoTime());
        while (packet.hasRemaining()) {
            packet.put((byte) (number + packet.position()));
        }
        return packet.flip();
    }

    private void hear(ByteBuffer packet) {
        if (!isWhole(packet)) {
            wrong++;
            return;
        }
        int number = (int) packet.getLong(0);
        if (heard.get(number)) {
            twice++;
            return;
        }
        heard.set(number);
        longestNanos = Math.max(longestNanos, System.nanoTime() - packet.getLong(Long.BYTES));
        back++;
    }

    private boolean isWhole(ByteBuffer packet) {
        if (packet.remaining() != SIZE || packet.getLong(0) < 0 || packet.getLong(0) >= sent) {
            return false;
        }
        long number = packet.getLong(0);
        for (int i = 2 * Long.BYTES; i < SIZE; i++) {
            if (packet.get(i) != (byte) (number + i)) {
                return false;
            }
        }
        return true;
    }

    /** The end that answers. */
    static void serve(PacketConn conn) throws IOException {
        ByteBuffer packet = ByteBuffer.allocate(conn.maxPacketSize());
        while (conn.receive(packet.clear()) >= 0) {
            conn.send(packet.flip());
        }
    }
}
