// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.ResendCause;
import io.rendr.engine.memory.RangeSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class FeedTest {
    private final RangeSet acked = new RangeSet();
    private long end;

    private final Feed feed = new Feed(new ByteSpace() {
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
            return end;
        }
    });
    private final Range range = new Range();

    private String take(int max) {
        if (!feed.take(max, range)) {
            return "nothing";
        }
        return range.start() + ".." + range.end() + (range.cause() == null ? "" : " " + range.cause());
    }

    @Test
    void handsOutEveryByteOnceInPiecesOfTheGivenSize() {
        end = 250;
        assertThat(take(100)).isEqualTo("0..100");
        assertThat(take(100)).isEqualTo("100..200");
        assertThat(take(100)).isEqualTo("200..250");
        assertThat(take(100)).isEqualTo("nothing");
        end = 300;
        assertThat(take(100)).isEqualTo("250..300");
    }

    @Test
    void whatWasLostComesBeforeWhatIsNew() {
        end = 300;
        take(100);
        take(100);
        feed.giveBack(50, 120, ResendCause.DEATH);
        assertThat(feed.hasNext()).isTrue();
        assertThat(take(100)).isEqualTo("50..120 DEATH");
        assertThat(take(100)).isEqualTo("200..300");
    }

    @Test
    void whatWasAcknowledgedMeanwhileIsSkipped() {
        end = 300;
        take(300);
        feed.giveBack(0, 300, ResendCause.DEATH);
        acked.add(0, 50);
        acked.add(100, 150);
        assertThat(take(1000)).isEqualTo("50..100 DEATH");
        assertThat(take(1000)).isEqualTo("150..300 DEATH");
        assertThat(take(1000)).isEqualTo("nothing");
        assertThat(feed.hasNext()).isFalse();
    }

    @Test
    void aRangeLostTwiceIsSentOnceUnderTheNewerCause() {
        end = 100;
        take(100);
        feed.giveBack(0, 100, ResendCause.SUSPICION);
        feed.giveBack(40, 60, ResendCause.DEATH);
        assertThat(List.of(take(100), take(100), take(100)))
                .containsExactlyInAnyOrder("40..60 DEATH", "0..40 SUSPICION", "60..100 SUSPICION");
        assertThat(take(100)).isEqualTo("nothing");
    }

    @Test
    void aSelectorFeedsOnlyItsActiveChild() {
        end = 300;
        Selector selector = new Selector("s", List.of(new Leaf("a", 0, false), new Leaf("b", 1, false)), null);
        assertThat(selector.next(0, feed, 100, range)).isFalse();
        assertThat(selector.feeds(0)).isFalse();
        selector.select(0);
        assertThat(selector.feeds(0)).isTrue();
        assertThat(selector.feeds(1)).isFalse();
        assertThat(selector.next(1, feed, 100, range)).isFalse();
        assertThat(selector.next(0, feed, 100, range)).isTrue();
        selector.select(1);
        assertThat(selector.next(0, feed, 100, range)).isFalse();
        assertThat(selector.next(1, feed, 100, range)).isTrue();
        assertThat(range.start()).isEqualTo(100);
        selector.giveBack(0, feed, 0, 100, ResendCause.DEATH);
        assertThat(selector.next(1, feed, 200, range)).isTrue();
        assertThat(range.start()).isZero();
        selector.remove(1);
        assertThat(selector.next(1, feed, 100, range)).isFalse();
    }
}
