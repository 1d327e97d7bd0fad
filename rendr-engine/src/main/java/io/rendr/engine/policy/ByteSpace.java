// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

/** What a feed must know of the bytes it moves through. */
public interface ByteSpace {
    /** The first offset at or after {@code from} that the peer has not acknowledged. */
    long firstUnacked(long from);

    /** The first offset at or after {@code from} that the peer has acknowledged, or {@link Long#MAX_VALUE}. */
    long firstAcked(long from);

    /** The offset after the last one that may be sent now: written, and covered by credit. */
    long sendableEnd();

    /**
     * Where a frame ends that begins at {@code from}, if all up to {@code to} may be sent, and {@code max} at most. Bytes may
     * be cut anywhere; a packet is sent whole, and if it does not fit the frame ends where it began.
     */
    default long cut(long from, long to, int max) {
        return Math.min(to, from + max);
    }

    /** The most that may have to be sent whole. */
    default int unit() {
        return 1;
    }
}
