// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.path;

import java.util.Arrays;

/**
 * What a carrier was given and the peer has not reported received, oldest first.
 *
 * <p>Positions only grow. On a stream carrier an entry ends at a position in the carrier's byte count, and the peer reports
 * how far it has received ({@code RX}), so entries leave from the front. On a datagram carrier the position is the number
 * of the packet, and packets leave in any order. When the carrier dies, what is left is what may be lost. Entries live in
 * primitive rings: nothing is allocated per frame.
 */
public final class SentLog {
    /** The kind of entry: payload, whose values are its first offset and the offset after its last. */
    public static final int DATA = 0;

    /** The kind of entry: a slot, whose values are its index and version. */
    public static final int SLOT = 1;

    /** The kind of entry: something that is never sent again, but shall be confirmed. */
    public static final int PROBE = 2;

    private static final int GONE = 3;

    /** Hears of each entry that leaves the log. */
    public interface Visitor {
        void entry(int kind, long first, long second, long sentAt);
    }

    /** Hears of [start, end) in the log. */
    public interface PayloadVisitor {
        void payload(long start, long end);
    }

    private long[] end = new long[16];
    private long[] first = new long[16];
    private long[] second = new long[16];
    private long[] sentAt = new long[16];
    private byte[] kind = new byte[16];
    private int head;
    private int size;
    private long payload;

    public boolean isEmpty() {
        return size == 0;
    }

    /** Payload bytes in the log. */
    public long payload() {
        return payload;
    }

    /** When the oldest entry was given to the carrier; only while not empty. */
    public long oldestSentAt() {
        return sentAt[head];
    }

    /** Adds an entry that ends at {@code carrierPosition}. */
    public void add(long carrierPosition, int entryKind, long firstValue, long secondValue, long now) {
        if (size == end.length) {
            grow();
        }
        int at = at(size);
        end[at] = carrierPosition;
        kind[at] = (byte) entryKind;
        first[at] = firstValue;
        second[at] = secondValue;
        sentAt[at] = now;
        size++;
        if (entryKind == DATA) {
            payload += secondValue - firstValue;
        }
    }

    /**
     * Removes what ends at or before {@code received}.
     *
     * @return when the newest of the removed entries was sent, or {@link Long#MIN_VALUE} if none was removed
     */
    public long confirm(long received, Visitor visitor) {
        long newest = Long.MIN_VALUE;
        while (size > 0 && end[head] <= received) {
            newest = sentAt[head];
            removeHead(visitor);
        }
        return newest;
    }

    /** Removes the entries at one position. */
    public void take(long position, Visitor visitor) {
        for (int i = firstAt(position); i < size && end[at(i)] == position; i++) {
            int at = at(i);
            visit(at, visitor);
            kind[at] = GONE;
        }
        while (size > 0 && kind[head] == GONE) {
            head = at(1);
            size--;
        }
    }

    /** The first entry that does not lie before a position. */
    private int firstAt(long position) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (end[at(middle)] < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Where the payload begins that was given to the carrier first; negative if there is none. */
    public long oldestPayload() {
        for (int i = 0; i < size; i++) {
            if (kind[at(i)] == DATA) {
                return first[at(i)];
            }
        }
        return -1;
    }

    /** Shows every payload entry and keeps it. */
    public void forEachPayload(PayloadVisitor visitor) {
        for (int i = 0; i < size; i++) {
            int at = at(i);
            if (kind[at] == DATA) {
                visitor.payload(first[at], second[at]);
            }
        }
    }

    /** Shows every payload entry and turns it into a probe: its bytes are someone else's concern from now on. */
    public void disown(PayloadVisitor visitor) {
        forEachPayload(visitor);
        for (int i = 0; i < size; i++) {
            int at = at(i);
            kind[at] = kind[at] == DATA ? PROBE : kind[at];
        }
        payload = 0;
    }

    private void removeHead(Visitor visitor) {
        int at = head;
        head = at(1);
        size--;
        visit(at, visitor);
    }

    private void visit(int at, Visitor visitor) {
        if (kind[at] == DATA) {
            payload -= second[at] - first[at];
        }
        visitor.entry(kind[at], first[at], second[at], sentAt[at]);
    }

    private int at(int i) {
        return (head + i) & (end.length - 1);
    }

    private void grow() {
        int capacity = end.length * 2;
        end = unrolled(end, capacity);
        first = unrolled(first, capacity);
        second = unrolled(second, capacity);
        sentAt = unrolled(sentAt, capacity);
        byte[] kinds = Arrays.copyOfRange(kind, head, head + capacity);
        System.arraycopy(kind, 0, kinds, kind.length - head, head);
        kind = kinds;
        head = 0;
    }

    private long[] unrolled(long[] ring, int capacity) {
        long[] copy = Arrays.copyOfRange(ring, head, head + capacity);
        System.arraycopy(ring, 0, copy, ring.length - head, head);
        return copy;
    }
}
