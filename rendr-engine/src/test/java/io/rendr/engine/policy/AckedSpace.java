// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import io.rendr.engine.memory.RangeSet;

/** Offsets of which a test says what was acknowledged and how many may be sent. */
final class AckedSpace implements ByteSpace {
    final RangeSet acked = new RangeSet();
    long end;

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
}
