// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

/** What a {@link LinkEmulator} does with a new connection. */
public enum LinkConnects {
    /** Connects on to the target; the normal case. */
    FORWARD,
    /**
     * The kernel completes the handshake and then nothing ever answers, as behind a dead balancer. What the client sends is swallowed. A
     * connection that hung stays hung when the link returns to {@link #FORWARD}: only new ones are served.
     */
    HANG,
    /** Every SYN is dropped: the connect itself hangs, until the client gives up or the link listens again. Linux only. */
    DROP,
    /** The port stays reserved but nothing listens on it: the client's connect is refused by the kernel, which nobody can count. */
    REFUSE,
    /** The connection is accepted and reset at once. Counted in {@link LinkCounters#refused()}. */
    RESET
}
