// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.engine.memory.RangeSet;

/** What one end of a flow was seen to send, over all its carriers; kept from outside, from the bytes themselves. */
final class Ledger {
    private final RangeSet sent = new RangeSet();
    private long resent;
    private long cum;
    private long consumed;
    private int returns;
    private long limit;

    /** Notes payload that goes out. */
    void sent(long start, long end) {
        resent += end - start - sent.add(start, end);
    }

    /** Payload bytes that went out more than once. */
    long resent() {
        return resent;
    }

    /** Notes an ACK; says what is wrong with it, or nothing. */
    String acknowledged(long newCum, long newConsumed, int newReturns, long newLimit) {
        String problem = "";
        if (newCum < cum || newConsumed < consumed) {
            problem = "cum or consumed went back";
        }
        if (newReturns == returns && newLimit < limit) {
            problem = "the limit went back from " + limit + " to " + newLimit + " without a return";
        }
        cum = newCum;
        consumed = newConsumed;
        returns = newReturns;
        limit = newLimit;
        return problem;
    }
}
