// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

/**
 * The congestion window of one datagram carrier: CUBIC (RFC 9438), which leaves slow start by HyStart++ (RFC 9406), with
 * the congestion events of RFC 9002, section 7. Sizes in bytes, times in nanoseconds.
 *
 * <p>Multiplicative decrease 0.7, C = 0.4, fast convergence on; initial window 10 datagrams, at most max(14,720 bytes, two
 * datagrams) (RFC 9002, section 7.2); minimum window two datagrams.
 */
public final class Cubic implements CongestionWindow {
    private static final double BETA = 0.7;
    private static final double C = 0.4;
    /** What makes the AIMD window as fast as Reno's with its decrease of a half (RFC 9438, section 4.3). */
    private static final double ALPHA = 3 * (1 - BETA) / (1 + BETA);

    private static final double SECOND = 1e9;
    /** RFC 9002, section 7.7, suggests 5/4; slow start doubles the window in a round trip. */
    private static final double PACING = 1.25;

    private static final double SLOW_START_PACING = 2;

    private static final int INITIAL_DATAGRAMS = 10;
    private static final int INITIAL_BYTES = 14_720;
    private static final int LEAST_DATAGRAMS = 2;
    private static final long NEVER = Long.MIN_VALUE;

    private final HyStart start = new HyStart();
    private int datagram;
    private double window;
    private double threshold = Double.MAX_VALUE;
    /** The window before the last reduction, as fast convergence left it. */
    private double most;
    /** The window of an AIMD flow in the same place. */
    private double friendly;

    private double windowBefore;
    private double inflection;
    private long epoch = NEVER;
    private long recoveryFrom = NEVER;
    private long idleSince = NEVER;

    /**
     * @param datagram bytes of a full datagram
     */
    public Cubic(int datagram) {
        this.datagram = datagram;
        this.window = initial(datagram);
    }

    private static int initial(int datagram) {
        return Math.min(INITIAL_DATAGRAMS * datagram, Math.max(INITIAL_BYTES, LEAST_DATAGRAMS * datagram));
    }

    /** The window grows by datagrams, and so did it begin (RFC 9002, section 7.2). */
    @Override
    public void datagram(int bytes) {
        if (isFirstSlowStart()) {
            window += Math.max(0, initial(bytes) - initial(datagram));
        }
        datagram = bytes;
        epoch = NEVER;
    }

    @Override
    public long window() {
        return (long) window;
    }

    @Override
    public double pacing() {
        return isInSlowStart() ? SLOW_START_PACING : PACING;
    }

    /** Whether the window still grows by what is acknowledged. */
    private boolean isInSlowStart() {
        return window < threshold;
    }

    /** Only this one is for {@link HyStart} to end: later ones know where the last congestion was (RFC 9406, section 4.3). */
    private boolean isFirstSlowStart() {
        return threshold == Double.MAX_VALUE;
    }

    /** What was sent before this is part of a congestion that was answered already. */
    private boolean isInRecovery(long sentAt) {
        return recoveryFrom != NEVER && sentAt - recoveryFrom <= 0;
    }

    @Override
    public void sent(long number, long flying, long now) {
        start.sent(number);
    }

    @Override
    public void acknowledged(long number, int bytes, long sentAt, long rtt, long srtt, boolean limited, long now) {
        if (isFirstSlowStart()) {
            start.acknowledged(number, rtt);
        }
        if (isInRecovery(sentAt)) {
            return;
        }
        if (!limited) {
            // Time in which nothing pressed against the window is no time of the curve (RFC 9438, section 5.8).
            idleSince = idleSince == NEVER ? now : idleSince;
            return;
        }
        if (idleSince != NEVER && epoch != NEVER) {
            epoch += now - idleSince;
        }
        idleSince = NEVER;
        if (isInSlowStart()) {
            boolean first = isFirstSlowStart();
            window += (double) bytes / (first ? start.divisor() : 1);
            if (first && start.isOver()) {
                threshold = window;
            }
        } else {
            avoidCongestion(bytes, srtt, now);
        }
    }

    private void avoidCongestion(int bytes, long srtt, long now) {
        if (epoch == NEVER) {
            beginEpoch(now);
        }
        double t = (now - epoch) / SECOND;
        double curve = curve(t);
        double target = Math.max(window, Math.min(curve(t + srtt / SECOND), 1.5 * window));
        friendly += (friendly >= windowBefore ? 1 : ALPHA) * datagram * bytes / window;
        if (curve < friendly) {
            window = Math.max(window, friendly);
        } else {
            window += (target - window) * bytes / window;
        }
    }

    private void beginEpoch(long now) {
        epoch = now;
        friendly = window;
        if (most < window) {
            most = window;
            windowBefore = window;
        }
        inflection = Math.cbrt((most - window) / datagram / C);
    }

    private double curve(double t) {
        double x = t - inflection;
        return C * x * x * x * datagram + most;
    }

    @Override
    public boolean lost(long sentAt, long now) {
        if (isInRecovery(sentAt)) {
            return false;
        }
        recoveryFrom = now;
        epoch = NEVER;
        idleSince = NEVER;
        windowBefore = window;
        // RFC 9438, section 4.7, counts whole segments: a window that is less than one below has reached what it had.
        most = window <= most - datagram ? window * (1 + BETA) / 2 : window;
        window = Math.max(LEAST_DATAGRAMS * datagram, window * BETA);
        threshold = window;
        return true;
    }

    @Override
    public void persistentlyCongested(long now) {
        lost(now, now);
        window = LEAST_DATAGRAMS * datagram;
        most = 0; // the first congestion avoidance after it begins where slow start ends (RFC 9438, section 4.8)
        recoveryFrom = NEVER;
    }
}
