// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.rendr.CloseReason;
import org.jspecify.annotations.Nullable;

/** One modelled TCP connection over a route: two ends, and a pipe each way. */
final class Connection implements Way {
    static final int FORWARD = 0;
    static final int BACK = 1;

    private final Route route;
    private final int number;
    private final Endpoint dialer;
    private final Endpoint acceptor;
    private final EventLog log;
    private boolean swallowed;
    private boolean broken;
    private final boolean tarpit;
    private boolean natResets;
    private @Nullable Conversation conversation;

    Connection(Route route, int number, Host dialerHost, Host acceptorHost, EventLog log) {
        this.route = route;
        this.number = number;
        this.log = log;
        dialer = new Endpoint(this, dialerHost, true);
        acceptor = new Endpoint(this, acceptorHost, false);
        dialer.connect(new Pipe(this, FORWARD, acceptor));
        acceptor.connect(new Pipe(this, BACK, dialer));
        swallowed = route.mute();
        tarpit = route.tarpit();
        broken = swallowed || tarpit;
        route.opened(this);
    }

    Route route() {
        return route;
    }

    EventLog log() {
        return log;
    }

    Endpoint dialer() {
        return dialer;
    }

    Endpoint acceptor() {
        return acceptor;
    }

    Endpoint peerOf(Endpoint end) {
        return end == dialer ? acceptor : dialer;
    }

    /** Whose bytes run here, as far as the simulator knows; null for an adversary's. */
    @Nullable
    Conversation conversation() {
        return conversation;
    }

    void belongsTo(Conversation owner) {
        conversation = owner;
    }

    /** Whether what is sent in {@code direction} vanishes. */
    boolean swallows(int direction) {
        return swallowed || route.swallows(direction);
    }

    /** Whether a piece vanishes because so many have passed before. */
    boolean swallowsAfter(int direction, int passed) {
        return tarpit && direction == BACK && passed > 0;
    }

    /** Whether a packet sent now is answered by a RST on behalf of the peer. */
    boolean resets() {
        return natResets;
    }

    @Override
    public boolean isBroken() {
        return broken;
    }

    /** A process that had an end of it is gone. */
    void lostAnEnd() {
        broken = true;
    }

    @Override
    public void forgottenByNat(boolean reset) {
        broken = true;
        if (reset) {
            natResets = true;
        } else {
            swallowed = true;
        }
    }

    @Override
    public void tear(boolean atDialer, boolean atAcceptor) {
        if (atDialer) {
            dialer.resetLater(route.transit());
        }
        if (atAcceptor) {
            acceptor.resetLater(route.transit());
        }
        swallowed = true;
        broken = true;
    }

    @Override
    public void finishBoth() {
        dialer.finishedLater(route.transit());
        acceptor.finishedLater(route.transit());
        swallowed = true;
        broken = true;
    }

    /** The peer of {@code sender} does not know the connection (any more): it answers with a RST. */
    void answerReset(Endpoint sender) {
        int back = sender == dialer ? BACK : FORWARD;
        if (!swallowed && !route.swallows(back)) {
            sender.resetLater(2 * route.transit());
        }
    }

    void endGone() {
        if (dialer.isClosed() && acceptor.isClosed()) {
            dialer.pipe().discard();
            acceptor.pipe().discard();
            route.forget(this);
        }
    }

    long lateClose() {
        int late = route.plan().lateCloseMs();
        return late == 0 ? 0 : route.random().nextLong(MILLISECONDS.toNanos(late));
    }

    static CloseReason reset() {
        return CloseReason.of(CloseReason.Kind.RESET, "connection reset by peer");
    }

    static CloseReason finished() {
        return CloseReason.of(CloseReason.Kind.PEER_CLOSED, "end of stream");
    }

    @Override
    public String toString() {
        return route + "#" + number;
    }
}
