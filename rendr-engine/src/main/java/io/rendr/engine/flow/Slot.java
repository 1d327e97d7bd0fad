// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A value that the peer must learn, of which only the newest counts.
 *
 * <p>A slot is unset, dirty, in flight on one carrier, or confirmed by that carrier's receipt. When the carrier falls
 * silent or dies it is dirty again: nothing that matters is lost with a path, and nothing queues up.
 */
final class Slot {
    /** Writes the value as one frame. */
    interface Value {
        /** Bytes that the frame takes at most. */
        int size();

        void write(ByteBuf out);
    }

    final int index;
    private final Slots slots;
    private final Value value;
    private long version;
    private boolean dirty;
    private @Nullable Link carrier;
    private long confirmed;

    Slot(Slots slots, int index, Value value) {
        this.slots = slots;
        this.index = index;
        this.value = value;
    }

    /** Notes that the value changed, or must be told again. */
    void touch() {
        version = slots.nextVersion();
        dirty = true;
    }

    boolean isDirty() {
        return dirty;
    }

    /** Whether the value was ever set. */
    boolean isSet() {
        return version > 0;
    }

    /** Whether the newest value is in flight on a carrier. */
    boolean isOn(Link link) {
        return carrier == link && !dirty;
    }

    /** Whether the peer has the newest value. */
    boolean isConfirmed() {
        return version > 0 && confirmed == version;
    }

    int size() {
        return value.size();
    }

    /** Writes the newest value; the caller notes the returned version in the carrier's log. */
    long write(ByteBuf out, Link on) {
        value.write(out);
        dirty = false;
        carrier = on;
        return version;
    }

    void received(long versionReceived) {
        if (versionReceived == version) {
            confirmed = version;
            carrier = null;
            dirty = false;
        }
    }

    /** Notes that what {@code on} was given as {@code versionLost} did not arrive. */
    void lost(Link on, long versionLost) {
        if (versionLost == version) {
            lost(on);
        }
    }

    /** Notes that what is in flight on {@code silent} may never arrive. */
    void lost(Link silent) {
        if (carrier == silent) {
            carrier = null;
            dirty = true;
        }
    }
}
