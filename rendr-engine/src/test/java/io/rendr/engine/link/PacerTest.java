// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PacerTest {
    private static final int DATAGRAM = 1_000;
    private static final int BURST = 16;
    /** With 5/4 of a window in a round trip: one datagram in 80 microseconds, 100 Mbit/s. */
    private static final long WINDOW = 500 * DATAGRAM;

    private static final long SRTT = MILLISECONDS.toNanos(50);

    private final Pacer pacer = new Pacer(DATAGRAM, 0);

    /** Sends what may leave now; returns how many datagrams that were. */
    private int send(long now) {
        int sent = 0;
        while (pacer.at(now) <= now) {
            pacer.sent(DATAGRAM, now);
            sent++;
        }
        return sent;
    }

    /** How many datagrams leave in a second if there are always some, and the loop comes by so seldom. */
    private int inASecond(long every) {
        pacer.rate(1.25, WINDOW, SRTT, 0);
        send(0);
        int sent = 0;
        for (long now = every; now <= MILLISECONDS.toNanos(1_000); now += every) {
            sent += send(now);
        }
        return sent;
    }

    @Test
    void holdsNothingBackWhileTheRoundTripIsUnknown() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(pacer.at(7)).isLessThanOrEqualTo(7);
            pacer.sent(DATAGRAM, 7);
        }
    }

    @Test
    void spreadsTheWindow() {
        pacer.rate(1.25, WINDOW, SRTT, 0);
        assertThat(send(0)).isEqualTo(BURST + 1);
        assertThat(pacer.at(0)).isEqualTo(80_000);
        assertThat(inASecond(MILLISECONDS.toNanos(1) / 10)).isBetween(12_480, 12_520);
    }

    @Test
    void aLoopThatComesLateLosesNoRate() {
        assertThat(inASecond(MILLISECONDS.toNanos(10))).isBetween(12_370, 12_520);
    }

    @Test
    void aLoopThatComesMuchTooLateMakesUpForTenMilliseconds() {
        assertThat(inASecond(MILLISECONDS.toNanos(50))).isBetween(20 * 124, 20 * 126);
    }

    @Test
    void whoHadNothingToSendMaySendABurst() {
        pacer.rate(1.25, WINDOW, SRTT, 0);
        pacer.sent(DATAGRAM, 0);
        assertThat(send(MILLISECONDS.toNanos(500))).isEqualTo(BURST + 1);
    }

    @Test
    void aBurstIsOfFullDatagrams() {
        pacer.rate(1.25, WINDOW, SRTT, 0);
        pacer.datagram(2 * DATAGRAM);
        assertThat(send(MILLISECONDS.toNanos(500))).isEqualTo(2 * BURST + 1);
    }
}
