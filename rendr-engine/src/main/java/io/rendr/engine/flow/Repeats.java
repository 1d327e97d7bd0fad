// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import org.jspecify.annotations.Nullable;

/**
 * When the last message of a handshake is sent again, on a carrier that may lose it: after 300 ms, sooner where the round trip
 * is known, then after twice as long each time, after 2.4 s at most. The end that dials repeats; the other one answers whatever it gets once more.
 */
final class Repeats {
    static final long FIRST = MILLISECONDS.toNanos(300);
    private static final long MOST = MILLISECONDS.toNanos(2_400);

    private static final int MOST_REPEATED = 3;

    private final long first;
    private @Nullable PacketPort port;
    private long at = Long.MAX_VALUE;
    private long step;
    private int repeated;

    /**
     * @param first how long to wait the first time, in nanoseconds
     */
    Repeats(long first) {
        this.first = first;
    }

    /** A message was sent that has yet to be answered. */
    void sent(CarrierPort on, long now) {
        if (on instanceof PacketPort packets) {
            port = packets;
            repeated = 0;
            step = first;
            at = now + step;
        }
    }

    /** Nothing more is to be answered. */
    void stop() {
        port = null;
        at = Long.MAX_VALUE;
    }

    /** When {@link #onTimer} has something to do; {@link Long#MAX_VALUE} if it has not. */
    long at() {
        return at;
    }

    /** Whether an answer may be that to an earlier message, and says nothing of the round trip (RFC 6298, section 3). */
    boolean isAmbiguous() {
        return repeated > 0;
    }

    /** Whether a message was repeated so often without an answer that it may be at fault itself: a cookie gets old. */
    boolean isSpent(long now) {
        return repeated >= MOST_REPEATED && now >= at;
    }

    void onTimer(long now) {
        PacketPort packets = port;
        if (packets != null && now >= at) {
            repeated++;
            step = Math.min(MOST, 2 * step);
            at = now + step;
            packets.repeat();
        }
    }
}
