// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.InstanceId;
import io.rendr.engine.path.Quality;
import io.rendr.engine.path.RttEstimator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the flows of one runtime that lead to the same peer over the same route tell each other: how long it takes to
 * get there, whether anybody answers there, and whether that is still the peer. They share knowledge, never bytes. The
 * dialing end alone has groups; the accepting end does not know which of its carriers took the same route.
 *
 * <p>Thread-safe, since the flows live on several loops. What one flow has learned reaches the others through their
 * hosts, under their own exclusion, a moment later.
 */
final class PeerGroup {
    /** One path of one flow. */
    interface Member {
        FlowHost host();

        /** The {@link RedialGate} lets the attempt go that this pass was given for. */
        void dial(RedialGate.Pass pass, long now);

        /** Something was learned: time to look whether the carrier still answers, or to dial if there is none. */
        void news(long now);
    }

    /**
     * Refusals in a row, by the same runtime, after which another one counts as having taken the peer's place. Two would
     * do for one flow, which is all that an answer of its own can end; a balancer between two instances must not end a
     * whole group that it leads to the wrong one a few times.
     */
    static final int ANSWERS = 8;

    /** So many carriers that fail together are the group's affair. Each refusal has as many probed. */
    private static final int FAILURES = 3;

    private static final long TOGETHER = MILLISECONDS.toNanos(200);

    /** Nobody is told the same twice within this time. */
    private static final long PAUSE = SECONDS.toNanos(1);

    /** For so long a round trip that others measured says something about a new carrier. */
    private static final long MEMORY = SECONDS.toNanos(60);

    private final RedialGate gate;
    private final ReentrantLock lock = new ReentrantLock();
    /** Members with a carrier, the one that was asked last at the end. */
    private final Set<Member> carried = new LinkedHashSet<>();

    private final Set<Member> bare = new LinkedHashSet<>();
    private final RttEstimator rtt = new RttEstimator();
    private final Quality quality = new Quality();
    private long measuredAt;
    private @Nullable Member sampler;
    private long samplerUntil;
    private volatile boolean empty = true;
    private volatile boolean unreachable;
    private @Nullable InstanceId stranger;
    private int answers;
    private volatile @Nullable InstanceId successor;
    private long reachedAt;
    private final long[] failedAt = new long[FAILURES - 1];
    private long failures;
    private long nudgedAt;

    PeerGroup(long now) {
        gate = new RedialGate(now);
        reachedAt = now - PAUSE;
        measuredAt = now;
        nudgedAt = now - PAUSE;
    }

    /** Keeps the redials of the group apart. */
    RedialGate gate() {
        return gate;
    }

    // ---- members

    void join(Member member) {
        lock.lock();
        try {
            bare.add(member);
            empty = false;
        } finally {
            lock.unlock();
        }
    }

    void leave(Member member) {
        lock.lock();
        try {
            bare.remove(member);
            carried.remove(member);
            sampler = sampler == member ? null : sampler;
            empty = bare.isEmpty() && carried.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** A member has a carrier. */
    void carried(Member member) {
        lock.lock();
        try {
            if (bare.remove(member)) {
                carried.add(member);
            }
            // The peer took it: whoever else answered is of no account.
            answers = 0;
            successor = null;
        } finally {
            lock.unlock();
        }
    }

    /** A member's carrier is gone. */
    void bare(Member member) {
        lock.lock();
        try {
            if (carried.remove(member)) {
                bare.add(member);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody would miss it. */
    boolean isEmpty() {
        return empty;
    }

    // ---- whether somebody answers there, and who

    /**
     * A member's carrier fell silent or broke. What befalls several at once is likely to befall all, and those that say
     * nothing would not notice for many seconds: they are asked.
     */
    void failed(long now) {
        List<Member> told = List.of();
        lock.lock();
        try {
            int oldest = (int) (failures % failedAt.length);
            boolean together = failures >= failedAt.length && now - failedAt[oldest] <= TOGETHER;
            failedAt[oldest] = now;
            failures++;
            if (together && now - nudgedAt >= PAUSE) {
                nudgedAt = now;
                told = List.copyOf(carried);
            }
        } finally {
            lock.unlock();
        }
        tell(told, now);
    }

    /** A member's attempt to connect has failed. */
    void unreachable() {
        unreachable = true;
    }

    /** Whether nobody could connect lately. */
    boolean isUnreachable() {
        return unreachable;
    }

    /** A member has connected: if that was in vain before, the others need not wait for the end of their pauses. */
    void reached(long now) {
        if (!unreachable) {
            return;
        }
        List<Member> told = List.of();
        lock.lock();
        try {
            unreachable = false;
            if (now - reachedAt >= PAUSE) {
                reachedAt = now;
                told = List.copyOf(bare);
            }
        } finally {
            lock.unlock();
        }
        tell(told, now);
    }

    /**
     * An attach was refused by another runtime than the peer, which proved who it is. That may be a balancer's choice:
     * while a carrier of the group lives so does the peer. So some carriers have to show that they do; if they are
     * silent, that is noticed by all.
     */
    void refused(InstanceId by, long now) {
        List<Member> told = List.of();
        lock.lock();
        try {
            if (!carried.isEmpty()) {
                told = carried.stream().limit(FAILURES).toList();
                told.forEach(member -> {
                    carried.remove(member);
                    carried.add(member);
                });
            } else {
                answers = by.equals(stranger) ? answers + 1 : 1;
                stranger = by;
                if (answers == ANSWERS) {
                    successor = by;
                    told = List.copyOf(bare);
                }
            }
        } finally {
            lock.unlock();
        }
        tell(told, now);
    }

    /** Who has taken the place of the peer, as all members may believe; null while nobody has. */
    @Nullable
    InstanceId successor() {
        return successor;
    }

    private static void tell(List<Member> members, long now) {
        for (Member member : members) {
            member.host().callAt(now, member::news);
        }
    }

    // ---- round trips

    /** A member's probe was answered, with little in flight. */
    void measured(long roundTrip, long now) {
        lock.lock();
        try {
            rtt.sample(roundTrip);
            quality.answered(roundTrip, now);
            measuredAt = now;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells a path that has measured nothing yet what the others know. Its handshake, which holds cryptography and
     * perhaps a queue, counts as one sample among theirs, and as all there is if they know nothing.
     */
    void seed(RttEstimator fresh, long handshake, long now) {
        lock.lock();
        try {
            if (rtt.known() && now - measuredAt <= MEMORY) {
                fresh.seed(rtt, handshake == Attachment.UNMEASURED ? rtt.srtt() : handshake);
            } else if (handshake != Attachment.UNMEASURED) {
                fresh.seed(handshake);
            }
        } finally {
            lock.unlock();
        }
    }

    /** A member's probe was answered too late or not at all. */
    void missed() {
        lock.lock();
        try {
            quality.missed();
        } finally {
            lock.unlock();
        }
    }

    // ---- quality of routes whose flows are idle

    /**
     * When an idle member has to probe, so that the group knows how good the route is: one of them does it for all, once
     * per interval, unless a busy one does so anyway. Whoever asks when that one has not for two intervals takes over.
     *
     * @return {@link Long#MAX_VALUE} if another one does it
     */
    long sampleAt(Member member, long interval, long now) {
        lock.lock();
        try {
            if (sampler != member && sampler != null && now < samplerUntil) {
                return Long.MAX_VALUE;
            }
            sampler = member;
            samplerUntil = now + 2 * interval;
            return measuredAt + interval;
        } finally {
            lock.unlock();
        }
    }

    /** Tells a path whose flow was idle how good the route is. */
    void share(Quality own) {
        lock.lock();
        try {
            own.takeFrom(quality);
        } finally {
            lock.unlock();
        }
    }
}
