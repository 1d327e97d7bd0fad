// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Moves, changes and measures a live connection. Thread-safe; nothing here disturbs a read or write.
 *
 * <p>Only the dialing end opens and removes paths. On the accepting end {@link #migrate}, {@link #setTarget} and
 * {@link Conn#setMode} steer what that end sends, until the dialer changes its policy.
 */
public interface ConnAdmin {
    /**
     * Moves the flow to a path, after it has answered a probe. Nothing is sent again: what is under way on the old path
     * arrives there.
     *
     * @param pathId the path
     * @throws PathUnavailableException if there is no such path, or it does not answer; the flow stays where it is
     * @throws IOException if the flow has ended
     */
    void migrate(int pathId) throws IOException;

    /** {@return id of the path that carries the flow; in a race or bond that of the best one; -1 if none} */
    int activePath();

    /**
     * Adds a path as the last child of the policy's root and opens it. Waits until it has been opened.
     *
     * @param spec the path; its name must not be in use
     * @return its id
     * @throws PathUnavailableException if it cannot be opened within its {@code connectTimeout}; it is not kept
     * @throws IOException if the flow has ended
     * @throws UnsupportedOperationException on the accepting end: only the dialing end opens paths
     * @throws IllegalArgumentException if the path does not fit into the tree, see {@link Target#check()}
     */
    int addPath(PathSpec spec) throws IOException;

    /**
     * {@link #addPath} without waiting.
     *
     * @param spec the path
     * @return completes on the callback executor with its id, or with what {@code addPath} throws
     */
    CompletionStage<Integer> addPathAsync(PathSpec spec);

    /**
     * Removes a path. The flow leaves it first; what is under way on it may arrive for 2 s, the rest is sent again.
     *
     * @param pathId the path
     * @throws LastPathException if it is the only one
     * @throws PathUnavailableException if there is no such path
     * @throws IOException if the flow has ended
     * @throws UnsupportedOperationException on the accepting end: only the dialing end removes paths
     */
    void removePath(int pathId) throws IOException;

    /**
     * Has the carrier of a path go on from another local address, without a new one: a UDP or QUIC path whose network has
     * changed. {@link Rendr#networkChanged()} does it for all paths. Waits until it has moved; the peer follows with the
     * next packets. {@link PathInfo#rebinds()} counts it.
     *
     * @param pathId the path
     * @param local where to; the wildcard address for whatever the path's {@code local} option means now, or the system
     *     chooses; port 0 for any
     * @throws PathUnavailableException if there is no such path, it has no carrier, its transport cannot, or the system
     *     refuses the address; the carrier stays where it was
     * @throws IOException if the flow has ended
     * @throws UnsupportedOperationException on the accepting end: it follows the dialer
     * @throws IllegalArgumentException if the address is not resolved
     */
    void rebind(int pathId, SocketAddress local) throws IOException;

    /** {@return the policy tree} */
    Target target();

    /**
     * Replaces the policy tree: which paths there are, their order of preference, which are backups, and whether quality
     * is armed. Leaves that have the name of a path of this connection and lead to the same place keep it, with its
     * carrier; others are opened, and dialed again as long as they are named. Paths that are no longer named are removed,
     * as soon as one that is named answers. Returns before all that is done. Another order alone moves nothing; a flow
     * whose path has become a backup leaves it for one that is none after {@link QualityPolicy#dwell()}.
     *
     * <p>On the accepting end, the tree steers what that end sends, until the dialer changes its policy. There the leaves
     * are matched by name alone, and have to be the paths that the connection has.
     *
     * <p>Either everything is changed or, if this throws, nothing. Does nothing once the flow has ended.
     *
     * @param root the new tree; a single path is a selector of one
     * @throws InvalidConfigException if the tree is not good, see {@link Target#check()}, or an option of a path is not
     * @throws IllegalArgumentException if the flow cannot have that many paths
     * @throws UnknownTransportException if a path has a transport that is not there
     * @throws UnsupportedOperationException on the accepting end, if the leaves are not the paths of this connection; and
     *     for what this version does not know: races, bonds, groups in groups and duplication
     */
    void setTarget(Target root);

    /** {@return the state of the connection} */
    ConnState state();

    /** {@return the mode of the policy tree's root} */
    Mode mode();

    /** {@return all numbers, from the same moment} */
    ConnStats stats();

    /** {@return the most bytes (packet flows: packets) that ever waited for the application} */
    default long recvQueueHighWater() {
        return stats().recvQueueHighWater();
    }

    /** {@return payload bytes (packet flows: packets) received more than once and dropped} */
    default long recvDuplicates() {
        return stats().recvDuplicates();
    }

    /** {@return times that a bond passed over a path because it was stuck} */
    default long bondStuckSkips() {
        return stats().bondStuckSkips();
    }

    /** {@return moves to another path, all causes} */
    default long migrationCount() {
        return stats().migrationCount();
    }

    /**
     * Tells of every migration from now on, in order.
     *
     * @param listener called on the callback executor; what it throws is logged
     * @return closes to remove the listener
     */
    Registration onMigrate(Consumer<Migration> listener);

    /**
     * Tells of every change of a path's state from now on, in order.
     *
     * @param listener called on the callback executor; what it throws is logged
     * @return closes to remove the listener
     */
    Registration onPathChange(Consumer<PathInfo> listener);
}
