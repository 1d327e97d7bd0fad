// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

/** Counts carriers that broke the protocol: three within 60 s end the flow, or a poisonous frame would redial for ever. */
final class Poison {
    static final int LIMIT = 3;

    private static final long WINDOW = SECONDS.toNanos(60);

    private final long[] earlier = new long[LIMIT - 1];
    private int count;

    /** Notes one more; true if it is one too many. */
    boolean strike(long now) {
        int at = count % earlier.length;
        boolean tooMany = count >= earlier.length && now - earlier[at] < WINDOW;
        earlier[at] = now;
        count++;
        return tooMany;
    }
}
