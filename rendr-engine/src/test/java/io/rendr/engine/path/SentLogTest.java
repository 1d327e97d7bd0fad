// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SentLogTest {
    private final SentLog log = new SentLog();
    private final List<String> seen = new ArrayList<>();
    private final SentLog.Visitor visitor =
            (kind, first, second, at) -> seen.add(kind + ":" + first + ".." + second + "@" + at);

    @Test
    void aReceiptTakesWholeEntriesFromTheFront() {
        log.add(100, SentLog.DATA, 0, 80, 1);
        log.add(200, SentLog.SLOT, 3, 7, 2);
        log.add(300, SentLog.DATA, 80, 160, 3);
        assertThat(log.payload()).isEqualTo(160);
        assertThat(log.confirm(299, visitor)).isEqualTo(2);
        assertThat(seen).containsExactly("0:0..80@1", "1:3..7@2");
        assertThat(log.payload()).isEqualTo(80);
        assertThat(log.confirm(299, visitor)).isEqualTo(Long.MIN_VALUE);
        assertThat(log.oldestSentAt()).isEqualTo(3);
    }

    @Test
    void growsWhileItWrapsAround() {
        long position = 0;
        long confirmed = 0;
        for (int i = 0; i < 1_000; i++) {
            log.add(++position, SentLog.DATA, i, i + 1, i);
            if (i % 3 == 0) {
                log.confirm(++confirmed, visitor);
            }
        }
        log.confirm(position, visitor);
        assertThat(seen).hasSize(1_000);
        for (int i = 0; i < 1_000; i++) {
            assertThat(seen.get(i)).isEqualTo("0:" + i + ".." + (i + 1) + "@" + i);
        }
        assertThat(log.isEmpty()).isTrue();
        assertThat(log.payload()).isZero();
    }

    @Test
    void disownedPayloadIsShownOnceAndStillAwaitsItsReceipt() {
        log.add(10, SentLog.DATA, 0, 5, 1);
        log.add(20, SentLog.SLOT, 1, 1, 1);
        SentLog.PayloadVisitor payload = (start, end) -> seen.add(start + ".." + end);
        log.disown(payload);
        log.disown(payload);
        log.forEachPayload(payload);
        assertThat(seen).containsExactly("0..5");
        assertThat(log.payload()).isZero();
        assertThat(log.isEmpty()).isFalse();
        log.confirm(20, visitor);
        assertThat(log.isEmpty()).isTrue();
    }

    @Test
    void entriesOfOnePacketLeaveTogetherAndInAnyOrder() {
        log.add(0, SentLog.DATA, 0, 10, 1);
        log.add(0, SentLog.SLOT, 4, 9, 1);
        log.add(1, SentLog.DATA, 10, 30, 2);
        log.add(3, SentLog.DATA, 30, 60, 3);
        log.take(2, visitor);
        assertThat(seen).isEmpty();
        log.take(1, visitor);
        assertThat(seen).containsExactly("0:10..30@2");
        assertThat(log.payload()).isEqualTo(40);
        assertThat(log.oldestPayload()).isZero();
        log.take(0, visitor);
        assertThat(seen).containsExactly("0:10..30@2", "0:0..10@1", "1:4..9@1");
        assertThat(log.oldestSentAt()).isEqualTo(3);
        assertThat(log.oldestPayload()).isEqualTo(30);
        log.take(1, visitor);
        log.take(3, visitor);
        assertThat(log.isEmpty()).isTrue();
        assertThat(log.payload()).isZero();
        assertThat(log.oldestPayload()).isNegative();
    }

    @Test
    void whatHasLeftIsNeitherShownNorDisowned() {
        log.add(0, SentLog.DATA, 0, 10, 1);
        log.add(1, SentLog.DATA, 10, 30, 2);
        log.add(2, SentLog.DATA, 30, 60, 3);
        log.take(1, visitor);
        seen.clear();
        log.disown((start, end) -> seen.add(start + ".." + end));
        assertThat(seen).containsExactly("0..10", "30..60");
    }

    @Test
    void growsWhileEntriesLeaveOutOfOrder() {
        for (int i = 0; i < 1_000; i++) {
            log.add(i, SentLog.DATA, i, i + 1, i);
            if (i % 2 == 1) {
                log.take(i, visitor);
            }
        }
        for (int i = 998; i >= 0; i -= 2) {
            log.take(i, visitor);
        }
        assertThat(seen).hasSize(1_000).doesNotHaveDuplicates();
        assertThat(log.isEmpty()).isTrue();
        assertThat(log.payload()).isZero();
    }
}
