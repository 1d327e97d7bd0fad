// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/** Why payload was sent a second time. Every byte that is sent again is counted under exactly one cause. */
public enum ResendCause {
    /** The carrier that had it closed, or the peer reported it dead. */
    DEATH,
    /** Its path fell silent: the oldest missing bytes are copied to the best other path, at most 64 KiB at a time. */
    SUSPICION,
    /** It holds up the window or the reader, and another path can bring it earlier. */
    RESCUE,
    /** A datagram that held it was declared lost (RFC 9002, section 6.1). */
    LOSS,
    /** The peer's carrier receipt covers it, but no acknowledgement has for a round trip. */
    RECEIPT_GAP,
    /** Its path was removed and did not drain in time. */
    DETACH,
    /** Another child of a race was given it first. */
    RACE,
    /** It is later than it should be, and its selector sends a share of the payload on a second child. */
    DUPLICATION
}
