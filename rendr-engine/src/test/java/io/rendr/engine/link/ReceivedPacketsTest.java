// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import static io.rendr.engine.link.Wire.MS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReceivedPacketsTest {
    private final ReceivedPackets received = new ReceivedPackets();

    @Test
    void eachPacketIsNewOnce() {
        assertThat(received.isNew(0)).isTrue();
        received.add(0, true, 0);
        assertThat(received.isNew(0)).isFalse();
        assertThat(received.isNew(1)).isTrue();
    }

    @Test
    void whatIsFarBehindIsAReplay() {
        received.add(10_000, true, 0);
        assertThat(received.isNew(10_000 - 8_192)).isFalse();
        assertThat(received.isNew(10_000 - 8_191)).isTrue();
    }

    @Test
    void twoPacketsAreReportedAtOnceAndOneAfterAWhile() {
        received.add(0, true, 0);
        assertThat(received.reportAt()).isEqualTo(25 * MS);
        received.add(1, true, MS);
        assertThat(received.reportAt()).isEqualTo(MS);
        received.reported(0, MS);
        assertThat(received.reportAt()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aGapIsReportedAtOnceAndWhatAsksForNothingNever() {
        received.add(0, false, 0);
        assertThat(received.reportAt()).isEqualTo(Long.MAX_VALUE);
        received.add(2, true, MS);
        assertThat(received.reportAt()).isEqualTo(MS);
    }

    @Test
    void whatThePeerHasHeardIsNotNamedAgain() {
        for (long number : new long[] {0, 1, 4, 5}) {
            received.add(number, true, number * MS);
        }
        received.reported(100, 6 * MS);
        received.reported(101, 6 * MS); // one is enough to follow
        received.add(9, true, 9 * MS);
        received.heard(101);
        assertThat(received.rangeCount()).isEqualTo(3);
        received.heard(100);
        assertThat(received.rangeCount()).isEqualTo(2);
        received.reported(102, 9 * MS);
        received.unheard(102);
        received.heard(102);
        assertThat(received.rangeCount()).isEqualTo(2);
        received.reported(103, 9 * MS);
        received.heard(103);
        assertThat(received.rangeCount()).isEqualTo(1);
        received.add(3, true, 10 * MS);
        received.add(12, true, 11 * MS);
        assertThat(received.rangeCount()).isEqualTo(2);
        assertThat(received.rangeStart(1)).isEqualTo(9);
    }

    @Test
    void theReportNamesTheNewestRangesFirst() {
        for (long number : new long[] {0, 1, 4, 5, 9}) {
            received.add(number, true, number * MS);
        }
        received.reported(0, 12 * MS);
        assertThat(received.largest()).isEqualTo(9);
        assertThat(received.delayMicros()).isEqualTo(3_000);
        assertThat(received.rangeCount()).isEqualTo(3);
        assertThat(received.rangeStart(0)).isEqualTo(9);
        assertThat(received.rangeEnd(0)).isEqualTo(10);
        assertThat(received.rangeStart(2)).isZero();
        assertThat(received.rangeEnd(2)).isEqualTo(2);
    }
}
