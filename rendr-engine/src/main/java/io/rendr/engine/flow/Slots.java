// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All slots of a flow, by the index under which a carrier's log remembers them. An index is used again after its slot
 * was dropped; versions never are, so that a late receipt cannot confirm the wrong value.
 */
final class Slots {
    private final List<@Nullable Slot> slots = new ArrayList<>();
    private long versions;

    Slot add(Slot.Value value) {
        int index = slots.indexOf(null);
        if (index < 0) {
            index = slots.size();
            slots.add(null);
        }
        Slot slot = new Slot(this, index, value);
        slots.set(index, slot);
        return slot;
    }

    void drop(Slot slot) {
        slots.set(slot.index, null);
    }

    long nextVersion() {
        return ++versions;
    }

    int size() {
        return slots.size();
    }

    /** The slot at an index; null if it was dropped. */
    @Nullable
    Slot get(int index) {
        return slots.get(index);
    }

    /** Notes that what is in flight on a carrier may never arrive. */
    void lost(Link silent) {
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            if (slot != null) {
                slot.lost(silent);
            }
        }
    }
}
