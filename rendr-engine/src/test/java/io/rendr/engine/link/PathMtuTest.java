// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PathMtuTest {
    private static final long RAISE = 600_000_000_000L;

    private static final long RTO = 200;

    private final PathMtu mtu = new PathMtu(65_507, 0, 0);
    private long number;

    private void probeArrives(long now) {
        mtu.probing(number);
        mtu.acknowledged(number++, mtu.probeSize(), now);
    }

    private void probeIsLost(long now) {
        mtu.probing(number);
        mtu.lost(number++, mtu.probeSize(), RTO, now);
    }

    /** Every size above the smallest is lost once on the way down. */
    private void find(int size) {
        while (mtu.probeSize() > size) {
            probeIsLost(0);
        }
        probeArrives(1);
        assertThat(mtu.size()).isEqualTo(size);
    }

    @Test
    void theLargestIsTriedFirstAndThenItRests() {
        assertThat(mtu.size()).isEqualTo(1_200);
        probeArrives(1);
        assertThat(mtu.size()).isEqualTo(1_472);
        assertThat(mtu.probeAt()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theSizesAreTriedFromTheLargestDownAtOnce() {
        for (int size : new int[] {1_472, 1_452, 1_400, 1_280}) {
            assertThat(mtu.probeAt()).isZero();
            assertThat(mtu.probeSize()).isEqualTo(size);
            probeIsLost(0);
        }
        assertThat(mtu.probeSize())
                .as("from here on each may have been lost by chance")
                .isEqualTo(1_280);
        assertThat(mtu.size()).isEqualTo(1_200);
    }

    @Test
    void fromWhatIsCarriedItGrowsStepByStep() {
        find(1_400);
        assertThat(mtu.probeSize()).isEqualTo(1_452);
        probeIsLost(2);
        assertThat(mtu.probeSize()).as("it may have been lost by chance").isEqualTo(1_452);
        probeArrives(3);
        probeArrives(4);
        assertThat(mtu.size()).isEqualTo(1_472);
        assertThat(mtu.probeAt()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void onAnotherRouteTheLargestIsTriedFirstAgain() {
        find(1_280);
        mtu.rerouted(2);
        assertThat(mtu.size()).isEqualTo(1_200);
        assertThat(mtu.probeSize()).isEqualTo(1_472);
    }

    @Test
    void oneProbeAtATime() {
        assertThat(mtu.probeAt()).isZero();
        mtu.probing(7);
        assertThat(mtu.probeAt()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void threeLostProbesSettleItForTenMinutes() {
        find(1_280);
        probeIsLost(2);
        probeIsLost(3);
        assertThat(mtu.probeAt()).isEqualTo(1);
        probeIsLost(4);
        assertThat(mtu.size()).isEqualTo(1_280);
        assertThat(mtu.probeAt()).isEqualTo(4 + RAISE);
    }

    @Test
    void noSizeBeyondWhatTheCarrierTakes() {
        PathMtu small = new PathMtu(1_300, 0, 0);
        small.probing(0);
        small.acknowledged(0, 1_280, 1);
        assertThat(small.size()).isEqualTo(1_280);
        assertThat(small.probeAt()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aCarrierThatCannotTakeWhatIsNeededIsTooSmallAsSoonAsThatIsKnown() {
        PathMtu small = new PathMtu(1_280, 1_400, 0);
        assertThat(small.isTooSmall()).isFalse();
        small.probing(0);
        small.acknowledged(0, 1_280, 1);
        assertThat(small.probeAt()).isEqualTo(Long.MAX_VALUE);
        assertThat(small.isTooSmall()).isTrue();
        assertThat(new PathMtu(1_000, 1_400, 0).isTooSmall()).isTrue();
    }

    @Test
    void whenOnlyLargeDatagramsVanishItGoesBackToTheBase() {
        find(1_400);
        boolean smaller = false;
        for (int i = 0; i < 6; i++) {
            assertThat(smaller).isFalse();
            mtu.acknowledged(number++, 100, 10);
            smaller = mtu.lost(number++, 1_400, RTO, 10 + i * RTO / 5);
        }
        assertThat(smaller).isTrue();
        assertThat(mtu.size()).isEqualTo(1_200);
        assertThat(mtu.probeAt()).isEqualTo(10 + RTO);
    }

    @Test
    void whatIsOvertakenInABurstIsNoSign() {
        find(1_280);
        for (int i = 0; i < 50; i++) {
            mtu.acknowledged(number++, 100, 10);
            assertThat(mtu.lost(number++, 1_280, RTO, 10 + i * RTO / 50)).isFalse();
        }
        mtu.acknowledged(number++, 1_280, 10 + RTO);
        mtu.acknowledged(number++, 100, 10 + RTO);
        assertThat(mtu.lost(number++, 1_280, RTO, 10 + RTO))
                .as("the large ones are there")
                .isFalse();
        assertThat(mtu.size()).isEqualTo(1_280);
    }

    @Test
    void whenEverythingVanishesSizeIsNotTheCause() {
        find(1_280);
        for (int i = 0; i < 50; i++) {
            assertThat(mtu.lost(number++, 1_280, RTO, 10 + i * RTO)).isFalse();
        }
        assertThat(mtu.size()).isEqualTo(1_280);
    }

    @Test
    void aLargeDatagramThatArrivesClearsTheSuspicion() {
        find(1_280);
        for (int i = 0; i < 50; i++) {
            mtu.acknowledged(number++, i % 5 == 0 ? 1_280 : 100, 10);
            assertThat(mtu.lost(number++, 1_280, RTO, 10 + i * RTO)).isFalse();
        }
    }

    @Test
    void whatALaterLargeDatagramHasOvertakenIsNoSign() {
        find(1_280);
        long later = number + 50;
        mtu.acknowledged(later, 1_280, 10);
        mtu.acknowledged(later + 1, 100, 10);
        for (int i = 0; i < 20; i++) {
            assertThat(mtu.lost(number++, 1_280, RTO, 10 + i * RTO)).isFalse();
        }
    }

    @Test
    void aCarrierOfSmallerDatagramsHasOneSize() {
        PathMtu small = new PathMtu(1_100, 0, 0);
        assertThat(small.size()).isEqualTo(1_100);
        assertThat(small.probeAt()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatIsNeededIsTriedFirst() {
        PathMtu packets = new PathMtu(9_000, 1_350, 0);
        assertThat(packets.suffices()).isFalse();
        assertThat(packets.isTooSmall()).as("before it is known").isFalse();
        assertThat(packets.probeSize()).isEqualTo(1_350);
        packets.probing(0);
        packets.acknowledged(0, 1_350, 1);
        assertThat(packets.suffices()).isTrue();
        assertThat(packets.size()).isEqualTo(1_350);
        assertThat(packets.probeSize()).isEqualTo(1_472);
    }

    @Test
    void whatIsNeededMayBeMoreThanIsUsual() {
        PathMtu packets = new PathMtu(65_507, 9_000, 0);
        packets.probing(0);
        packets.acknowledged(0, packets.probeSize(), 1);
        assertThat(packets.size()).isEqualTo(9_000);
        assertThat(packets.probeAt()).isEqualTo(Long.MAX_VALUE);
        PathMtu tooSmall = new PathMtu(1_472, 9_000, 0);
        assertThat(tooSmall.probeSize()).isEqualTo(1_472);
        assertThat(tooSmall.suffices()).isFalse();
    }

    @Test
    void withoutTheSizeThatIsNeededTheSearchGoesOnSoon() {
        PathMtu packets = new PathMtu(9_000, 1_350, 0);
        for (int i = 0; i < 6; i++) {
            assertThat(packets.isTooSmall()).isFalse();
            packets.probing(i);
            packets.lost(i, 1_350, RTO, 10);
        }
        assertThat(packets.probeAt()).isEqualTo(10 + RAISE / 120);
        assertThat(packets.isTooSmall()).isTrue();
        packets.probing(6);
        packets.acknowledged(6, 1_350, 20);
        assertThat(packets.isTooSmall()).isFalse();
    }

    @Test
    void aCarrierThatTakesLessThanBeforeIsGivenLess() {
        probeArrives(1);
        mtu.limit(1_300, 2);
        assertThat(mtu.size()).isEqualTo(1_280);
        mtu.limit(1_100, 3);
        assertThat(mtu.size()).isEqualTo(1_100);
        assertThat(mtu.probeAt()).isEqualTo(Long.MAX_VALUE);
        mtu.limit(1_452, 4);
        assertThat(mtu.size()).as("more has to prove itself").isEqualTo(1_200);
        assertThat(mtu.probeAt()).isEqualTo(4);
        probeArrives(5);
        assertThat(mtu.size()).isEqualTo(1_452);
    }

    @Test
    void packetsThatFittedDoSoNoMore() {
        PathMtu packets = new PathMtu(1_452, 1_350, 0);
        packets.probing(0);
        packets.acknowledged(0, 1_350, 1);
        assertThat(packets.isTooSmall()).isFalse();
        packets.limit(1_300, 2);
        assertThat(packets.suffices()).isFalse();
        assertThat(packets.isTooSmall()).isTrue();
    }
}
