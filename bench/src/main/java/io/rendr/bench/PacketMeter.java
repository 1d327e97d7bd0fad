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
public final class PacketMeter {
    /** Bytes of every packet. */
    public static final int SIZE = 1024;

    /** Where a packet says of which run it is; a long. */
    public static final int RUN = 0;

    /** Where a packet says which one of its run it is; a long. */
    public static final int NUMBER = 8;

    /** Where a packet says when it was due, by {@link System#nanoTime}; a long. */
    public static final int DUE = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private long run = -1;
    private BitSet seen = new BitSet();
    private Histogram nanos = new Histogram();
    private long packets;
    private long wrong;
    private long last;
    private long gap;

    /**
     * Forgets everything; what still comes of other runs is not counted.
     *
     * @param next the run that is counted
     */
    public void begin(long next) {
        lock.lock();
        try {
            run = next;
            seen = new BitSet();
            nanos = new Histogram();
            packets = 0;
            wrong = 0;
            last = 0;
            gap = 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A packet is here.
     *
     * @param ofRun of which run it says it is
     * @param number which one of it
     * @param due when it was to be sent
     * @param size of it in bytes
     */
    public void arrived(long ofRun, long number, long due, int size) {
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
        long now = System.nanoTime();
        gap = packets == 1 ? 0 : Math.max(gap, now - last);
        last = now;
        nanos.add(last - due);
    }

    /** Forgets the longest time between two packets; the one that goes on counts from its beginning. */
    public void forgetGap() {
        lock.lock();
        try {
            gap = 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What came so far: how many, how many more that nobody sent so, when the last one
     * came, the longest time between two; percentiles in nanoseconds.
     *
     * @return by name
     */
    public Map<String, Long> look() {
        Map<String, Long> map = new LinkedHashMap<>();
        lock.lock();
        try {
            map.put("packets", packets);
            map.put("wrong", wrong);
            map.put("last", last);
            map.put("gap", gap);
            map.put("p50", nanos.percentile(0.5));
            map.put("p95", nanos.percentile(0.95));
            map.put("p99", nanos.percentile(0.99));
        } finally {
            lock.unlock();
        }
        return map;
    }
}
