// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/**
 * The life of a connection. {@code INIT -> HANDSHAKING -> ACTIVE <-> MIGRATING -> CLOSING -> DEAD}; {@code DEAD} can
 * follow any state and is the last.
 */
public enum ConnState {
    /** Created, nothing sent yet. */
    INIT,
    /** The first path is being connected and proved. */
    HANDSHAKING,
    /** At least one path answers. */
    ACTIVE,
    /** No path answers, the migration budget is running: reads and writes wait. */
    MIGRATING,
    /** {@link Conn#close()} was called here or by the peer; the tail is being delivered. */
    CLOSING,
    /** Over. Calls fail with what ended it. */
    DEAD
}
