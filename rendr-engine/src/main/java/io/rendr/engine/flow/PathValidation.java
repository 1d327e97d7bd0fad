// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.engine.path.RttEstimator;
import java.net.SocketAddress;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Whether the peer really is where its newest packet came from: a new address is asked, and so is the old one, since
 * anybody may have sent a copy of that packet from elsewhere (RFC 9000, section 9.3.3). Until the new one has answered
 * nothing goes there but the question, and no more bytes of that than came from there.
 */
final class PathValidation {
    private static final int MAX_ASKED = 5;

    private final RandomGenerator random;
    private @Nullable SocketAddress candidate;
    private long question;
    private long credit;
    private int asked;
    private long askAt = Long.MAX_VALUE;

    PathValidation(RandomGenerator random) {
        this.random = random;
    }

    /** The address that has yet to answer; null if there is none. */
    @Nullable
    SocketAddress candidate() {
        return candidate;
    }

    /** What it is asked. */
    long question() {
        return question;
    }

    /** The newest genuine packet, of {@code bytes}, came from there. */
    void heard(SocketAddress source, int bytes, long now) {
        if (!source.equals(candidate)) {
            candidate = source;
            question = random.nextLong();
            credit = 0;
            asked = 0;
            askAt = now;
        }
        credit += bytes;
    }

    /** The newest genuine packet came from where it always came from. */
    void confirmed() {
        candidate = null;
        askAt = Long.MAX_VALUE;
    }

    /** When to ask; {@link Long#MAX_VALUE} if there is nothing to ask. */
    long askAt() {
        return askAt;
    }

    /** Whether a question of {@code bytes} may be sent. */
    boolean mayAsk(int bytes) {
        return credit >= bytes;
    }

    /** The question was sent. It is repeated, each time after twice as long, and given up at last. */
    void asking(int bytes, RttEstimator rtt, long now) {
        credit -= bytes;
        askAt = ++asked == MAX_ASKED ? Long.MAX_VALUE : now + (rtt.rto() << asked - 1);
    }

    /** Whether an answer that came from {@code source} proves the new address; if so nothing is left to ask. */
    boolean proves(long answer, SocketAddress source) {
        boolean proved = source.equals(candidate) && answer == question && asked > 0;
        if (proved) {
            confirmed();
        }
        return proved;
    }
}
