// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

/**
 * How fast the peer reports the bytes of one carrier received, and what follows from it: how much may be in flight, how
 * large a frame and a batch should be.
 *
 * <p>The cap begins small and grows by what arrives, as in slow start (RFC 5681, section 3.1), until 64 KiB are in
 * flight or a queue shows. What waits in a queue delays the receipts of the other direction, so that on a slow link a
 * large one would look like silence.
 *
 * <p>A sample spans at least one smoothed round trip and 10 ms. The rate is the largest of the last eight samples; a
 * sample taken while the sender had nothing to send may only raise it, in the manner of delivery-rate estimation in
 * BBR.
 */
public final class DeliveryRate {
    /** Bytes allowed in flight before anything was measured: about the initial window of TCP (RFC 6928). */
    public static final long INITIAL_CAP = 16 * 1024;

    private static final int MIN_FRAME = 1024;
    private static final long MIN_CAP = 4 * 1024;
    private static final long FLOOR_CAP = 64 * 1024;
    /** A round trip so much longer than the shortest shows a queue; what drains in that time may always be in flight. */
    private static final long QUEUE = MILLISECONDS.toNanos(100);

    private static final long MAX_CAP = 64L << 20;
    private static final int SAMPLES = 8;
    private static final double GROWTH = 1.25;
    private static final long MIN_SPAN = MILLISECONDS.toNanos(10);

    private final double[] samples = new double[SAMPLES];
    private int next;
    private double rate;
    private double newest;
    private long cap = INITIAL_CAP;
    private boolean starting = true;

    private long spanStart = Long.MIN_VALUE;
    private long spanBytes;
    private long receivedAt = Long.MIN_VALUE;
    private boolean limited;

    /** Notes that the sender had nothing to send, so that the running sample may be too low. */
    public void applicationLimited() {
        limited = true;
    }

    /**
     * Notes that bytes go out while none are in flight. A silence before them must not count; a moment in which all had
     * arrived does, or a fast path would never have a sample.
     */
    public void begins(long now) {
        if (receivedAt == Long.MIN_VALUE || now - receivedAt >= MIN_SPAN) {
            restart(now);
        }
    }

    private void restart(long now) {
        spanStart = now;
        spanBytes = 0;
        limited = false;
    }

    /** Notes that the peer received {@code bytes} more. */
    public void received(long bytes, RttEstimator rtt, long now) {
        receivedAt = now;
        if (spanStart == Long.MIN_VALUE) {
            restart(now);
            spanBytes = bytes;
            return;
        }
        spanBytes += bytes;
        if (starting && !limited && cap < FLOOR_CAP) {
            cap = Math.min(FLOOR_CAP, cap + bytes);
        }
        long span = now - spanStart;
        if (span < Math.max(rtt.srtt(), MIN_SPAN)) {
            return;
        }
        double sample = spanBytes * 1e9 / span;
        newest = sample;
        if (!limited || sample > rate) {
            take(sample, rtt);
        }
        restart(now);
    }

    private void take(double sample, RttEstimator rtt) {
        double before = rate;
        samples[next] = sample;
        next = (next + 1) % SAMPLES;
        rate = 0;
        for (double s : samples) {
            rate = Math.max(rate, s);
        }
        long wanted = (long) (2 * rate / 1e9 * (rtt.min() + RttEstimator.REPORT_DELAY));
        if (starting && !limited) {
            boolean queued = rtt.last() - rtt.min() > QUEUE;
            starting = !queued && (cap < FLOOR_CAP || sample >= GROWTH * before);
            wanted = starting && cap >= FLOOR_CAP ? Math.max(wanted, 2 * cap) : wanted;
        }
        long soon = (long) (rate / 1e9 * QUEUE);
        long floor = starting ? cap : Math.max(MIN_CAP, Math.min(FLOOR_CAP, soon));
        cap = Math.max(floor, Math.min(MAX_CAP, wanted));
    }

    /** Bytes per second, 0 while unknown. */
    public double rate() {
        return rate;
    }

    /** How long {@code bytes} take at the rate that was measured, in nanoseconds. */
    public long timeFor(long bytes, RttEstimator rtt) {
        return time(bytes, rate, rtt);
    }

    /**
     * How long {@code bytes} that are in flight take to drain, in nanoseconds: at the pace of the newest sample, which
     * also tells of a carrier that has slowed down and is given nothing new.
     */
    public long drainTime(long bytes, RttEstimator rtt) {
        return time(bytes, newest, rtt);
    }

    private static long time(long bytes, double bytesPerSecond, RttEstimator rtt) {
        double pace = bytesPerSecond > 0 ? bytesPerSecond : INITIAL_CAP * 1e9 / Math.max(rtt.srtt(), MIN_SPAN);
        return (long) (bytes * 1e9 / pace);
    }

    /**
     * The most payload that may be in flight: 2 x rate x (min RTT + 25 ms), but at least 64 KiB as far as these drain
     * within 100 ms, and 4 KiB in any case.
     */
    public long inFlightCap() {
        return cap;
    }

    /** Payload bytes of one frame: 10 ms of the rate, between 1 KiB and {@code max}. */
    public int frameSize(int max) {
        return (int) Math.max(MIN_FRAME, Math.min(max, rate / 100));
    }

    /** Bytes of one batch: 5 ms of the rate, between 16 KiB and 256 KiB. */
    public int batchSize() {
        return rate == 0 ? (int) INITIAL_CAP : (int) Math.max(16 * 1024, Math.min(256 * 1024, rate / 200));
    }
}
