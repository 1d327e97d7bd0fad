// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

/**
 * The rules of the protocol that the engine implements, each with what happens without it. Whether a run exercised one
 * is seen from outside: from frames on unsealed carriers, from what the engine asks of its driver, from its counters.
 */
enum Rule {
    // Bytes, buffers, credit
    CREDIT(Kind.SAFETY, "bytes beyond the peer's credit are not sent"),
    NEVER_PAUSE(Kind.LIVENESS, "a full reader does not stop acknowledgements and probes"),
    PARK(Kind.LIVENESS, "a write without room waits, and goes on when there is room"),
    WINDOW(Kind.SPEED, "credit grows with what the application takes"),
    CREDIT_RETURN(Kind.LIVENESS, "an idle sender gives back the credit it does not use"),
    STALE_CREDIT(Kind.SAFETY, "an acknowledgement older than the newest return grants nothing"),
    BLOCKED(Kind.LIVENESS, "a sender out of credit says so, and says it again on another carrier"),
    ACK(Kind.LIVENESS, "what arrived is acknowledged, after 25 ms at most"),
    ACK_RANGES(Kind.SPEED, "what arrived beyond a gap is acknowledged"),
    ACK_FIRST(Kind.SPEED, "both ends acknowledge first on a new carrier"),
    ACK_MONOTONE(Kind.SAFETY, "an acknowledgement that comes late takes nothing back"),
    EXACTLY_ONCE(Kind.SAFETY, "bytes that arrive twice are delivered once"),
    RESEND_CAUSE(Kind.SAFETY, "every byte that is sent again names its cause"),
    POOL_GUARD(Kind.SAFETY, "near the memory budget nothing is granted that is not there"),
    SHARE(Kind.LIVENESS, "a flow has its guaranteed share however full the memory is"),
    BUSY(Kind.SAFETY, "a flow that has no share of the memory is refused"),

    // Packets
    BOUNDARIES(Kind.SAFETY, "a packet is delivered whole, with its length, or not at all"),
    AT_MOST_ONCE(Kind.SAFETY, "a packet that arrives twice is delivered once"),
    UNORDERED(Kind.SPEED, "a packet waits for no other"),
    PACKET_REPAIR(Kind.LIVENESS, "a lost packet is sent again while it is young"),
    EXPIRY(Kind.LIVENESS, "a lost packet that is too old is given up, and its peer does not wait for it"),

    // Carriers
    RECEIPTS(Kind.LIVENESS, "each end reports what a carrier brought, every 25 ms while that moves"),
    IN_FLIGHT(Kind.SPEED, "a carrier is given no more than it delivers in about two round trips"),
    REPAIR(Kind.SAFETY, "what a dead carrier held goes out again on another"),
    SLOT_REPAIR(Kind.LIVENESS, "control that a dead carrier held goes out again on another"),
    RECEIPT_GAP(Kind.LIVENESS, "what was received and not acknowledged for a round trip goes out again"),
    CUT_READS(Kind.SAFETY, "frames are put together from reads cut anywhere"),

    // Datagrams
    LOSS(Kind.LIVENESS, "what a lost datagram held goes out again, payload and control"),
    PTO(Kind.LIVENESS, "when the last datagrams are lost a probe brings that to light"),
    CONGESTION(Kind.SPEED, "a datagram carrier slows down when datagrams are lost"),
    DATAGRAM_SIZE(Kind.LIVENESS, "datagrams get smaller when only large ones vanish"),
    TOO_SMALL(Kind.LIVENESS, "a path whose datagrams are too small for the flow's packets carries none"),
    HANDSHAKE_REPEAT(Kind.LIVENESS, "messages of a handshake are sent again on a carrier that loses them"),
    CONFIRM_REPEAT(Kind.LIVENESS, "a CONFIRM that was lost is sent again"),
    REPLAYED_DATAGRAM(Kind.SAFETY, "a datagram that comes twice is taken once"),
    GENUINE(Kind.SAFETY, "a datagram that is not genuine is dropped, and harms nobody"),
    COOKIE(Kind.SAFETY, "nothing is kept for an address that has not echoed a cookie"),
    REBIND(Kind.LIVENESS, "a carrier goes on when its peer is at another address"),
    RELAYED(Kind.SAFETY, "an address that does not answer is not followed"),

    // Path health
    LIFE(Kind.LIVENESS, "what arrives proves nothing about the other direction"),
    SUSPECT(Kind.LIVENESS, "a carrier that owes a confirmation too long is suspect"),
    PROBE_OTHERS(Kind.SPEED, "a suspicion probes the suspect and other paths"),
    FATE(Kind.SPEED, "a suspicion probes a path that does not share the suspect's fate"),
    SUSPICION_COPY(Kind.SPEED, "the oldest missing bytes are copied to the best other path under suspicion"),
    RESCUE(Kind.SPEED, "when the window is full its head is copied to the carrier that brings it first"),
    COPY_LIMIT(Kind.SPEED, "copies take no more than a twentieth of what is sent"),
    MOVE_FROM_SUSPECT(Kind.LIVENESS, "bulk moves when another path answers while the suspect is silent"),
    PEER_STALL(Kind.LIVENESS, "when nobody answers nothing moves"),
    FALSE_SUSPICION(Kind.SPEED, "a suspect that answers returns, and is suspected later next time"),
    PENALTY(Kind.SPEED, "a path that was left under suspicion is not chosen again for a while"),
    DEAD_BY_SILENCE(Kind.LIVENESS, "a carrier that leaves its probes unanswered is dead"),
    REDIAL(Kind.LIVENESS, "a path without a carrier is dialed again"),
    BACKOFF(Kind.LIVENESS, "dials that fail are repeated with growing pauses"),
    NETWORK_CHANGED(Kind.LIVENESS, "a change of the network ends all pauses"),
    CONNECT_TIMEOUT(Kind.LIVENESS, "an attempt to connect that hangs is given up"),
    ATTACH_TIMEOUT(Kind.LIVENESS, "a handshake without an answer is given up"),
    MAKE_BEFORE_BREAK(Kind.LIVENESS, "a suspect stays until its successor is confirmed"),
    STALE_CARRIER(Kind.SAFETY, "a carrier older than the one in use is turned away"),
    REPLACED(Kind.LIVENESS, "a newer carrier takes the older one's place"),
    KEEP_WARM(Kind.LIVENESS, "the dialer keeps idle carriers warm"),
    IDLE(Kind.LIVENESS, "an idle flow costs next to nothing"),
    ACCEPTOR_PROBE(Kind.LIVENESS, "an acceptor that heard nothing for 75 s probes"),
    LATE_LOOP(Kind.LIVENESS, "a loop that woke late reads before it judges"),
    BACKUP(Kind.LIVENESS, "a backup path carries nothing while another answers"),
    FAILBACK(Kind.LIVENESS, "a flow returns from a backup path"),
    QUALITY(Kind.SPEED, "an armed selector moves to a better path"),
    HYSTERESIS(Kind.SPEED, "a path that is hardly better attracts nothing"),

    // Flows to one peer
    GROUP_RTT(Kind.SPEED, "a new flow begins with what others have measured on its route"),
    GROUP_REDIALS(Kind.SPEED, "after a failure one flow of many dials, and the others wait for how that ends"),
    GROUP_NUDGE(Kind.LIVENESS, "three carriers that fail within 200 ms have all others of the group probed"),
    GROUP_BACKOFF(Kind.SPEED, "when one has come through, the others dial without waiting for the end of their pauses"),
    GROUP_REFUSALS(Kind.LIVENESS, "that another instance answers, and proves it, is known to all flows within 5 s"),
    GROUP_QUALITY(Kind.SPEED, "one idle flow measures the routes for all, and who wakes knows what it measured"),
    GROUP_PROVEN(Kind.SAFETY, "what an answer without proof says concerns nobody but its flow"),

    // Policy
    POLICY(Kind.LIVENESS, "the acceptor follows the dialer's policy"),
    EPOCH(Kind.LIVENESS, "a policy that comes late overrules no newer one"),
    RACE(Kind.SPEED, "every child of a race gets everything, and the first to bring it wins"),
    LAGGARD(Kind.LIVENESS, "what waited for a child of a race that is gone, and was lost elsewhere, goes out again"),
    BOND(Kind.SPEED, "the children of a bond share the bytes"),
    EARLIEST(Kind.SPEED, "a slow child of a bond takes nothing that the others bring sooner"),
    DIAL(Kind.SPEED, "a selector that duplicates copies what is late, and no more than its share"),
    TREE(Kind.LIVENESS, "every selector of a tree makes a choice of its own, and the acceptor follows each"),
    STEER(Kind.LIVENESS, "the acceptor may steer its own sending"),
    PATH_STATE(Kind.SPEED, "an end tells its peer what only it sees of a path"),
    MIGRATE(Kind.LIVENESS, "an explicit migration moves and re-sends nothing"),
    MIGRATE_REFUSED(Kind.LIVENESS, "an explicit migration to a silent path fails with an error"),
    ADD_PATH(Kind.LIVENESS, "a path is added to a live flow"),
    REMOVE_PATH(Kind.SAFETY, "a removed path drains, and what it could not deliver goes another way"),
    TARGET(Kind.LIVENESS, "a new target's paths are opened, and others go when one of those answers"),
    LAST_PATH(Kind.SAFETY, "the last path cannot be removed"),
    PATH_IDS(Kind.SAFETY, "a path's id is never used twice"),

    // Life and death of a flow
    ACCEPTED(Kind.SAFETY, "a dial returns when the peer's application took the flow"),
    REFUSED(Kind.SAFETY, "a refusal by the peer's application ends the dial"),
    EAGER(Kind.LIVENESS, "an eager dialer's bytes follow the handshake at once"),
    HELLO_RETRY(Kind.LIVENESS, "a dial tries its paths one after another, the first confirmed wins"),
    DIAL_TIMEOUT(Kind.LIVENESS, "a dial that nobody answers fails in time"),
    HALF_CLOSE(Kind.SAFETY, "one direction ends, the other goes on"),
    LINGER(Kind.SAFETY, "what was written before close is delivered after it"),
    LINGER_END(Kind.LIVENESS, "a closed flow whose tail nobody reads ends after 30 s"),
    STOP(Kind.LIVENESS, "a reader that left ends its peer's writes"),
    FINISH(Kind.SAFETY, "that everything was read is not said of what the peer dropped"),
    ABORT(Kind.LIVENESS, "an abort reaches the peer with its code"),
    CLEAN_END(Kind.SAFETY, "both ends see the end, and all memory is returned"),
    TOMBSTONE(Kind.LIVENESS, "a late attach to an ended flow is refused"),
    PROVEN_REFUSAL(Kind.SAFETY, "a refusal that proves nothing ends nothing but its dial"),
    HOLD(Kind.LIVENESS, "without a path that answers, reads and writes wait"),
    RESUME(Kind.LIVENESS, "a flow goes on when a path is back within the budget"),
    BUDGET(Kind.LIVENESS, "a flow without a path ends when its budget is spent"),
    BUDGET_AGREED(Kind.LIVENESS, "the smaller budget of both ends counts"),
    ZOMBIE(Kind.LIVENESS, "a flow that moves and moves without progress ends"),
    ZOMBIE_SPARES(Kind.SAFETY, "a flow that moves and makes progress goes on"),
    PEER_RESTART(Kind.LIVENESS, "a flow whose peer restarted ends early"),
    WRONG_INSTANCE(Kind.SAFETY, "an attach at the wrong instance is refused and tried again"),

    // Security, as far as flows need it
    SEALED(Kind.SAFETY, "carriers are sealed"),
    CORRUPTION(Kind.SAFETY, "a damaged record ends its carrier and never reaches the flow"),
    POISON(Kind.LIVENESS, "a flow whose carriers break the protocol again and again ends"),
    REPLAY(Kind.SAFETY, "a recorded handshake opens nothing"),
    FORGERY(Kind.SAFETY, "a handshake without the keys opens nothing"),
    FLOOD(Kind.LIVENESS, "a handshake that does not go on is given up");

    /** What a rule is for. */
    enum Kind {
        /** Without it bytes are lost, doubled, mixed up or let in. */
        SAFETY,
        /** Without it something waits for ever, or longer than promised. */
        LIVENESS,
        /** Without it things take longer. */
        SPEED
    }

    private final Kind kind;
    private final String text;

    Rule(Kind kind, String text) {
        this.kind = kind;
        this.text = text;
    }

    Kind kind() {
        return kind;
    }

    String text() {
        return text;
    }
}
