// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

/**
 * Why an acceptor turns a HELLO or an ATTACH away. The numbers are part of the wire format; the texts are for people
 * and say what to do.
 */
public enum RefuseCode {
    /** A code that this version does not know; never sent. */
    OTHER(0, "refused for a reason this version does not know"),
    /** Out of memory budget, slots or handshake capacity. {@code a}: how long to wait, in milliseconds, 0 if unknown. */
    BUSY(1, "the peer has no room for another flow or handshake now; try again later"),
    /** The ATTACH names another instance: a balancer or a restart. Retry; never ends a flow that has other paths. */
    WRONG_INSTANCE(2, "this address led to another instance than the one that holds the flow"),
    UNKNOWN_FLOW(3, "the peer does not know the flow"),
    /** A higher carrier number of the same path was there first. */
    STALE(4, "a newer carrier of the same path has replaced this one"),
    /**
     * From a tombstone: the flow is over. {@code b}: 0 if both directions were consumed, else 1. {@code a}: the code of
     * the ABORT that ended it, if there was one.
     */
    FLOW_ENDED(5, "the flow has ended"),
    BAD_PROOF(6, "the proof of the key is wrong; check that both ends have the same pre-shared key"),
    PSK_REQUIRED(7, "the peer only takes flows with a pre-shared key; configure one"),
    UNKNOWN_PSK(8, "the peer has no pre-shared key of this id; check the id and the peer's key list"),
    /** The acceptor sees a weaker carrier than the dialer claims. */
    PROTECTION_MISMATCH(
            9,
            "the carrier is encrypted at the dialing end but not at the accepting one, so something between them ends"
                    + " TLS; add ?seal=always to the path"),
    /** {@code a} and {@code b}: the lowest and highest version that the acceptor speaks. */
    VERSION(10, "the peer speaks no common version of the protocol"),
    /** A value beyond what the acceptor allows. {@code a}: the limit it holds, 0 if there is none to name. */
    LIMIT(11, "a limit of the peer is exceeded"),
    /** {@code a}: the code that the application chose. */
    NOT_ADMITTED(12, "the application at the peer refused the flow"),
    SHUTTING_DOWN(13, "the peer is shutting down"),
    PROTOCOL(14, "the handshake breaks the protocol");

    private static final RefuseCode[] BY_NUMBER = values();

    private final int number;
    private final String text;

    RefuseCode(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** The number on the wire, 0 to 65,535. */
    public int number() {
        return number;
    }

    /** One sentence for people, without a full stop. */
    public String text() {
        return text;
    }

    /** The code with this number, {@link #OTHER} if there is none. */
    public static RefuseCode of(int number) {
        // The numbers are the ordinals; a test holds them so.
        return number > 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : OTHER;
    }
}
