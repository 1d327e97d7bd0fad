// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import io.rendr.bench.PacketMeter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One end of a flow of numbered packets. Each is counted once, and how long it was under way since it was due. */
final class PacketFlow extends Flow {
    /** Packets that are handed over at once: as many of 1 KiB as one call to a kernel with segmentation offload takes. */
    private static final int BATCH = 63;

    private static final int LARGEST = 64 << 10;
    private static final int RUN = 1;

    /** A sender that is so late cannot hold its rate. */
    private static final long GIVES_UP = 250_000_000;

    /** Odd, so that no two numbers have the same filling. */
    private static final long FILLING = 0x9e3779b97f4a7c15L;

    private final PacketWire packets;
    private final PacketMeter meter = new PacketMeter();
    private volatile long sent;
    private volatile long began;

    PacketFlow(PacketWire packets, int number) {
        super(packets, number);
        this.packets = packets;
        meter.begin(RUN);
    }

    @Override
    void readAll() throws IOException {
        ByteBuffer packet = ByteBuffer.allocateDirect(LARGEST);
        while (packets.read(packet.clear()) >= 0) {
            packet.flip();
            boolean whole = packet.remaining() == PacketMeter.SIZE && isFilled(packet);
            meter.arrived(
                    RUN,
                    whole ? packet.getLong(PacketMeter.NUMBER) : -1,
                    whole ? packet.getLong(PacketMeter.DUE) : 0,
                    packet.remaining());
        }
    }

    /**
     * Sends in the background; so many at a rate are given up if that is not held.
     *
     * @param rate packets a second; 0 for as fast as they are taken
     * @param count how many; 0 for ever
     */
    void send(double rate, long count) {
        write(() -> {
            long end = count == 0 ? Long.MAX_VALUE : sent + count;
            long first = sent;
            List<ByteBuffer> batch = new ArrayList<>();
            ByteBuffer block = ByteBuffer.allocateDirect(BATCH * PacketMeter.SIZE);
            began = System.nanoTime();
            long woke = began; // what this thread overslept is not the connection's
            while (!isPausing() && sent < end) {
                long due = rate == 0 ? System.nanoTime() : due(rate, sent - first);
                if (count > 0 && System.nanoTime() - due > GIVES_UP) {
                    break;
                }
                long now = System.nanoTime();
                if (now < due) {
                    awaitDue(due);
                    now = woke = System.nanoTime();
                }
                long next = sent;
                for (batch.clear(); batch.size() < BATCH && next < end && due <= now; next++) {
                    batch.add(fill(
                            block.slice(batch.size() * PacketMeter.SIZE, PacketMeter.SIZE), next, Math.max(due, woke)));
                    due = rate == 0 ? now : due(rate, next + 1 - first);
                }
                packets.send(batch);
                sent = next;
            }
        });
    }

    /** From here on the longest time counts in which nothing came. */
    void forgetGap() {
        meter.forgetGap();
    }

    private long due(double rate, long number) {
        return began + (long) (number * 1e9 / rate);
    }

    private static ByteBuffer fill(ByteBuffer packet, long number, long due) {
        packet.putLong(PacketMeter.RUN, RUN).putLong(PacketMeter.NUMBER, number).putLong(PacketMeter.DUE, due);
        for (int at = PacketMeter.DUE + Long.BYTES; at < PacketMeter.SIZE; at += Long.BYTES) {
            packet.putLong(at, FILLING * (number + at));
        }
        return packet;
    }

    private static boolean isFilled(ByteBuffer packet) {
        long number = packet.getLong(PacketMeter.NUMBER);
        boolean filled = packet.getLong(PacketMeter.RUN) == RUN;
        for (int at = PacketMeter.DUE + Long.BYTES; at < PacketMeter.SIZE; at += Long.BYTES) {
            filled &= packet.getLong(at) == FILLING * (number + at);
        }
        return filled;
    }

    @Override
    Map<String, Object> sent() {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("sent", sent);
        result.put("began", began);
        return result;
    }

    @Override
    Map<String, Object> received() {
        return new LinkedHashMap<>(meter.look());
    }

    @Override
    Map<String, Object> progress() {
        Map<String, Object> progress = received();
        progress.put("sent", sent);
        return progress;
    }
}
