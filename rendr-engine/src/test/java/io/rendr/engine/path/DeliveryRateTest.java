// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliveryRateTest {
    private static final long MS = 1_000_000;
    private final RttEstimator rtt = new RttEstimator();
    private final DeliveryRate rate = new DeliveryRate();

    /** Reports {@code bytesPerMilli} for so long; returns the time after. */
    private long deliver(long from, int millis, long bytesPerMilli) {
        for (int i = 1; i <= millis; i++) {
            rate.received(bytesPerMilli, rtt, from + i * MS);
        }
        return from + millis * MS;
    }

    @Test
    void beginsWithTheInitialWindowOfTcpAndSmallFrames() {
        assertThat(rate.inFlightCap()).isEqualTo(16 * 1024);
        assertThat(rate.frameSize(64_512)).isEqualTo(1024);
        assertThat(rate.batchSize()).isEqualTo(16 * 1024);
    }

    @Test
    void theCapIsTwiceTheRateTimesTheLoop() {
        rtt.sample(20 * MS);
        rate.begins(0);
        deliver(0, 2_000, 25_000);
        assertThat(rate.rate()).isBetween(24e6, 26e6);
        assertThat(rate.inFlightCap()).isBetween((long) (2 * 24e6 * 0.045), (long) (2 * 26e6 * 0.045));
        assertThat(rate.frameSize(64_512)).isEqualTo(64_512);
    }

    @Test
    void theCapGrowsByWhatArrivesWhileNoQueueShows() {
        rtt.sample(300 * MS);
        rate.begins(0);
        rate.received(10_000, rtt, 100 * MS);
        assertThat(rate.inFlightCap()).isEqualTo(16 * 1024 + 10_000);
        deliver(100 * MS, 100, 1_000);
        assertThat(rate.inFlightCap()).isEqualTo(64 * 1024);
    }

    @Test
    void aSlowLinkHoldsNoMoreThanItDrainsSoonAndSmallFrames() {
        rtt.sample(5 * MS);
        rtt.sample(400 * MS);
        rate.begins(0);
        deliver(0, 2_000, 20);
        assertThat(rate.inFlightCap()).isEqualTo(4 * 1024);
        assertThat(rate.frameSize(64_512)).isEqualTo(1024);
        deliver(2_000 * MS, 2_000, 200);
        assertThat(rate.inFlightCap()).isBetween(18_000L, 22_000L);
        assertThat(rate.frameSize(64_512)).isBetween(1_900, 2_100);
    }

    @Test
    void anApplicationThatSendsLittleDoesNotMakeALinkSlow() {
        rtt.sample(5 * MS);
        rate.begins(0);
        long now = 0;
        for (int i = 0; i < 1_000; i++) {
            rate.applicationLimited();
            now = deliver(now, 1, 10);
        }
        assertThat(rate.inFlightCap()).isEqualTo(16 * 1024);
    }

    @Test
    void aCarrierThatIsLeftAndSlowsDownDrainsAtItsNewPace() {
        rtt.sample(10 * MS);
        assertThat(rate.drainTime(16 * 1024, rtt)).isEqualTo(10 * MS);
        rate.begins(0);
        long now = deliver(0, 1_000, 10_000);
        assertThat(rate.drainTime(100_000, rtt)).isEqualTo(rate.timeFor(100_000, rtt));
        for (int i = 0; i < 100; i++) {
            rate.applicationLimited();
            now = deliver(now, 1, 100);
        }
        assertThat(rate.timeFor(100_000, rtt)).isBetween(9 * MS, 11 * MS);
        assertThat(rate.drainTime(100_000, rtt)).isBetween(900 * MS, 1_100 * MS);
    }

    @Test
    void anApplicationThatSendsLittleDoesNotLowerTheRate() {
        rtt.sample(10 * MS);
        rate.begins(0);
        long now = deliver(0, 1_000, 10_000);
        double before = rate.rate();
        for (int i = 0; i < 1_000; i++) {
            rate.applicationLimited();
            now = deliver(now, 1, 10);
        }
        assertThat(rate.rate()).isEqualTo(before);
    }

    @Test
    void aSlowerLinkIsNoticedAfterEightSamples() {
        rtt.sample(10 * MS);
        rate.begins(0);
        long now = deliver(0, 1_000, 10_000);
        deliver(now, 200, 1_000);
        assertThat(rate.rate()).isBetween(0.9e6, 1.1e6);
    }
}
