// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.net.SocketAddress;
import java.util.Map;
import java.util.Optional;

/**
 * A flow that a peer wants to open, for {@link AcceptorConfig.Builder#admit}. The peer has proved itself; its {@code dial}
 * waits for the decision. Thread-safe; the first of {@link #accept()} and {@link #refuse(int)} counts. Without one in time
 * the flow is refused.
 */
public interface Incoming {
    /** {@return the flow} */
    FlowId flowId();

    /** {@return what it wants to carry} */
    FlowKind kind();

    /** {@return who asks} */
    PeerInfo peer();

    /** {@return id of the pre-shared key that it proved to know; empty if none is in use} */
    Optional<String> preSharedKeyId();

    /** {@return what the dialer gave to {@link DialerConfig.Builder#metadata(Map)}} */
    Map<String, String> metadata();

    /** {@return original addresses of a captured connection; empty if it is none} */
    @Provisional
    Optional<L3Identity> l3Identity();

    /** {@return the endpoint it came in by} */
    PathSpec endpoint();

    /** {@return where it came from} */
    SocketAddress remoteAddress();

    /** Takes the flow: the peer's {@code dial} returns, and the flow goes to {@code accept} or a handler. */
    void accept();

    /**
     * Refuses the flow: the peer's {@code dial} throws {@link FlowRefusedException}.
     *
     * @param code tells the peer why, 0 to 65,535; its meaning is the application's
     * @throws IllegalArgumentException if {@code code} is out of range
     */
    void refuse(int code);
}
