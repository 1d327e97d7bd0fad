// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private long now;
    private final Admission<Integer> admission = new Admission<>(() -> now);

    private static InetSocketAddress from(int number) {
        return new InetSocketAddress("10.0." + number / 250 + "." + number % 250, 4711);
    }

    @Test
    void theFirstNeedNoToken() {
        for (int i = 0; i < Admission.FREE; i++) {
            assertThat(admission.wantsToken()).isFalse();
            assertThat(admission.begin(i, from(i), false)).isNull();
        }
        assertThat(admission.wantsToken()).isTrue();
        // One that has shown its address uses up nothing.
        admission.begin(1000, from(1000), true);
        assertThat(admission.unproven()).isEqualTo(Admission.FREE + 1);
    }

    @Test
    void whoProvesHimselfGivesHisPlaceBack() {
        for (int i = 0; i < 10 * Admission.FREE; i++) {
            assertThat(admission.wantsToken()).isFalse();
            admission.begin(i, from(i), false);
            admission.prove(i);
        }
        assertThat(admission.unproven()).isZero();
    }

    @Test
    void thePlacesOfOthersComeBackWithTime() {
        for (int i = 0; i < Admission.FREE; i++) {
            admission.begin(i, from(i), false);
            admission.leave(i);
        }
        assertThat(admission.wantsToken()).isTrue();
        now += TimeUnit.SECONDS.toNanos(Admission.REFILL_SECONDS) / Admission.FREE;
        assertThat(admission.wantsToken()).isFalse();
        admission.begin(100, from(100), false);
        assertThat(admission.wantsToken()).isTrue();
        now += TimeUnit.HOURS.toNanos(1);
        for (int i = 0; i < Admission.FREE; i++) {
            assertThat(admission.wantsToken()).isFalse();
            admission.begin(200 + i, from(i), false);
        }
        assertThat(admission.wantsToken()).as("no more are saved up").isTrue();
    }

    @Test
    void oneSourceHasItsShare() {
        InetSocketAddress one = new InetSocketAddress("2001:db8::1", 1);
        InetSocketAddress neighbour = new InetSocketAddress("2001:db8::2", 2);
        for (int i = 0; i < Admission.MOST_PER_SOURCE; i++) {
            assertThat(admission.isFull(neighbour)).isFalse();
            admission.begin(i, i % 2 == 0 ? one : neighbour, true);
        }
        assertThat(admission.isFull(one)).isTrue();
        assertThat(admission.isFull(neighbour)).isTrue();
        assertThat(admission.isFull(new InetSocketAddress("2001:db8:0:1::1", 1)))
                .isFalse();
        admission.prove(0);
        assertThat(admission.isFull(one)).isFalse();
    }

    @Test
    void theNewestDisplacesTheOldest() {
        for (int i = 0; i < Admission.MOST; i++) {
            assertThat(admission.begin(i, from(i), true)).isNull();
        }
        assertThat(admission.begin(5000, from(5000), true)).isEqualTo(0);
        admission.leave(1);
        assertThat(admission.begin(5001, from(5001), true)).isNull();
        assertThat(admission.begin(5002, from(5002), true)).isEqualTo(2);
        assertThat(admission.unproven()).isEqualTo(Admission.MOST);
    }
}
