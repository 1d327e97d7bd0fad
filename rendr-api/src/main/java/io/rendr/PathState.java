// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/**
 * The life of a path.
 *
 * <pre>{@code
 * CONNECTING -> STANDBY <-> ACTIVE     connected and proved: stands by, or carries
 *      ^           ^  \       |
 *      |           |   v      v
 *      |           +-- SUSPECT         silent while something waits for its confirmation
 *      |                  |
 *      +----- DOWN <------+            no carrier; the next attempt is scheduled
 *
 * any -> DRAINING -> REMOVED           removePath, or the end of the flow
 * }</pre>
 *
 * Only the dialing end goes from {@code DOWN} to {@code CONNECTING} by itself; on the accepting end a path waits in
 * {@code DOWN} until the dialer attaches it again. From any state an error of the operating system leads to {@code DOWN}
 * at once.
 */
public enum PathState {
    /** A carrier is being dialed, or is connected and the peer has not proved itself on it yet. */
    CONNECTING,
    /** Ready, confirmed by the peer, and not chosen to carry payload. */
    STANDBY,
    /** Ready, confirmed by the peer, and carrying payload. Several paths are active at once in a race or bond. */
    ACTIVE,
    /** Something sent on it has not been confirmed in time. It may answer and return to {@link #STANDBY}. */
    SUSPECT,
    /**
     * Its last carrier is gone; it is dialed again as long as the flow lives. Or its carrier is there, and its datagrams are
     * too small for the packets of the flow, as {@link PathInfo#lastError()} says; the size is tried again every 5 s.
     */
    DOWN,
    /** It was removed; what is under way on it is being delivered, for at most 2 s. */
    DRAINING,
    /** Gone for good. Its id is never used again. Seen only in path-change events. */
    REMOVED;

    /** {@return whether payload may be given to a path in this state: {@link #STANDBY} or {@link #ACTIVE}} */
    public boolean isUsable() {
        return this == STANDBY || this == ACTIVE;
    }
}
