// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.CloseReason;
import io.rendr.engine.path.Backoff;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one path of the dialing end supplied with a carrier: dials, attaches, and dials again with growing pauses for as
 * long as the flow lives.
 *
 * <p>A redial begins when the carrier is gone or has been suspect for a second. The suspect stays until its successor is
 * confirmed: make before break.
 */
final class Redialer implements PeerGroup.Member {
    private static final long SUSPECT_BEFORE_REDIAL = SECONDS.toNanos(1);
    /**
     * How long the answer to a handshake may take at first (RFC 6298 2.1 gives an unmeasured path as much). Also, younger
     * attempts to connect may well get through: a lost first packet is not repeated before (RFC 6298, section 5.7).
     */
    private static final long FIRST_ANSWER = SECONDS.toNanos(1);

    private static final long LAST_ANSWER = SECONDS.toNanos(4);
    private static final CloseReason RECOVERED = CloseReason.of(CloseReason.Kind.LOCAL, "the carrier recovered");

    private final Flow flow;
    private final FlowPath path;
    private final long connectTimeout;
    private final Backoff backoff;
    private final PeerGroup group;
    private long notBefore = Long.MIN_VALUE;
    private boolean connecting;
    /** For the attempt to connect, if it had to ask. */
    private RedialGate.@Nullable Pass pass;

    /** The newest carrier has confirmed nothing yet: a handshake alone does not end the pauses. */
    private boolean unproven;

    private boolean unreachable;
    private @Nullable Attaching attaching;
    private long giveUpAt = Long.MAX_VALUE;
    /** From when on {@link #giveUpAt} counts. */
    private long patientSince;

    private @Nullable Outcome firstOutcome;
    private boolean onTrial;

    Redialer(Flow flow, FlowPath path, long now) {
        this.flow = flow;
        this.path = path;
        this.connectTimeout = flow.host().connectTimeout(path.spec());
        FlowSettings settings = flow.settings();
        this.backoff = new Backoff(
                settings.redialFirst(), settings.redialLast(), flow.instance().random());
        this.group = flow.instance().groups().of(flow.peer(), path.spec(), now);
        group.join(this);
    }

    /** What is known of the route from other flows. */
    PeerGroup group() {
        return group;
    }

    @Override
    public FlowHost host() {
        return flow.host();
    }

    FlowPath path() {
        return path;
    }

    /** The path goes if the first attempt fails; tells {@code outcome} how that ends. */
    void tryFirst(Outcome outcome) {
        firstOutcome = outcome;
        onTrial = true;
    }

    /** Whether the path was only tried until now, and goes if that fails. */
    boolean isOnTrial() {
        return onTrial;
    }

    /** The path stays, whatever comes of the first attempt. */
    void keepTrying() {
        onTrial = false;
    }

    boolean isDialing() {
        return connecting || attaching != null;
    }

    int failures() {
        return backoff.failures();
    }

    /** The network changed: what failed before may work now, and what hangs since then may hang for ever. */
    void hurry(long now) {
        backoff.reset();
        dialNow(now);
    }

    /** Without a pause, and without waiting for an attempt of which the packets were lost. */
    private void dialNow(long now) {
        notBefore = now;
        if (connecting && now - patientSince >= firstAnswer()) {
            cancelConnect();
            giveUpAt = Long.MAX_VALUE;
        }
    }

    /** When a dial is due; {@link Long#MAX_VALUE} while none is wanted. */
    private long wantedAt() {
        if (isDialing() || path.isRemoved() || !flow.closing().wantsCarriers()) {
            return Long.MAX_VALUE;
        }
        Link link = path.link();
        if (link == null) {
            return flow.paths().mayAttach() ? notBefore : Long.MAX_VALUE;
        }
        return link.health().isSuspect()
                ? Math.max(notBefore, link.health().suspectSince() + SUSPECT_BEFORE_REDIAL)
                : Long.MAX_VALUE;
    }

    long deadline() {
        long repeat = attaching == null ? Long.MAX_VALUE : attaching.deadline();
        return Math.min(repeat, Math.min(wantedAt(), giveUpAt));
    }

    void onTimer(long now) {
        Link link = path.link();
        if (unproven && link != null && link.health().isProven()) {
            unproven = false;
            backoff.reset();
            notBefore = now;
        }
        if (now >= giveUpAt) {
            failed(
                    CloseReason.of(
                            CloseReason.Kind.TIMEOUT,
                            (connecting ? "no carrier" : "no answer to the handshake") + " within "
                                    + NANOSECONDS.toMillis(giveUpAt - patientSince) + " ms"),
                    now);
        }
        if (attaching != null) {
            attaching.onTimer(now);
        }
        if (now >= wantedAt()) {
            connecting = true;
            // The transport ends its attempt by itself; this also bounds the wait for leave to begin it.
            patience(connectTimeout + LAST_ANSWER, now);
            if (path.hadCarrier() || backoff.failures() > 0) {
                pass = group.gate().enter(this, flow.progress().queued() > 0, now);
            } else {
                connect();
            }
            flow.paths().refreshState(path, now);
        }
    }

    private void connect() {
        flow.host().connect(path.id(), path.spec(), backoff.failures());
    }

    @Override
    public void dial(RedialGate.Pass granted, long now) {
        if (granted == pass) {
            connect();
        }
    }

    @Override
    public void news(long now) {
        Link link = path.link();
        if (link != null) {
            link.health().probe(now);
        } else {
            flow.strangers().judge(now);
            dialNow(now);
        }
        flow.settle(now);
    }

    /** The attempt to connect is over. */
    private void passEnded(boolean connected, long now) {
        if (pass != null) {
            pass.ended(connected, now);
            pass = null;
        }
    }

    private void cancelConnect() {
        if (connecting) {
            connecting = false;
            flow.host().cancelConnect(path.id());
        }
        if (pass != null) {
            pass.cancel();
            pass = null;
        }
    }

    /** The transport delivered a carrier. */
    void connected(CarrierPort port, long now) {
        boolean wanted = connecting && !path.isRemoved() && flow.closing().wantsCarriers();
        connecting = false;
        if (!(port instanceof PacketPort)) {
            reached(now);
        }
        if (!wanted) {
            cancelConnect();
            port.close(CloseReason.of(CloseReason.Kind.LOCAL, "no longer wanted"));
            return;
        }
        if (path.isUsable()) {
            port.close(RECOVERED);
            calledOff(now);
            return;
        }
        CloseReason unfit = Sealing.unfit(flow.protection(), port);
        if (unfit != null) {
            port.close(unfit);
            failed(unfit, now);
            return;
        }
        Attaching attempt = new Attaching(flow, this, path, port, now);
        attaching = attempt;
        attempt.start();
        if (attaching == attempt) {
            patience(answerTimeout(), now);
        }
    }

    /** Somebody is at the other end. That a datagram socket is open does not say so; an answer does. */
    void reached(long now) {
        passEnded(true, now);
        group.reached(now);
        unreachable = false;
    }

    private void patience(long nanos, long now) {
        patientSince = now;
        giveUpAt = now + nanos;
    }

    /**
     * The path may have failed while the carrier was on its way to the peer; then the next one gets through sooner than
     * this one can recover. A peer that has much to do is given more time with every other attempt.
     */
    private long answerTimeout() {
        long first = firstAnswer();
        return Math.min(Math.max(first, LAST_ANSWER), first << Math.min(2, backoff.failures() / 2));
    }

    /** By SRTT, for one answer that an outage held back makes an RTO of many seconds. */
    private long firstAnswer() {
        return Math.max(FIRST_ANSWER, 4 * path.rtt().srtt());
    }

    /** The suspect recovered before its successor was confirmed: a healthy carrier is not exchanged. */
    void calledOff(long now) {
        Attaching attempt = attaching;
        attaching = null;
        giveUpAt = Long.MAX_VALUE;
        cancelConnect();
        if (attempt != null) {
            attempt.close(RECOVERED);
        }
        notBefore = now;
        flow.paths().refreshState(path, now);
    }

    /** The peer accepted the carrier. */
    void attached(long now) {
        attaching = null;
        giveUpAt = Long.MAX_VALUE;
        unproven = true;
        notBefore = now + backoff.next();
        onTrial = false;
        if (firstOutcome != null) {
            Outcome outcome = firstOutcome;
            firstOutcome = null;
            outcome.done(path.id());
        }
    }

    /** The transport could not deliver a carrier. */
    void connectFailed(CloseReason why, long now) {
        if (connecting) {
            connecting = false;
            nobodyThere(now);
            failed(why, now);
        }
    }

    private void nobodyThere(long now) {
        passEnded(false, now);
        group.unreachable();
        unreachable = true;
    }

    /** Whether the last attempt, or that of another flow while this one waits, did not get as far as a handshake. */
    boolean isUnreachable() {
        return unreachable || connecting && group.isUnreachable();
    }

    /** The attempt failed, in the transport or in the handshake. */
    void failed(CloseReason why, long now) {
        if (attaching != null && attaching.isUnanswered()) {
            nobodyThere(now);
        }
        cancelConnect();
        Attaching attempt = attaching;
        attaching = null;
        giveUpAt = Long.MAX_VALUE;
        if (attempt != null) {
            attempt.close(why);
        }
        path.failed(why);
        notBefore = now + backoff.next();
        flow.paths().refreshState(path, now);
        tellFailed(why);
    }

    private void tellFailed(CloseReason why) {
        Outcome outcome = firstOutcome;
        firstOutcome = null;
        if (outcome != null) {
            outcome.failed(Failures.unavailable(flow, path, why));
        }
    }

    /** Ends every attempt for good. */
    void close(CloseReason why) {
        cancelConnect();
        group.leave(this);
        if (attaching != null) {
            attaching.close(why);
            attaching = null;
        }
        giveUpAt = Long.MAX_VALUE;
        tellFailed(why);
    }
}
