// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The network under one link: how long bytes take, what is broken right now, and which connections run over it. All
 * connections share its bottleneck, one for each direction.
 */
final class Route {
    private static final int NARROW = 1_200;
    private static final long RTO_FLOOR = MILLISECONDS.toNanos(200);
    /** A piece that waits so long for those of others makes two of them as late as the engine takes for silence. */
    private static final long CROWD = MILLISECONDS.toNanos(75);

    private static final long CROWDED_FOR = MILLISECONDS.toNanos(2_000);

    private final Schedule.LinkPlan plan;
    private final Timeline timeline;
    private final SplittableRandom random;
    private final List<Way> ways = new ArrayList<>();
    private final long[] bottleneckFree = new long[2];
    private final int[] blackholes = new int[2];
    private int hanging;
    private int refusing;
    private int mute;
    private int slow;
    private int narrow;
    private int tarpit;
    private int impostors;
    private int relays;
    private int faults;
    private long stalledUntil = Long.MIN_VALUE;
    private long lastDisturbed;
    private long lastBroken;
    private long lastCrowded;
    private long corruptUntil = Long.MIN_VALUE;
    private @Nullable Datagrams datagrams;

    /** A route that has been well for long. */
    Route(Schedule.LinkPlan plan, Timeline timeline, SplittableRandom random) {
        this.plan = plan;
        this.timeline = timeline;
        this.random = random;
        this.lastDisturbed = timeline.now() - Conversation.CLEAN - MILLISECONDS.toNanos(120_000);
        this.lastBroken = lastDisturbed;
        this.lastCrowded = lastDisturbed;
        bottleneckFree[0] = timeline.now();
        bottleneckFree[1] = timeline.now();
    }

    Schedule.LinkPlan plan() {
        return plan;
    }

    void carries(Datagrams traffic) {
        datagrams = traffic;
    }

    /** Only on a route of datagrams. */
    Datagrams datagrams() {
        return Objects.requireNonNull(datagrams);
    }

    Timeline timeline() {
        return timeline;
    }

    SplittableRandom random() {
        return random;
    }

    int id() {
        return plan.id();
    }

    void opened(Way way) {
        ways.add(way);
    }

    void forget(Way way) {
        ways.remove(way);
        if (way.isBroken()) {
            lastBroken = timeline.now();
        }
    }

    /** What has not ended at both sides. */
    List<Way> ways() {
        return List.copyOf(ways);
    }

    // ---- time

    long delay() {
        return MICROSECONDS.toNanos(plan.delayUs());
    }

    /** Propagation and a little chance. */
    long transit() {
        long jitter = MICROSECONDS.toNanos(plan.jitterUs());
        return delay() + (jitter == 0 ? 0 : random.nextLong(jitter + 1));
    }

    /** How long a question and its answer take at most when nothing is wrong; each may be lost once by chance. */
    long roundTrip() {
        long jitter = MICROSECONDS.toNanos(plan.jitterUs());
        return 2 * (delay() + jitter + (plan.lossPpm() > 0 ? rto() : 0));
    }

    long rto() {
        return Math.max(RTO_FLOOR, 2 * (2 * delay() + MICROSECONDS.toNanos(plan.jitterUs())));
    }

    long rate() {
        return slow > 0 ? Math.max(2_000, plan.rate() / 20) : plan.rate();
    }

    /** How many bytes leave in one piece: what the bottleneck carries in 5 ms. */
    int quantum() {
        return (int) Math.max(1_448, Math.min(64 * 1024, rate() / 200));
    }

    /** When {@code bytes} that are ready now have passed the bottleneck. */
    long passBottleneck(int direction, int bytes) {
        long start = Math.max(timeline.now(), bottleneckFree[direction]);
        if (start - timeline.now() > CROWD && ways.size() > 1) {
            lastCrowded = timeline.now();
        }
        bottleneckFree[direction] = start + transmission(bytes);
        return bottleneckFree[direction];
    }

    /** How long the bottleneck takes for so many bytes. */
    long transmission(int bytes) {
        return Math.max(1, (long) (bytes * 1e9 / rate()));
    }

    /**
     * What one connection sends had to wait for so long because of what others sent, or a datagram of what was queued; or
     * all datagrams of a carrier have found no room for so long.
     */
    void heldUp(long nanos) {
        if (nanos > CROWD && (ways.size() > 1 || plan.datagrams())) {
            lastCrowded = timeline.now();
        }
    }

    /**
     * Whether bytes lately had to wait here behind those of others for longer than a fast path may be silent. A flow
     * knows what it sent itself, and by what that delays; of what others begin to send at once it cannot know. Nor can
     * it know how far the congestion control of its peer has filled the queue of a datagram route, which begins with ten
     * packets whatever the rate.
     */
    boolean wasCrowded() {
        return timeline.now() - lastCrowded < CROWDED_FOR;
    }

    /** When something arrives that would arrive at {@code time} if nothing stood still. */
    long notBeforeStall(long time) {
        return Math.max(time, stalledUntil);
    }

    /** How long so many bytes take at most, with what is lost and has to be waited for. */
    long transferTime(long bytes) {
        if (plan.datagrams()) {
            return datagramsTime(bytes);
        }
        double losses = (double) bytes / quantum() * plan.lossPpm() / 1e6 * 2 * (2 * delay() + rto());
        double window = (double) bytes / (32 * 1024) * 2 * delay();
        return (long) (1e9 * bytes / rate() + losses + window);
    }

    /** At the rate that congestion control has with so much loss, and no less than two datagrams in a time-out. */
    private long datagramsTime(long bytes) {
        double loss = Math.max(1e-6, plan.lossPpm() / 1e6);
        double window = Math.max(2, 1.2 / Math.sqrt(loss)) * NARROW;
        return (long) (1e9 * bytes / rate() + bytes / window * (roundTrip() + MILLISECONDS.toNanos(60)));
    }

    // ---- faults

    boolean swallows(int direction) {
        return blackholes[direction] > 0;
    }

    /** Whether a piece of so many bytes is too large for something on the way, which does not say so. */
    boolean tooLarge(int bytes) {
        return narrow > 0 && bytes > NARROW;
    }

    boolean connectHangs() {
        return hanging > 0 || swallows(0) || swallows(1);
    }

    /** Whether what is opened now comes to nothing. */
    boolean hangs() {
        return hanging > 0;
    }

    boolean connectRefused() {
        return refusing > 0;
    }

    boolean tarpit() {
        return tarpit > 0;
    }

    /** Whether somebody else answers at the far end. */
    boolean impostor() {
        return impostors > 0;
    }

    /** Whether somebody relays datagrams from an address of his own. */
    boolean relayed() {
        return relays > 0;
    }

    boolean mute() {
        return mute > 0;
    }

    boolean corrupts() {
        return timeline.now() < corruptUntil;
    }

    /** Nothing has been wrong for a new connection since then; only while {@link #sound}. */
    long lastDisturbed() {
        return lastDisturbed;
    }

    boolean sound() {
        return faults == 0;
    }

    /**
     * Whether nothing has troubled anybody on this route for so long: neither is something wrong with it, nor has a
     * connection that a fault once broke an end that has yet to learn of it.
     */
    boolean calmFor(long nanos) {
        boolean whole = ways.stream().noneMatch(Way::isBroken);
        return sound() && whole && timeline.now() - Math.max(lastDisturbed, lastBroken) >= nanos;
    }

    /** Whether a dialer's NAT has forgotten it, which nobody learns before that dialer says something. */
    boolean isForgotten() {
        return ways.stream().anyMatch(way -> way instanceof DatagramSocket socket && socket.isForgotten());
    }

    /** Something that concerns this route is wrong, here or at an end. */
    void disturb() {
        faults++;
        lastDisturbed = timeline.now();
    }

    /** That is over. */
    void settle() {
        faults--;
        lastDisturbed = timeline.now();
    }

    void begin(Schedule.Fault fault) {
        if (fault.kind() == Schedule.FaultKind.UNDECLARED) {
            blackholes[0]++;
            blackholes[1]++;
            return;
        }
        disturb();
        long end = timeline.now() + MILLISECONDS.toNanos(fault.forMs());
        switch (fault.kind()) {
            case BLACKHOLE -> {
                blackholes[0]++;
                blackholes[1]++;
            }
            case BLACKHOLE_FORWARD -> blackholes[0]++;
            case BLACKHOLE_BACK -> blackholes[1]++;
            case STALL -> stalledUntil = Math.max(stalledUntil, end);
            case RST -> ways().forEach(way -> way.tear(true, true));
            case RST_ONE_END ->
                ways().forEach(way -> {
                    boolean dialer = random.nextBoolean();
                    way.tear(dialer, !dialer);
                });
            case FIN -> ways().forEach(Way::finishBoth);
            case NAT_SILENT -> ways().forEach(way -> way.forgottenByNat(false));
            case NAT_RST -> ways().forEach(way -> way.forgottenByNat(true));
            case CONNECT_HANG -> hanging++;
            case CONNECT_REFUSED -> refusing++;
            case CONNECT_MUTE -> mute++;
            case SLOW -> slow++;
            case MTU -> narrow++;
            case TARPIT -> tarpit++;
            case IMPOSTOR -> impostors++;
            case CORRUPT -> corruptUntil = Math.max(corruptUntil, end);
            case RELAY -> relays++;
            default -> throw new IllegalArgumentException(fault + " does not befall a link");
        }
    }

    void end(Schedule.Fault fault) {
        if (fault.kind() == Schedule.FaultKind.UNDECLARED) {
            blackholes[0]--;
            blackholes[1]--;
            return;
        }
        settle();
        switch (fault.kind()) {
            case BLACKHOLE -> {
                blackholes[0]--;
                blackholes[1]--;
            }
            case BLACKHOLE_FORWARD -> blackholes[0]--;
            case BLACKHOLE_BACK -> blackholes[1]--;
            case CONNECT_HANG -> hanging--;
            case CONNECT_REFUSED -> refusing--;
            case CONNECT_MUTE -> mute--;
            case SLOW -> slow--;
            case MTU -> narrow--;
            case TARPIT -> tarpit--;
            case IMPOSTOR -> impostors--;
            case RELAY -> relays--;
            default -> {}
        }
    }

    @Override
    public String toString() {
        return "link" + plan.id();
    }
}
