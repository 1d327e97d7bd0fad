// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LivenessTest {
    private static final long MS = 1_000_000;
    private static final long S = 1000 * MS;

    private final RttEstimator fast = rtt(1 * MS);
    private final Liveness liveness = new Liveness(90 * S, 0);

    private static RttEstimator rtt(long sample) {
        RttEstimator rtt = new RttEstimator();
        for (int i = 0; i < 100; i++) {
            rtt.sample(sample);
        }
        return rtt;
    }

    @Test
    void aFastPathIsSuspectAfterTheFloor() {
        assertThat(liveness.suspicion(fast, 0)).isEqualTo(150 * MS);
    }

    @Test
    void aSlowPathIsSuspectAfterThreeTimeouts() {
        RttEstimator slow = rtt(200 * MS);
        assertThat(liveness.suspicion(slow, 0)).isEqualTo(3 * slow.rto());
    }

    @Test
    void falseSuspicionsDoubleTheThresholdUpToEightTimesForAMinute() {
        for (long expected : new long[] {2, 4, 8, 8}) {
            liveness.falselySuspected(S);
            assertThat(liveness.suspicion(fast, S)).isEqualTo(expected * 150 * MS);
        }
        assertThat(liveness.suspicion(fast, 61 * S + 1)).isEqualTo(150 * MS);
    }

    @Test
    void aSurvivedSilenceRaisesTheThresholdForAMinute() {
        liveness.survived(400 * MS, 5 * S);
        assertThat(liveness.suspicion(fast, 6 * S)).isEqualTo(600 * MS);
        assertThat(liveness.suspicion(fast, 54 * S)).isEqualTo(600 * MS);
        assertThat(liveness.suspicion(fast, 70 * S)).isEqualTo(150 * MS);
    }

    @Test
    void anOutageTeachesNoMoreThanASecond() {
        liveness.survived(30 * S, 5 * S);
        assertThat(liveness.suspicion(fast, 6 * S)).isEqualTo(1500 * MS);
    }

    @Test
    void suspicionComesInTimeForABudgetThatRuns() {
        RttEstimator verySlow = rtt(3 * S);
        assertThat(new Liveness(10 * S, 0).suspicion(verySlow, 0)).isEqualTo(2_500 * MS);
        assertThat(new Liveness(100 * MS, 0).suspicion(verySlow, 0)).isEqualTo(150 * MS);
        assertThat(liveness.suspicion(verySlow, 0)).isGreaterThan(5 * S);
    }

    @Test
    void suspicionComesWellBeforeDeath() {
        for (int i = 0; i < 5; i++) {
            liveness.falselySuspected(S);
        }
        RttEstimator slow = rtt(300 * MS);
        assertThat(liveness.suspicion(slow, S)).isEqualTo(Liveness.deadAfter(slow) / 2);
    }

    @Test
    void aPathThatWasLeftIsNotChosenAgainForAWhileThatGrows() {
        assertThat(liveness.eligible(0)).isTrue();
        liveness.returned(5 * S);
        assertThat(liveness.eligible(5 * S)).isTrue();
        liveness.left();
        liveness.returned(10 * S);
        liveness.returned(12 * S);
        assertThat(liveness.eligible(15 * S - 1)).isFalse();
        assertThat(liveness.eligible(15 * S)).isTrue();
        liveness.left();
        liveness.returned(60 * S);
        assertThat(liveness.eligible(70 * S - 1)).isFalse();
        assertThat(liveness.eligible(70 * S)).isTrue();
        liveness.left();
        liveness.returned(1000 * S);
        assertThat(liveness.eligible(1005 * S)).isTrue();
    }

    @Test
    void deathTakesFourSecondsOrEightRoundTrips() {
        assertThat(Liveness.deadAfter(fast)).isEqualTo(4 * S);
        assertThat(Liveness.deadAfter(rtt(S))).isEqualTo(8 * S);
    }
}
