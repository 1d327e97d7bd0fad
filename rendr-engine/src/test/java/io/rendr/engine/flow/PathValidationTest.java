// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.engine.path.RttEstimator;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PathValidationTest {
    private static final SocketAddress NEW = new InetSocketAddress("127.0.0.1", 4001);
    private static final SocketAddress OTHER = new InetSocketAddress("127.0.0.1", 4002);
    private static final int ASK = 41;

    private final PathValidation validation = new PathValidation(new SplittableRandom(1));
    private final RttEstimator rtt = new RttEstimator();

    @Test
    void whoAnswersWhatTheNewAddressWasAskedIsThere() {
        validation.heard(NEW, 100, 0);
        validation.asking(ASK, rtt, 0);
        assertThat(validation.answered(validation.newQuestion(), false)).isEqualTo(NEW);
        assertThat(validation.candidate()).isNull();
        assertThat(validation.askAt()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whoAnswersWhatTheOldAddressWasAskedHasNotGone() {
        validation.heard(NEW, 100, 0);
        validation.asking(ASK, rtt, 0);
        assertThat(validation.answered(validation.oldQuestion(), false)).isNull();
        assertThat(validation.candidate())
                .as("it may have heard at the old address")
                .isEqualTo(NEW);
        assertThat(validation.answered(validation.oldQuestion(), true)).isNull();
        assertThat(validation.candidate()).isNull();
    }

    @Test
    void anAnswerToNothingProvesNothing() {
        validation.heard(NEW, 100, 0);
        assertThat(validation.answered(validation.newQuestion(), false)).isNull();
        validation.asking(ASK, rtt, 0);
        assertThat(validation.answered(validation.newQuestion() + 1, false)).isNull();
        assertThat(validation.candidate()).isEqualTo(NEW);
    }

    @Test
    void nothingLargerGoesThereThanCameFromThere() {
        validation.heard(NEW, ASK - 1, 0);
        assertThat(validation.mayAsk(ASK)).isFalse();
        validation.heard(NEW, 1, 0);
        assertThat(validation.mayAsk(ASK)).isTrue();
        validation.asking(ASK, rtt, 0);
        assertThat(validation.mayAsk(1)).isFalse();
    }

    @Test
    void asksAgainLaterEachTimeAndGivesUp() {
        rtt.sample(MILLISECONDS.toNanos(40));
        validation.heard(NEW, 10_000, 0);
        long now = 0;
        long pause = 0;
        for (int i = 0; i < 4; i++) {
            assertThat(validation.askAt()).isEqualTo(now);
            validation.asking(ASK, rtt, now);
            assertThat(validation.askAt() - now).isGreaterThan(pause);
            pause = validation.askAt() - now;
            now = validation.askAt();
        }
        validation.asking(ASK, rtt, now);
        validation.onTimer(validation.askAt() - 1);
        assertThat(validation.candidate()).isEqualTo(NEW);
        validation.onTimer(validation.askAt());
        assertThat(validation.candidate()).isNull();
        validation.heard(NEW, 100, now);
        assertThat(validation.askAt()).as("what it sends next begins anew").isEqualTo(now);
    }

    @Test
    void aThirdAddressBeginsAnew() {
        validation.heard(NEW, 100, 0);
        validation.asking(ASK, rtt, 0);
        long before = validation.newQuestion();
        validation.heard(OTHER, 50, 9);
        assertThat(validation.askAt()).isEqualTo(9);
        assertThat(validation.newQuestion()).isNotEqualTo(before);
        validation.asking(ASK, rtt, 9);
        assertThat(validation.answered(before, false)).isNull();
        assertThat(validation.answered(validation.newQuestion(), false)).isEqualTo(OTHER);
    }

    @Test
    void aNewerPacketFromTheOldAddressEndsTheMatter() {
        validation.heard(NEW, 100, 0);
        validation.asking(ASK, rtt, 0);
        long question = validation.newQuestion();
        validation.confirmed();
        assertThat(validation.answered(question, false)).isNull();
    }
}
