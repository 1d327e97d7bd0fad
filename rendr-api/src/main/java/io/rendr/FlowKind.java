// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/** What a flow carries. */
public enum FlowKind {
    /** Bytes in order, exactly once: a {@link StreamConn}. */
    STREAM,
    /** Packets with their boundaries, at most once, in any order: a {@link PacketConn}. */
    PACKET
}
