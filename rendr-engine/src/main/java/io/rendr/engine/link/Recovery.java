// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.rendr.engine.path.RttEstimator;
import io.rendr.engine.wire.PackView;
import io.rendr.engine.wire.WireException;
import java.util.function.IntFunction;

/**
 * What became of the packets of a datagram carrier, and how many may be in flight: loss detection, probe time-out and
 * congestion control of RFC 9002, with a {@link CongestionWindow} and a {@link Pacer}.
 *
 * <p>A packet is lost when one sent three later was acknowledged, or one sent 9/8 of a round trip later (section 6.1). When
 * nothing is acknowledged for a probe time-out, SRTT + max(4 RTTVAR, 10 ms) + 25 ms, doubled each time, probes are owed
 * (section 6.2); a time-out alone gives nothing up.
 */
public final class Recovery {
    /** Learns the end of each packet. */
    public interface Outcome {
        void acknowledged(long number, int bytes);

        /** It will not be waited for any more; it may arrive all the same. */
        void lost(long number, int bytes);

        /** Whether the answer to what was sent at {@code then} can have been read as soon as it came. */
        boolean wasAwakeSince(long then);
    }

    private static final long PACKET_THRESHOLD = 3;
    private static final long GRANULARITY = MILLISECONDS.toNanos(1);
    private static final int PERSISTENT = 3;
    private static final int MOST_DOUBLINGS = 6;
    private static final int PROBES = 2;
    private static final long NEVER = Long.MAX_VALUE;

    private final RttEstimator rtt;
    private final Outcome outcome;
    private final SentPackets packets = new SentPackets();
    private final IntFunction<? extends CongestionWindow> windows;
    private CongestionWindow window;
    private final Pacer pacer;
    private int datagram;
    private long largestAcked = -1;
    private long lossAt = NEVER;
    /** There was no room for another packet when the newest one had left. That holds for all acknowledgements until the next. */
    private boolean full;

    /** One packet may go beyond the window that was just reduced, so that what was lost need not wait (RFC 9002, 7.3.2). */
    private boolean mayRepair;

    private int timeouts;
    private int probesOwed;
    /** What was sent before says nothing of the route. */
    private long reroutedFrom;

    private long firstSampleAt = NEVER;
    private long elicitingSentAt;
    /** Of the newest sample, with the time that the peer waited. */
    private long latestRtt;

    /**
     * @param datagram bytes of a full datagram
     * @param windows makes the window of a new route, of the bytes of a full datagram
     */
    public Recovery(
            int datagram,
            RttEstimator rtt,
            IntFunction<? extends CongestionWindow> windows,
            Outcome outcome,
            long now) {
        this.datagram = datagram;
        this.windows = windows;
        this.rtt = rtt;
        this.outcome = outcome;
        this.window = windows.apply(datagram);
        this.pacer = new Pacer(datagram, now);
    }

    /** How many bytes a full datagram has from now on. */
    public void datagram(int bytes) {
        if (datagram != bytes) {
            datagram = bytes;
            window.datagram(bytes);
            pacer.datagram(bytes);
        }
    }

    // ---- what may be sent

    /** What may be in flight, in bytes. */
    public long window() {
        return window.window();
    }

    public long inFlight() {
        return packets.inFlight();
    }

    /** Whether another full datagram may be in flight; probes of a time-out and the first one after a loss may be in any case. */
    public boolean hasRoom() {
        return probesOwed > 0 || mayRepair || packets.inFlight() + datagram <= window.window();
    }

    /** When the next datagram may leave; not after {@code now} if it may now. */
    public long paceAt(long now) {
        return probesOwed > 0 ? now : pacer.at(now);
    }

    /**
     * Datagrams that shall go out although the window is full, to bring an acknowledgement about. They should be no larger
     * than {@link PathMtu#BASE}: the size of the others may be why nothing comes back.
     */
    public int probesOwed() {
        return probesOwed;
    }

    /** The number of the packet that is sent next. */
    public long nextNumber() {
        return packets.next();
    }

    /**
     * Notes that the next packet was sent.
     *
     * @param bytes of the datagram
     * @param eliciting whether it asks for an acknowledgement
     * @param sizeProbe whether it only tries a size
     */
    public void sent(int bytes, boolean eliciting, boolean sizeProbe, long now) {
        long flying = packets.inFlight();
        int how = (eliciting ? SentPackets.ELICITING : 0) | (sizeProbe ? SentPackets.PROBE : 0);
        long number = packets.add(bytes, how, now);
        if (eliciting) {
            elicitingSentAt = now;
            probesOwed = Math.max(0, probesOwed - 1);
            mayRepair = false;
            window.sent(number, flying, now);
            pacer.sent(bytes, now);
            full = packets.inFlight() + datagram > window.window();
        }
    }

    // ---- what comes back

    /**
     * Takes what the peer says has arrived.
     *
     * @return whether any of it is new
     * @throws WireException if it names a packet that was not sent
     */
    public boolean acknowledged(PackView pack, long now) {
        if (pack.largest() >= packets.next()) {
            throw new WireException(
                    WireException.Reason.BAD_VALUE,
                    "PACK of packet " + pack.largest() + ", the last one sent was " + (packets.next() - 1));
        }
        long sample = packets.isOpen(pack.largest()) ? sample(pack, now) : 0;
        // What the pacer holds back uses the window as well (RFC 9002, section 7.8).
        boolean limited = full || pacer.isHolding(now);
        boolean progress = false;
        for (int i = pack.rangeCount() - 1; i >= 0; i--) {
            long end = pack.rangeEnd(i);
            for (long number = Math.max(packets.first(), pack.rangeStart(i)); number < end; number++) {
                if (packets.isOpen(number)) {
                    progress = true;
                    arrived(number, limited, number == pack.largest() ? sample : 0, now);
                }
            }
        }
        if (progress) {
            largestAcked = Math.max(largestAcked, pack.largest());
            timeouts = 0;
            probesOwed = 0;
            detectLoss(now);
        }
        return progress;
    }

    /** The round trip of the newest packet, without the time that the peer says it waited (RFC 9002, section 5.3). */
    private long sample(PackView pack, long now) {
        long sentAt = packets.sentAt(pack.largest());
        if (!packets.is(pack.largest(), SentPackets.ELICITING) || !outcome.wasAwakeSince(sentAt)) {
            return 0;
        }
        long whole = Math.max(1, now - sentAt);
        long held = Math.min(MICROSECONDS.toNanos(pack.delayMicros()), RttEstimator.REPORT_DELAY);
        long sample = rtt.known() && whole - held >= rtt.min() ? whole - held : whole;
        latestRtt = whole;
        rtt.sample(sample);
        firstSampleAt = firstSampleAt == NEVER ? now : firstSampleAt;
        return sample;
    }

    private void arrived(long number, boolean limited, long sample, long now) {
        if (packets.is(number, SentPackets.ELICITING)) {
            window.acknowledged(
                    number, packets.bytes(number), packets.sentAt(number), sample, rtt.srtt(), limited, now);
        }
        packets.remove(number);
        outcome.acknowledged(number, packets.bytes(number));
    }

    private void detectLoss(long now) {
        giveUpLost(now);
        pacer.rate(window.pacing(), window.window(), rtt.srtt(), now);
    }

    private void giveUpLost(long now) {
        long patience = Math.max(GRANULARITY, Math.max(rtt.srtt(), latestRtt) * 9 / 8);
        long newest = Long.MIN_VALUE;
        long runFrom = NEVER;
        long longestRun = 0;
        lossAt = NEVER;
        for (long number = packets.first(); number < largestAcked; number++) {
            if (!packets.isOpen(number)) {
                runFrom = NEVER;
                continue;
            }
            long sentAt = packets.sentAt(number);
            if (largestAcked - number < PACKET_THRESHOLD && now - sentAt < patience) {
                lossAt = Math.min(lossAt, sentAt + patience);
                continue;
            }
            boolean congestion = number >= reroutedFrom
                    && packets.is(number, SentPackets.ELICITING)
                    && !packets.is(number, SentPackets.PROBE);
            packets.remove(number);
            outcome.lost(number, packets.bytes(number));
            if (congestion) {
                newest = Math.max(newest, sentAt);
                runFrom = runFrom == NEVER && sentAt - firstSampleAt > 0 ? sentAt : runFrom;
                longestRun = runFrom == NEVER ? longestRun : Math.max(longestRun, sentAt - runFrom);
            }
        }
        if (newest == Long.MIN_VALUE) {
            return;
        }
        if (longestRun > PERSISTENT * rtt.rto()) {
            window.persistentlyCongested(now);
        } else {
            mayRepair |= window.lost(newest, now);
        }
    }

    // ---- time

    /** When {@link #onTimer} has something to do; {@link Long#MAX_VALUE} while it has not. */
    public long deadline() {
        if (lossAt != NEVER) {
            return lossAt;
        }
        return packets.anyEliciting() ? elicitingSentAt + (rtt.rto() << Math.min(MOST_DOUBLINGS, timeouts)) : NEVER;
    }

    public void onTimer(long now) {
        if (now < deadline()) {
            return;
        }
        if (lossAt != NEVER) {
            detectLoss(now);
        } else {
            timeouts++;
            probesOwed = PROBES;
            elicitingSentAt = now;
        }
    }

    /** Probe time-outs since the last acknowledgement. */
    public int timeouts() {
        return timeouts;
    }

    /** What was learned of the route holds no longer: the peer is somewhere else (RFC 9000, section 9.4). */
    public void rerouted(long now) {
        packets.discount();
        full = false;
        mayRepair = false;
        reroutedFrom = packets.next();
        window = windows.apply(datagram);
        pacer.rate(0, 0, 0, now);
        lossAt = NEVER;
        timeouts = 0;
    }
}
