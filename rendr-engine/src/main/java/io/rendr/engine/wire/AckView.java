// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

/**
 * What an ACK says, as seen by its writer or its reader. Offsets count bytes of a stream flow (the end of the stream
 * takes one more) or packets of a packet flow.
 *
 * <p>A view handed out by {@link FrameDecoder} is reused and valid only during the call.
 */
public interface AckView {
    /** At most this many ranges fit one ACK. */
    int MAX_RANGES = 32;

    /** Everything below has arrived. */
    long cum();

    /** The sender may send what lies below. Counts only if {@link #returns()} is the sender's newest return. */
    long limit();

    /** Everything below was taken by the application. */
    long consumed();

    /** How many CREDIT_RETURNs of the peer {@link #limit()} takes into account, modulo 65,536. */
    int returns();

    /** Number of ranges that arrived above {@link #cum()}, 0 to {@link #MAX_RANGES}. */
    int rangeCount();

    /** First offset of range {@code i}; ranges ascend and neither touch nor overlap. */
    long rangeStart(int i);

    /** First offset after range {@code i}. */
    long rangeEnd(int i);
}
