// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RangeSetTest {
    private static final int SPACE = 200;

    @Test
    void neighboursBecomeOneRange() {
        RangeSet set = new RangeSet();
        set.add(10, 20);
        set.add(30, 40);
        set.add(20, 30);
        assertThat(set).hasToString("{10..40}");
    }

    @Test
    void removingFromTheMiddleLeavesBothEnds() {
        RangeSet set = new RangeSet();
        set.add(0, 100);
        assertThat(set.remove(40, 60)).isEqualTo(20);
        assertThat(set).hasToString("{0..40, 60..100}");
    }

    @Test
    void whatAnotherSetHoldsIsRemoved() {
        RangeSet set = new RangeSet();
        set.add(0, 100);
        RangeSet other = new RangeSet();
        other.add(10, 20);
        other.add(90, 200);
        set.removeAll(other);
        assertThat(set).hasToString("{0..10, 20..90}");
        assertThat(other).hasToString("{10..20, 90..200}");
    }

    @Test
    void addTellsWhatIsNew() {
        RangeSet set = new RangeSet();
        assertThat(set.add(10, 20)).isEqualTo(10);
        assertThat(set.add(15, 25)).isEqualTo(5);
        assertThat(set.add(0, 100)).isEqualTo(85);
        assertThat(set.add(5, 5)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void behavesAsASetOfNumbers(long seed) {
        Random random = new Random(seed);
        RangeSet set = new RangeSet();
        BitSet model = new BitSet(SPACE);
        for (int round = 0; round < 5_000; round++) {
            int start = random.nextInt(SPACE);
            int end = start + random.nextInt(SPACE - start + 1);
            if (random.nextInt(3) == 0) {
                int before = model.cardinality();
                model.clear(start, end);
                assertThat(set.remove(start, end)).isEqualTo(before - model.cardinality());
            } else if (random.nextInt(50) == 0) {
                model.clear(0, start);
                set.removeBelow(start);
            } else {
                int to = Math.min(end, start + 10);
                int before = model.cardinality();
                model.set(start, to);
                assertThat(set.add(start, to)).isEqualTo(model.cardinality() - before);
            }
            check(set, model, random.nextInt(SPACE));
        }
    }

    private static void check(RangeSet set, BitSet model, int probe) {
        assertThat(set.bytes()).isEqualTo(model.cardinality());
        assertThat(set.contains(probe)).isEqualTo(model.get(probe));
        assertThat(set.firstAbsent(probe)).isEqualTo(model.nextClearBit(probe));
        int present = model.nextSetBit(probe);
        assertThat(set.firstPresent(probe)).isEqualTo(present < 0 ? Long.MAX_VALUE : present);
        for (int i = 1; i < set.size(); i++) {
            assertThat(set.start(i)).isGreaterThan(set.end(i - 1));
        }
    }
}
