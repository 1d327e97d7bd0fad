// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

/**
 * What a PACK says: which packets of a datagram carrier have arrived.
 *
 * <p>A view handed out by {@link FrameDecoder} is reused and valid only during the call.
 */
public interface PackView {
    /** At most this many ranges fit one PACK. */
    int MAX_RANGES = 32;

    /** Highest packet number that has arrived. */
    long largest();

    /** Microseconds between the arrival of {@link #largest()} and the sending of this PACK. */
    int delayMicros();

    /** Number of ranges, 1 to {@link #MAX_RANGES}. */
    int rangeCount();

    /** Lowest packet number of range {@code i}; ranges descend and neither touch nor overlap. */
    long rangeStart(int i);

    /** The number after the highest of range {@code i}; for {@code i = 0} it is {@code largest() + 1}. */
    long rangeEnd(int i);
}
