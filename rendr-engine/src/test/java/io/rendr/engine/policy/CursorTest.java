// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.ResendCause;
import java.util.List;
import org.junit.jupiter.api.Test;

class CursorTest {
    private final AckedSpace space = new AckedSpace();
    private final Cursor feed = new Cursor(space);
    private final Range range = new Range();

    private String take(int max) {
        if (!feed.take(max, range)) {
            return "nothing";
        }
        return range.start() + ".." + range.end() + (range.cause() == null ? "" : " " + range.cause());
    }

    @Test
    void handsOutEveryByteOnceInPiecesOfTheGivenSize() {
        space.end = 250;
        assertThat(take(100)).isEqualTo("0..100");
        assertThat(take(100)).isEqualTo("100..200");
        assertThat(take(100)).isEqualTo("200..250");
        assertThat(take(100)).isEqualTo("nothing");
        space.end = 300;
        assertThat(take(100)).isEqualTo("250..300");
    }

    @Test
    void whatWasLostComesBeforeWhatIsNew() {
        space.end = 300;
        take(100);
        take(100);
        feed.giveBack(50, 120, ResendCause.DEATH);
        assertThat(feed.hasNext()).isTrue();
        assertThat(take(100)).isEqualTo("50..120 DEATH");
        assertThat(take(100)).isEqualTo("200..300");
    }

    @Test
    void whatWasAcknowledgedMeanwhileIsSkipped() {
        space.end = 300;
        take(300);
        feed.giveBack(0, 300, ResendCause.DEATH);
        space.acked.add(0, 50);
        space.acked.add(100, 150);
        assertThat(take(1000)).isEqualTo("50..100 DEATH");
        assertThat(take(1000)).isEqualTo("150..300 DEATH");
        assertThat(take(1000)).isEqualTo("nothing");
        assertThat(feed.hasNext()).isFalse();
    }

    @Test
    void aRangeLostTwiceIsSentOnceUnderTheNewerCause() {
        space.end = 100;
        take(100);
        feed.giveBack(0, 100, ResendCause.SUSPICION);
        feed.giveBack(40, 60, ResendCause.DEATH);
        assertThat(List.of(take(100), take(100), take(100)))
                .containsExactlyInAnyOrder("40..60 DEATH", "0..40 SUSPICION", "60..100 SUSPICION");
        assertThat(take(100)).isEqualTo("nothing");
    }

    @Test
    void whatWaitsIsWhatCanBeTaken() {
        space.end = 300;
        assertThat(feed.waiting()).isEqualTo(300);
        take(200);
        feed.giveBack(50, 120, ResendCause.DEATH);
        assertThat(feed.waiting()).isEqualTo(170);
        space.acked.add(0, 100);
        assertThat(feed.waiting()).isEqualTo(120);
    }
}
