// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.engine.path.RttEstimator;
import io.rendr.engine.wire.Frames;
import java.net.SocketAddress;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Whether the peer really is where its newest packet came from. Anybody may have sent a copy of that packet from elsewhere
 * (RFC 9000, section 9.3.3), so the new address is asked one thing and the old one another: who answers the first is there,
 * who answers the second from there has not gone. Until the new one has answered nothing goes there but the question, and
 * no more bytes of that than came from there. And what this end answers when it is the one that is asked.
 */
final class PathValidation {
    private static final int MAX_ASKED = 5;

    private final RandomGenerator random;
    private @Nullable SocketAddress candidate;
    private long newQuestion;
    private long oldQuestion;
    private long credit;
    private int asked;
    private long askAt = Long.MAX_VALUE;
    /** A peer that sees us move asks at the new address and at the old one. */
    private final long[] answers = new long[2];

    private int answersOwed;

    PathValidation(RandomGenerator random) {
        this.random = random;
    }

    /** The address that has yet to answer; null if there is none. */
    @Nullable
    SocketAddress candidate() {
        return candidate;
    }

    /** What the new address is asked. */
    long newQuestion() {
        return newQuestion;
    }

    /** What the old address is asked. */
    long oldQuestion() {
        return oldQuestion;
    }

    /** The newest genuine packet, of {@code bytes}, came from another address than before. */
    void heard(SocketAddress source, int bytes, long now) {
        if (!source.equals(candidate)) {
            candidate = source;
            newQuestion = random.nextLong();
            oldQuestion = random.nextLong();
            credit = 0;
            asked = 0;
            askAt = now;
        }
        credit += bytes;
    }

    /** The peer is where it always was. */
    void confirmed() {
        candidate = null;
        askAt = Long.MAX_VALUE;
    }

    /** When to ask; {@link Long#MAX_VALUE} if there is nothing to ask. */
    long askAt() {
        return askAt;
    }

    /** Whether a question of {@code bytes} may be sent to the new address. */
    boolean mayAsk(int bytes) {
        return credit >= bytes;
    }

    /** The questions were sent. They are repeated, each time after twice as long, and given up at last. */
    void asking(int bytes, RttEstimator rtt, long now) {
        credit -= bytes;
        askAt = now + (rtt.rto() << asked++);
    }

    /** The peer asks who is at this end's address. */
    void oweAnswer(long question) {
        answers[answersOwed < answers.length ? answersOwed++ : answers.length - 1] = question;
    }

    void writeAnswers(FrameSink out) {
        for (int i = 0; i < answersOwed; i++) {
            Frames.response(out.frame(Frames.RESPONSE), answers[i]);
        }
        answersOwed = 0;
    }

    /** Gives an address up that does not answer; its next packet begins anew. */
    void onTimer(long now) {
        if (asked == MAX_ASKED && now >= askAt) {
            confirmed();
        }
    }

    /**
     * Takes an answer.
     *
     * @param fromOld whether it came from the old address; the peer may hear at both for a while
     * @return the address to follow, null if this is not the time
     */
    @Nullable
    SocketAddress answered(long answer, boolean fromOld) {
        SocketAddress proved = asked > 0 && answer == newQuestion ? candidate : null;
        if (proved != null || fromOld && asked > 0 && answer == oldQuestion) {
            confirmed();
        }
        return proved;
    }
}
