// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.InstanceId;
import io.rendr.PathSpec;
import io.rendr.engine.path.Quality;
import io.rendr.engine.path.RttEstimator;
import org.junit.jupiter.api.Test;

class PeerGroupTest {
    private static final InstanceId PEER = new InstanceId(1, 2);

    private final Mates mates = new Mates(SECONDS.toNanos(1_000));
    private final PeerGroup group = new PeerGroup(mates.now);

    @Test
    void anotherPeerOrInterfaceIsAnotherGroupAndAnotherNameIsNot() {
        PeerGroups groups = new PeerGroups();
        PeerGroup here = groups.of(PEER, PathSpec.of("tcp://h1:1"), 0);
        assertThat(groups.of(PEER, PathSpec.of("tcp://h1:1?name=wifi&backup=true"), 0))
                .isSameAs(here);
        assertThat(groups.of(PEER, PathSpec.of("tcp://h1:1?local=lte"), 0)).isNotSameAs(here);
        assertThat(groups.of(new InstanceId(3, 4), PathSpec.of("tcp://h1:1"), 0))
                .isNotSameAs(here);
    }

    @Test
    void whatTheyKnowIsKeptForLaterFlowsUntilTheyAreMany() {
        PeerGroups groups = new PeerGroups();
        PathSpec used = PathSpec.of("tcp://h1:1");
        PathSpec left = PathSpec.of("tcp://h1:2");
        PeerGroup inUse = groups.of(PEER, used, 0);
        inUse.join(mates.member("m"));
        PeerGroup empty = groups.of(PEER, left, 0);
        assertThat(groups.of(PEER, left, 0)).isSameAs(empty);
        for (int i = 0; i < 1_100; i++) {
            groups.of(new InstanceId(3, i), used, 0);
        }
        assertThat(groups.of(PEER, used, 0)).isSameAs(inUse);
        assertThat(groups.of(PEER, left, 0)).isNotSameAs(empty);
    }

    @Test
    void aNewPathBeginsWithWhatOthersHaveMeasured() {
        for (int i = 0; i < 20; i++) {
            group.measured(MILLISECONDS.toNanos(100), mates.now);
        }
        RttEstimator fresh = new RttEstimator();
        group.seed(fresh, MILLISECONDS.toNanos(100), mates.now);
        RttEstimator alone = new RttEstimator();
        alone.seed(MILLISECONDS.toNanos(100));
        assertThat(fresh.rto()).isEqualTo(MILLISECONDS.toNanos(135)).isLessThan(alone.rto());
    }

    @Test
    void aSlowHandshakeMakesANewPathPatient() {
        for (int i = 0; i < 20; i++) {
            group.measured(MILLISECONDS.toNanos(40), mates.now);
        }
        RttEstimator fresh = new RttEstimator();
        group.seed(fresh, MILLISECONDS.toNanos(2_000), mates.now);
        assertThat(fresh.rto()).isGreaterThan(MILLISECONDS.toNanos(2_000));
    }

    @Test
    void whatWasMeasuredLongAgoSaysNothing() {
        group.measured(MILLISECONDS.toNanos(5), mates.now);
        RttEstimator fresh = new RttEstimator();
        group.seed(fresh, MILLISECONDS.toNanos(100), mates.now + SECONDS.toNanos(61));
        assertThat(fresh.srtt()).isEqualTo(MILLISECONDS.toNanos(100));
    }

    @Test
    void whatAPathHasMeasuredItselfStays() {
        group.measured(MILLISECONDS.toNanos(5), mates.now);
        RttEstimator known = new RttEstimator();
        known.sample(MILLISECONDS.toNanos(100));
        group.seed(known, MILLISECONDS.toNanos(50), mates.now);
        assertThat(known.srtt()).isEqualTo(MILLISECONDS.toNanos(100));
    }

    // ---- failures

    private void join(int count) {
        for (int i = 0; i < count; i++) {
            join("m" + i);
        }
    }

    private PeerGroup.Member join(String name) {
        PeerGroup.Member member = mates.member(name);
        group.join(member);
        group.carried(member);
        return member;
    }

    @Test
    void threeFailuresTogetherHaveAllProbed() {
        join(4);
        group.failed(mates.now);
        group.failed(mates.now);
        mates.pass(200);
        assertThat(mates.told).isEmpty();
        group.failed(mates.now);
        assertThat(mates.told).as("not from inside the call").isEmpty();
        mates.run();
        assertThat(mates.told).containsExactly("m0", "m1", "m2", "m3");
    }

    @Test
    void failuresOneAfterTheOtherConcernNobodyElse() {
        join(4);
        for (int i = 0; i < 10; i++) {
            group.failed(mates.now);
            mates.pass(101);
        }
        assertThat(mates.told).isEmpty();
    }

    @Test
    void manyFailuresHaveAllProbedOncePerSecond() {
        join(1);
        for (int i = 0; i < 1_500; i++) {
            group.failed(mates.now);
            mates.pass(1);
        }
        assertThat(mates.told).hasSize(2);
    }

    @Test
    void whoHasNoCarrierOrIsGoneIsNotAsked() {
        PeerGroup.Member bare = join("bare");
        group.bare(bare);
        PeerGroup.Member gone = join("gone");
        group.leave(gone);
        group.bare(gone);
        join("there");
        for (int i = 0; i < 3; i++) {
            group.failed(mates.now);
        }
        mates.run();
        assertThat(mates.told).containsExactly("there");
    }

    @Test
    void whoConnectsAfterFailuresCallsThoseWhoWait() {
        join("carried");
        group.join(mates.member("waiting"));
        group.reached(mates.now);
        mates.run();
        assertThat(mates.told).as("nothing was wrong").isEmpty();
        group.unreachable();
        assertThat(group.isUnreachable()).isTrue();
        group.reached(mates.now);
        mates.run();
        assertThat(group.isUnreachable()).isFalse();
        assertThat(mates.told).containsExactly("waiting");
    }

    @Test
    void anAddressThatComesAndGoesCallsOncePerSecond() {
        group.join(mates.member("waiting"));
        for (int i = 0; i < 1_500; i++) {
            group.unreachable();
            group.reached(mates.now);
            mates.pass(1);
        }
        assertThat(mates.told).hasSize(2);
    }

    // ---- who answers

    private static final InstanceId OTHER = new InstanceId(7, 7);

    @Test
    void manyAnswersOfOneStrangerAndNoCarrierMeanThatThePeerIsGone() {
        group.join(mates.member("m"));
        for (int i = 1; i < PeerGroup.ANSWERS; i++) {
            group.refused(OTHER, mates.now);
        }
        mates.run();
        assertThat(group.successor()).isNull();
        assertThat(mates.told).isEmpty();
        group.refused(OTHER, mates.now);
        mates.run();
        assertThat(group.successor()).isEqualTo(OTHER);
        assertThat(mates.told).containsExactly("m");
    }

    @Test
    void aCarrierThatThePeerTookEndsTheCount() {
        PeerGroup.Member member = mates.member("m");
        group.join(member);
        for (int i = 1; i < PeerGroup.ANSWERS; i++) {
            group.refused(OTHER, mates.now);
        }
        group.carried(member);
        group.bare(member);
        group.refused(OTHER, mates.now);
        assertThat(group.successor()).isNull();
    }

    @Test
    void severalStrangersAreABalancer() {
        group.join(mates.member("m"));
        for (int i = 0; i < 10 * PeerGroup.ANSWERS; i++) {
            group.refused(new InstanceId(7, i % 2), mates.now);
        }
        assertThat(group.successor()).isNull();
    }

    @Test
    void whileCarriersLiveARefusalHasThreeOfThemProbedInTurn() {
        join(4);
        for (int i = 0; i < 10 * PeerGroup.ANSWERS; i++) {
            group.refused(OTHER, mates.now);
        }
        mates.run();
        assertThat(group.successor()).isNull();
        assertThat(mates.told).startsWith("m0", "m1", "m2", "m3", "m0", "m1").hasSize(30 * PeerGroup.ANSWERS);
    }

    // ---- quality

    private static final long INTERVAL = SECONDS.toNanos(1);

    @Test
    void oneIdleMemberProbesForAll() {
        PeerGroup.Member one = join("one");
        PeerGroup.Member other = join("other");
        assertThat(group.sampleAt(one, INTERVAL, mates.now)).isEqualTo(mates.now + INTERVAL);
        assertThat(group.sampleAt(other, INTERVAL, mates.now)).isEqualTo(Long.MAX_VALUE);
        mates.pass(1_500);
        group.measured(MILLISECONDS.toNanos(5), mates.now);
        assertThat(group.sampleAt(one, INTERVAL, mates.now)).isEqualTo(mates.now + INTERVAL);
    }

    @Test
    void whoDoesNotProbeOrLeavesIsReplaced() {
        PeerGroup.Member one = join("one");
        PeerGroup.Member other = join("other");
        PeerGroup.Member third = join("third");
        group.sampleAt(one, INTERVAL, mates.now);
        mates.pass(2_000);
        assertThat(group.sampleAt(other, INTERVAL, mates.now)).isLessThan(Long.MAX_VALUE);
        assertThat(group.sampleAt(one, INTERVAL, mates.now)).isEqualTo(Long.MAX_VALUE);
        group.leave(other);
        assertThat(group.sampleAt(third, INTERVAL, mates.now)).isLessThan(Long.MAX_VALUE);
    }

    @Test
    void whoWakesKnowsTheNewestMeasurement() {
        Quality own = new Quality();
        own.answered(MILLISECONDS.toNanos(50), mates.now);
        group.share(own);
        assertThat(own.rtt()).as("the group knows nothing").isEqualTo(MILLISECONDS.toNanos(50));
        mates.pass(20_000);
        group.measured(MILLISECONDS.toNanos(5), mates.now);
        group.missed();
        group.share(own);
        assertThat(own.rtt()).isEqualTo(MILLISECONDS.toNanos(5));
        assertThat(own.lossPercent()).isEqualTo(50);
        own.answered(MILLISECONDS.toNanos(4), mates.now + 1);
        group.share(own);
        assertThat(own.rtt()).as("its own is newer").isEqualTo(MILLISECONDS.toNanos(4));
    }
}
