// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.engine.path.RttEstimator;
import org.junit.jupiter.api.Test;

class DeliveryWindowTest {
    private static final int DATAGRAM = 1_000;
    private static final long RTT = MILLISECONDS.toNanos(20);

    private final RttEstimator rtt = new RttEstimator();
    private long now;
    private long number;

    /** For so long, what fills the window, or the carrier's rate if that is less, arrives a round trip later. */
    private void run(DeliveryWindow window, long bytesPerSecond, long nanos) {
        long end = now + nanos;
        while (now < end) {
            long bytes = Math.min(window.window(), bytesPerSecond * RTT / 1_000_000_000L);
            for (long sent = 0; sent + DATAGRAM <= bytes; sent += DATAGRAM) {
                window.sent(number++, sent, now);
            }
            now += RTT;
            rtt.sample(RTT);
            for (long acked = 0; acked + DATAGRAM <= bytes; acked += DATAGRAM) {
                boolean limited = bytes + DATAGRAM > window.window();
                window.acknowledged(acked, DATAGRAM, now - RTT, RTT, RTT, limited, now);
            }
        }
    }

    @Test
    void itFollowsWhatTheCarrierDelivers() {
        DeliveryWindow window = new DeliveryWindow(rtt, 1 << 20, DATAGRAM);
        long first = window.window();
        run(window, 10_000_000, MILLISECONDS.toNanos(2_000));
        assertThat(window.window()).isGreaterThan(2 * first);
        long fast = window.window();
        assertThat(fast)
                .as("twice what comes in a round trip and the time of a report")
                .isBetween(2 * 10_000_000L * 40 / 1_000, 2 * 10_000_000L * 50 / 1_000);
    }

    @Test
    void itIsNeverMoreThanTheCarrierHolds() {
        DeliveryWindow window = new DeliveryWindow(rtt, 64, DATAGRAM);
        run(window, 100_000_000, MILLISECONDS.toNanos(2_000));
        assertThat(window.window()).isEqualTo(64 * DATAGRAM);
        window.datagram(500);
        assertThat(window.window()).isEqualTo(64 * 500);
    }

    @Test
    void aDatagramLargerThanTheFirstWindowFits() {
        DeliveryWindow window = new DeliveryWindow(rtt, 64, 60_000);
        assertThat(window.window()).isEqualTo(2 * 60_000);
    }

    @Test
    void lossIsTheCarriersConcern() {
        DeliveryWindow window = new DeliveryWindow(rtt, 1 << 20, DATAGRAM);
        run(window, 10_000_000, MILLISECONDS.toNanos(500));
        long before = window.window();
        window.lost(now, now);
        window.persistentlyCongested(now);
        assertThat(window.window()).isEqualTo(before);
        assertThat(window.pacing()).isZero();
    }
}
