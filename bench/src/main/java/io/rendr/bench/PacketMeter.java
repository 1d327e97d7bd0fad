// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the packets of one run at the far end, each once, and how long they were under way. That takes one clock for all
 * processes of the machine, which {@link System#nanoTime} is on Linux. Thread-safe.
 */
final class PacketMeter {
    /** Bytes of every packet. */
    static final int SIZE = 1024;

    /** Where a packet says of which run it is, which one of it, and when it was due; each is a long. */
    static final int RUN = 0;

    static final int NUMBER = 8;
    static final int DUE = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private long run = -1;
    private BitSet seen = new BitSet();
    private Histogram nanos = new Histogram();
    private long packets;
    private long wrong;
    private long last;

    /** Forgets everything; what still comes of other runs is not counted. */
    void begin(long next) {
        lock.lock();
        try {
            run = next;
            seen = new BitSet();
            nanos = new Histogram();
            packets = 0;
            wrong = 0;
            last = 0;
        } finally {
            lock.unlock();
        }
    }

    /** A packet of {@code size} bytes is here. */
    void arrived(long ofRun, long number, long due, int size) {
        lock.lock();
        try {
            if (ofRun == run) {
                count(number, due, size);
            }
        } finally {
            lock.unlock();
        }
    }

    private void count(long number, long due, int size) {
        if (size != SIZE || number < 0 || number > Integer.MAX_VALUE || seen.get((int) number)) {
            wrong++;
            return;
        }
        seen.set((int) number);
        packets++;
        last = System.nanoTime();
        nanos.add(last - due);
    }

    /** What came so far: how many, how many more that nobody sent so, when the last one came; percentiles in nanoseconds. */
    Map<String, Long> look() {
        Map<String, Long> map = new LinkedHashMap<>();
        lock.lock();
        try {
            map.put("packets", packets);
            map.put("wrong", wrong);
            map.put("last", last);
            map.put("p50", nanos.percentile(0.5));
            map.put("p95", nanos.percentile(0.95));
            map.put("p99", nanos.percentile(0.99));
        } finally {
            lock.unlock();
        }
        return map;
    }
}
