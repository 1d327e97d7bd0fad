// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

/** What the tree must know of the paths at its leaves. Unknown ids are those of paths without a carrier. */
public interface Paths {
    /** Whether the path has a carrier that may be given bytes: it is fit for them and not suspect. */
    boolean isUsable(int pathId);

    /**
     * How long a byte takes to arrive that the path is given now, in nanoseconds: in flight / rate + min RTT / 2;
     * {@link Long#MAX_VALUE} without a carrier, or if it is on its way out.
     */
    long eta(int pathId);

    /** Bytes per second that the path brings, 0 while unknown. */
    double rate(int pathId);

    /** The smoothed round-trip time in nanoseconds; 0 while unknown. */
    long rtt(int pathId);

    /**
     * How much longer the oldest byte in flight is under way than it should take behind those before it, in nanoseconds; 0 when
     * none is.
     */
    long overdue(int pathId);

    /** The shortest round-trip time of the last 10 seconds, in nanoseconds; 0 while unknown. */
    long recentMinRtt(int pathId);
}
