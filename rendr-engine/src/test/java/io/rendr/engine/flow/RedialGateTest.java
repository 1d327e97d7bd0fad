// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RedialGateTest {
    private final Mates mates = new Mates(TimeUnit.HOURS.toNanos(1));
    private final RedialGate gate = new RedialGate(mates.now);
    private final List<RedialGate.Pass> passes = new ArrayList<>();
    private final List<RedialGate.Pass> begun = new ArrayList<>();

    private void enter(int count, boolean urgent) {
        for (int i = 0; i < count; i++) {
            passes.add(gate.enter(mates.member("m" + i, begun::add), urgent, mates.now));
        }
        mates.run();
    }

    private void ended(int number, boolean connected) {
        mates.pass(1_000);
        passes.get(number).ended(connected, mates.now);
        mates.run();
    }

    private int begun(int at) {
        return passes.indexOf(begun.get(at));
    }

    @Test
    void atMost64AreUnderWay() {
        enter(100, false);
        assertThat(begun).hasSize(64);
        ended(begun(0), true);
        assertThat(begun).hasSize(65);
    }

    @Test
    void afterAFailureOneGoesAheadAndEachSuccessDoubles() {
        enter(64, false);
        enter(100, false);
        for (int i = 0; i < 64; i++) {
            ended(i, false);
        }
        assertThat(begun).hasSize(65);
        ended(begun(64), true);
        assertThat(begun).hasSize(67);
        ended(begun(65), true);
        assertThat(begun).hasSize(70);
        ended(begun(66), false);
        ended(begun(67), true);
        assertThat(begun).as("2 of 4 still run, 2 may").hasSize(70);
    }

    @Test
    void flowsWithOutstandingDataGoFirst() {
        enter(64, false);
        enter(1, false);
        enter(1, true);
        ended(0, true);
        assertThat(begun).hasSize(65);
        assertThat(begun(64)).isEqualTo(65);
    }

    @Test
    void atMost200BeginPerSecond() {
        enter(64, false);
        enter(64, false);
        for (int i = 0; i < 64; i++) {
            passes.get(i).ended(true, mates.now);
        }
        mates.run();
        assertThat(begun).as("the saved up tokens are used up").hasSize(65);
        mates.pass(50);
        assertThat(begun.size())
                .as("one each 5 ms, without anybody coming or going")
                .isBetween(73, 75);
    }

    @Test
    void aCancelledPassGivesItsPlaceBack() {
        enter(66, false);
        mates.pass(1_000);
        passes.get(65).cancel();
        passes.get(0).ended(true, mates.now);
        mates.run();
        assertThat(begun).hasSize(65).doesNotContain(passes.get(65));
        passes.get(0).cancel();
        mates.run();
        assertThat(begun).hasSize(65);
    }

    @Test
    void whoGivesUpLetsTheNextOneGo() {
        enter(66, false);
        mates.pass(1_000);
        enter(1, false);
        passes.get(0).cancel();
        mates.run();
        assertThat(begun).hasSize(65).contains(passes.get(66));
    }

    @Test
    void theNewestOfThoseWhoWaitHasTheMostTimeLeftAndGoesFirst() {
        enter(64, false);
        enter(3, false);
        ended(0, true);
        ended(1, true);
        assertThat(begun).hasSize(66);
        assertThat(begun(64)).isEqualTo(66);
        assertThat(begun(65)).isEqualTo(65);
    }

    @Test
    void anAttemptBeginsAfterItHasItsPass() {
        RedialGate.Pass pass = gate.enter(mates.member("m", begun::add), false, mates.now);
        assertThat(begun).isEmpty();
        mates.run();
        assertThat(begun).containsExactly(pass);
    }
}
