// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Packets at a steady rate, and what became of them. The sender does not slow down for what it sends to: what it cannot
 * send in time is late, and a packet's time under way begins when it was due. Only what the sender's own thread overslept
 * is not counted, for every kind has the same sender.
 *
 * @param rate packets a second that were asked for
 * @param asked how many packets that is
 * @param sent how many were accepted; fewer if the sender fell so far behind that it gave up
 * @param began when the first one was due
 * @param far what the far end's {@link PacketMeter} says
 * @param window CPU meanwhile
 */
record PacketRun(double rate, long asked, long sent, long began, Map<String, Long> far, Window window) {
    /** Datagrams of this size that one call to a kernel with segmentation offload takes: 64 KiB with their headers. */
    private static final int BATCH = 63;

    private static final long GIVES_UP = 250_000_000;
    private static final double LEAD_IN = 0.25;
    /** The last packet may arrive so much later than it was due: what waits then is a pause, not a queue that grows. */
    private static final double SLACK = 0.02;

    private static final long SLACK_NANOS = 20_000_000;
    private static final int LOOK_MILLIS = 20;
    private static final int SILENT_LOOKS = 25;

    private static final List<ByteBuffer> PACKETS = Stream.generate(() -> ByteBuffer.allocateDirect(PacketMeter.SIZE))
            .limit(BATCH)
            .toList();
    private static long runs;

    /** Sends for so long, after a lead-in that is not counted, and waits for the last packet. */
    static PacketRun of(PacketOut out, double rate, double seconds, FarProcess far) throws Exception {
        send(out, ++runs, rate, (long) (rate * LEAD_IN), System.nanoTime());
        long run = ++runs;
        long asked = (long) (rate * seconds);
        far.ask(Far.BEGIN + run);
        long[] sent = {0, System.nanoTime()};
        Window window = Window.around(far, () -> {
            sent[1] = System.nanoTime();
            sent[0] = send(out, run, rate, asked, sent[1]);
        });
        return new PacketRun(rate, asked, sent[0], sent[1], allOf(sent[0], far), window);
    }

    private static long send(PacketOut out, long run, double rate, long count, long began) throws IOException {
        double gap = 1e9 / rate;
        long woke = began;
        long number = 0;
        while (number < count) {
            long due = began + (long) (number * gap);
            long now = System.nanoTime();
            if (now - due > GIVES_UP) {
                break;
            }
            while (now < due) {
                LockSupport.parkNanos(due - now);
                now = System.nanoTime();
                woke = now;
            }
            int size = 0;
            while (size < BATCH && number < count && due <= now) {
                PACKETS.get(size++)
                        .clear()
                        .putLong(PacketMeter.RUN, run)
                        .putLong(PacketMeter.NUMBER, number)
                        .putLong(PacketMeter.DUE, Math.max(due, woke));
                number++;
                due = began + (long) (number * gap);
            }
            out.send(PACKETS.subList(0, size));
        }
        return number;
    }

    /** What the far end says when all is there, or when nothing has come for half a second. */
    private static Map<String, Long> allOf(long sent, FarProcess far) throws Exception {
        Map<String, Long> said = far.ask("packets");
        long before = -1;
        for (int silent = 0; said.get("packets") < sent && silent < SILENT_LOOKS; silent++) {
            Thread.sleep(LOOK_MILLIS);
            before = said.get("packets");
            said = far.ask("packets");
            silent = said.get("packets") > before ? 0 : silent;
        }
        return said;
    }

    /** How many of those that were accepted are missing. */
    long lost() {
        return sent - far.get("packets");
    }

    /** Whether everything was sent and arrived, each packet once, at the rate that was asked for. */
    boolean held() {
        double span = asked * 1e9 / rate * (1 + SLACK) + SLACK_NANOS;
        return sent == asked && lost() == 0 && far.get("wrong") == 0 && far.get("last") - began <= span;
    }

    double micros(String percentile) {
        return far.get(percentile) / 1e3;
    }

    /** CPU of both ends for a packet that arrived. */
    double cpuMicros() {
        return (window.nearCpu() + window.farCpu()) / 1e3 / Math.max(1, far.get("packets"));
    }

    @Override
    public String toString() {
        String why = sent < asked
                ? String.format("fell behind after %.2f s", sent / rate)
                : lost() > 0
                        ? "lost " + lost()
                        : String.format(
                                "last one late by %.0f ms", (far.get("last") - began) / 1e6 - 1e3 * asked / rate);
        return String.format("%.0f %s", rate, held() ? "held" : why);
    }
}
