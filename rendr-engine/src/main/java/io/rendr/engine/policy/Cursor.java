// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import io.rendr.ResendCause;

/**
 * What the root of the tree draws from: a cursor over the bytes that the peer does not have, what was lost first, then what
 * was never handed out. Skips whatever has been acknowledged meanwhile.
 */
public final class Cursor implements Feed {
    private final ByteSpace space;
    private final Resends lost;
    private long cursor;

    /** One that starts at the first byte that the peer does not have. */
    public Cursor(ByteSpace space) {
        this.space = space;
        this.lost = new Resends(space);
    }

    @Override
    public boolean take(int max, Range out) {
        if (lost.take(max, out)) {
            return true;
        }
        cursor = space.firstUnacked(cursor);
        long end = next(max);
        if (end <= cursor) {
            return false;
        }
        out.set(cursor, end, null);
        cursor = end;
        return true;
    }

    private long next(int max) {
        long end = Math.min(space.sendableEnd(), space.firstAcked(cursor));
        return end <= cursor ? cursor : space.cut(cursor, end, max);
    }

    @Override
    public long waiting() {
        cursor = space.firstUnacked(cursor);
        return lost.waiting() + Math.max(0, space.sendableEnd() - cursor);
    }

    /** Notes that [start, end) was handed out and did not arrive; it is handed out again before anything new. */
    public void giveBack(long start, long end, ResendCause cause) {
        lost.add(start, end, cause);
    }

    @Override
    public boolean hasNext() {
        if (lost.hasNext()) {
            return true;
        }
        cursor = space.firstUnacked(cursor);
        return next(space.unit()) > cursor;
    }
}
