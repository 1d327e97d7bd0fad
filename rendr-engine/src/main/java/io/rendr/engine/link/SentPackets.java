// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import java.util.Arrays;

/** The packets of a carrier that ask for an acknowledgement and have none, by number: a ring of primitives, nothing is allocated per packet. */
final class SentPackets {
    /** It asks for an acknowledgement, and counts as in flight. */
    static final int ELICITING = 1;

    /** It only finds out whether its size gets through: that it is lost says nothing about congestion (RFC 8899, 3). */
    static final int PROBE = 2;

    private static final int GONE = 4;

    private long[] sentAt = new long[64];
    private int[] bytes = new int[64];
    private byte[] flags = new byte[64];
    private long first;
    private long next;
    private long inFlight;
    private int eliciting;

    /** The number of the packet that is sent next. */
    long next() {
        return next;
    }

    /** The number of the oldest packet of which nothing is known; {@link #next} if there is none. */
    long first() {
        return first;
    }

    /** Bytes of packets that ask for an acknowledgement and have not been acknowledged or lost. */
    long inFlight() {
        return inFlight;
    }

    boolean anyEliciting() {
        return eliciting > 0;
    }

    /** Notes the next packet and returns its number. */
    long add(int size, int how, long now) {
        if (next - first == sentAt.length) {
            grow();
        }
        int at = at(next);
        sentAt[at] = now;
        bytes[at] = size;
        flags[at] = (byte) how;
        long number = next++;
        if (is(number, ELICITING)) {
            inFlight += size;
            eliciting++;
        } else {
            remove(number); // the peer need not acknowledge it, and may never do
        }
        return number;
    }

    /** Whether nothing is known of a packet that was sent. */
    boolean isOpen(long number) {
        return number >= first && number < next && !is(number, GONE);
    }

    boolean is(long number, int flag) {
        return (flags[at(number)] & flag) != 0;
    }

    long sentAt(long number) {
        return sentAt[at(number)];
    }

    int bytes(long number) {
        return bytes[at(number)];
    }

    /** A packet was acknowledged, or is given up. */
    void remove(long number) {
        int at = at(number);
        if (is(number, ELICITING)) {
            inFlight -= bytes[at];
            eliciting--;
        }
        flags[at] |= GONE;
        while (first < next && is(first, GONE)) {
            first++;
        }
    }

    /** What is in flight went another way: it is waited for, and takes no room. */
    void discount() {
        for (long number = first; number < next; number++) {
            bytes[at(number)] = 0;
        }
        inFlight = 0;
    }

    private int at(long number) {
        return (int) number & (sentAt.length - 1);
    }

    private void grow() {
        int capacity = 2 * sentAt.length;
        long[] times = Arrays.copyOf(sentAt, capacity);
        int[] sizes = Arrays.copyOf(bytes, capacity);
        byte[] kinds = Arrays.copyOf(flags, capacity);
        for (long number = first; number < next; number++) {
            int from = at(number);
            int to = (int) number & (capacity - 1);
            times[to] = sentAt[from];
            sizes[to] = bytes[from];
            kinds[to] = flags[from];
        }
        sentAt = times;
        bytes = sizes;
        flags = kinds;
    }
}
