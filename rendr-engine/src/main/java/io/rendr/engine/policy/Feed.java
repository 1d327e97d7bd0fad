// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

/** Ranges of the space of offsets, in the order in which they are to be sent. What is taken is gone from it. */
public interface Feed {
    /** Takes the next range of at most {@code max} bytes; false when there is nothing to send now. */
    boolean take(int max, Range out);

    /** Whether {@link #take} would find something. */
    boolean hasNext();

    /** About how many bytes may be taken now; what was acknowledged meanwhile may count. */
    long waiting();
}
