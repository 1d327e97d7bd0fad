// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.rendr.InstanceId;
import io.rendr.PathSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RedialGateTest {
    private static final RedialGate.Group GROUP = new RedialGate.Group(new InstanceId(1, 2), PathSpec.of("tcp://h1:1"));

    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final HomeLoop home = new HomeLoop(loop);
    private final AtomicLong now = new AtomicLong(TimeUnit.HOURS.toNanos(1));
    private final RedialGate gate = new RedialGate(now::get);
    private final List<RedialGate.Pass> passes = new ArrayList<>();
    private final List<Integer> begun = new ArrayList<>();

    @AfterEach
    void end() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Everything happens on the loop, so that what was begun is known when a call returns. */
    private void onLoop(Runnable body) {
        loop.submit(body).syncUninterruptibly();
        loop.submit(() -> {}).syncUninterruptibly();
    }

    private void enter(int count, boolean urgent) {
        onLoop(() -> {
            for (int i = 0; i < count; i++) {
                int number = passes.size();
                passes.add(gate.enter(GROUP, urgent, home, () -> begun.add(number)));
            }
        });
    }

    private void ended(int number, boolean connected) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        onLoop(() -> passes.get(number).ended(connected));
    }

    @Test
    void atMost64AreUnderWay() {
        enter(100, false);
        assertThat(begun).hasSize(64);
        ended(begun.get(0), true);
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
        ended(begun.get(64), true);
        assertThat(begun).hasSize(67);
        ended(begun.get(65), true);
        assertThat(begun).hasSize(70);
        ended(begun.get(66), false);
        ended(begun.get(67), true);
        assertThat(begun).as("2 of 4 still run, 2 may").hasSize(70);
    }

    @Test
    void flowsWithOutstandingDataGoFirst() {
        enter(64, false);
        enter(1, false);
        enter(1, true);
        ended(0, true);
        assertThat(begun).hasSize(65).endsWith(65);
    }

    @Test
    void atMost200BeginPerSecond() {
        enter(64, false);
        enter(64, false);
        onLoop(() -> {
            for (int i = 0; i < 64; i++) {
                passes.get(i).ended(true);
            }
        });
        assertThat(begun).as("the saved up tokens are used up").hasSizeLessThanOrEqualTo(65);
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(50));
        onLoop(() -> passes.get(begun.get(64)).cancel());
        assertThat(begun.size()).isBetween(74, 75);
    }

    @Test
    void aCancelledPassGivesItsPlaceBack() {
        enter(66, false);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        onLoop(() -> passes.get(65).cancel());
        onLoop(() -> passes.get(0).cancel());
        assertThat(begun).hasSize(65).doesNotContain(65);
        onLoop(() -> passes.get(0).cancel());
        assertThat(begun).hasSize(65);
    }

    @Test
    void anotherPeerOrInterfaceIsAnotherGroup() {
        enter(64, false);
        RedialGate.Group peer = new RedialGate.Group(new InstanceId(3, 4), PathSpec.of("tcp://h1:1"));
        RedialGate.Group lte = new RedialGate.Group(new InstanceId(1, 2), PathSpec.of("tcp://h1:1?local=lte"));
        onLoop(() -> gate.enter(peer, false, home, () -> begun.add(-1)));
        onLoop(() -> gate.enter(lte, false, home, () -> begun.add(-2)));
        assertThat(begun).hasSize(66).endsWith(-1, -2);
    }

    @Test
    void theNewestOfThoseWhoWaitHasTheMostTimeLeftAndGoesFirst() {
        enter(64, false);
        enter(3, false);
        ended(0, true);
        ended(1, true);
        assertThat(begun).hasSize(66).endsWith(66, 65);
    }

    @Test
    void anAttemptBeginsAfterItHasItsPassEvenOutsideATurn() {
        List<Integer> known = new ArrayList<>();
        onLoop(() -> {
            List<RedialGate.Pass> mine = new ArrayList<>();
            mine.add(gate.enter(GROUP, false, home, () -> known.add(mine.size())));
        });
        assertThat(known).containsExactly(1);
    }
}
