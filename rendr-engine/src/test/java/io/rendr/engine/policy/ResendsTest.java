// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.ResendCause;
import io.rendr.engine.memory.RangeSet;
import org.junit.jupiter.api.Test;

class ResendsTest {
    private final RangeSet acked = new RangeSet();
    private final Range range = new Range();
    private final Resends resends = new Resends(new ByteSpace() {
        @Override
        public long firstUnacked(long from) {
            return acked.firstAbsent(from);
        }

        @Override
        public long firstAcked(long from) {
            return acked.firstPresent(from);
        }

        @Override
        public long sendableEnd() {
            return 0;
        }
    });

    private String take() {
        return resends.take(100, range) ? range.start() + ".." + range.end() + " " + range.cause() : "nothing";
    }

    @Test
    void eachRangeKeepsItsCause() {
        resends.add(0, 50, ResendCause.RESCUE);
        resends.add(100, 150, ResendCause.SUSPICION);
        assertThat(take()).isEqualTo("100..150 SUSPICION");
        assertThat(take()).isEqualTo("0..50 RESCUE");
        assertThat(take()).isEqualTo("nothing");
    }

    @Test
    void whatWasAcknowledgedMeanwhileIsNotSent() {
        resends.add(0, 100, ResendCause.RESCUE);
        acked.add(0, 30);
        acked.add(50, 100);
        assertThat(take()).isEqualTo("30..50 RESCUE");
        assertThat(resends.hasNext()).isFalse();
        assertThat(take()).isEqualTo("nothing");
    }

    @Test
    void whatWaitsIsNotAddedAgain() {
        resends.add(20, 40, ResendCause.RESCUE);
        resends.add(60, 70, ResendCause.SUSPICION);
        RangeSet wanted = new RangeSet();
        wanted.add(0, 100);
        resends.subtractFrom(wanted);
        assertThat(wanted).hasToString("{0..20, 40..60, 70..100}");
    }
}
