// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/** Why an acceptor did not let a new carrier in, as {@link HandshakeStats} counts it. */
public enum HandshakeRefusal {
    /** What came is no handshake, or breaks its rules: another protocol, garbage, a length or a value out of bounds. */
    MALFORMED,
    /** The TLS of the carrier failed: no TLS came, no common version, or a certificate was not accepted at either end. */
    TLS,
    /** The dialer speaks no version of the protocol that this end does. */
    VERSION,
    /** The acceptor has pre-shared keys and the dialer used none. */
    PSK_REQUIRED,
    /** The dialer named a pre-shared key that the acceptor does not have. */
    UNKNOWN_PSK,
    /** The proof in the first message is wrong: another key, or the message was changed on the way. */
    BAD_PROOF,
    /** The first message was right and the proof in the last one is wrong: it answers to a recording. */
    BAD_CONFIRM,
    /** The dialer asks for a new flow by the id of one that exists, or did until a moment ago: a recording. */
    REPLAYED,
    /** The two ends do not agree on encryption, see {@code ?seal=always}. */
    PROTECTION,
    /** The carrier is for a flow that this runtime does not have, or for another runtime: a balancer, or a restart. */
    UNKNOWN_FLOW,
    /** The carrier is for a flow that has ended. */
    FLOW_ENDED,
    /** The kind of flow is one that nobody here accepts. */
    NOT_ADMITTED,
    /** The acceptor or its runtime is being closed. */
    SHUTTING_DOWN,
    /** {@link RendrConfig#maxFlows} or the memory budget leave no room for another flow. */
    NO_ROOM,
    /** Its source begins more handshakes without proving itself than {@link AcceptorConfig#handshakesPerSource}. */
    SOURCE_LIMIT,
    /** Key agreement for dialers that do not prove themselves is at its share of {@link RendrConfig#handshakeCpu}. */
    CPU_LIMIT,
    /** It was displaced by a newer one when there were {@link AcceptorConfig#maxHandshakes}. */
    DISPLACED,
    /** It took longer than {@link AcceptorConfig#handshakeTimeout}. */
    TIMED_OUT,
    /** The other end closed the carrier, or it broke; also every attempt of a dialer that another path was faster for. */
    ABANDONED
}
