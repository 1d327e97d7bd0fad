// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * One connection to a peer, whatever paths carry it: what {@link StreamConn} and {@link PacketConn} have in common.
 *
 * <p>No method here, and no read or write, ever fails because a path died or the flow moved. While no path answers, reads
 * and writes wait; after the migration budget they fail with {@link MigrationBudgetExceededException}.
 *
 * <p>Thread-safe. One thread that reads and one that writes is the fast case. An interrupt ends a blocked call with
 * {@link java.io.InterruptedIOException} and <b>leaves the connection open</b>. {@link #close()} and {@link #abort} end
 * blocked calls with {@link java.nio.channels.AsynchronousCloseException}. A blocking call on one of the runtime's event
 * loops throws {@link IllegalStateException}.
 */
public interface Conn extends AutoCloseable {
    /** {@return the flow, the same at both ends for its whole life} */
    FlowId flowId();

    /** {@return what it carries} */
    FlowKind kind();

    /** {@return the mode of the policy tree's root, see {@link Target#mode()}} */
    Mode mode();

    /**
     * Replaces the policy by a single group over all paths. On the accepting end this steers what this end sends, until
     * the dialer changes its policy.
     *
     * @param mode the new mode
     * @throws IllegalModeTransitionException between race and bond, see {@link Mode#canChangeTo(Mode)}
     */
    void setMode(Mode mode);

    /** {@return all paths, in the order of the configuration, added ones last} */
    List<PathInfo> paths();

    /** {@return state, peer and paths, all from the same moment} */
    ConnStatus status();

    /** {@return the way to move, change and measure this connection} */
    ConnAdmin admin();

    /** {@return what the dialer gave to {@link DialerConfig.Builder#metadata(Map)}, at both ends; may be empty} */
    Map<String, String> metadata();

    /** {@return original addresses of a captured connection; empty if it is none} */
    @Provisional
    Optional<L3Identity> l3Identity();

    /** {@return this end of the path in use now, or of the last one; changes with a migration} */
    SocketAddress localAddress();

    /** {@return the other end of the path in use now, or of the last one; changes with a migration} */
    SocketAddress remoteAddress();

    /** {@return whether neither {@link #close()} nor {@link #abort} was called and the flow lives} */
    boolean isOpen();

    /**
     * Ends the connection in order: what was written is still delivered, in the background, for at most the linger time of
     * the runtime (30 s). Returns at once. To learn whether the peer has read it, see {@link StreamConn#finish()} and
     * {@link #closed()}. Further calls have no effect.
     */
    @Override
    void close();

    /**
     * Ends the connection now. What is under way is dropped; the peer's calls fail with {@link FlowAbortedException}.
     *
     * @param code tells the peer why, from 0; its meaning is the application's
     * @throws IllegalArgumentException if {@code code} is negative
     */
    void abort(int code);

    /**
     * Completes when the flow is over at this end: delivered and closed by both, aborted, or failed.
     *
     * @return why it ended; never completes exceptionally
     */
    CompletionStage<CloseReason> closed();

    /**
     * Another face of this connection, for adapters: {@code conn.unwrap(FlowPort.class)}.
     *
     * @param <T> the type
     * @param type the type
     * @return the face; empty if there is none of that type
     */
    <T> Optional<T> unwrap(Class<T> type);
}
