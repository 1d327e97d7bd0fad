// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.FlowAbortedException;
import io.rendr.FlowRefusedException;
import io.rendr.RendrException;
import io.rendr.engine.wire.AbortCode;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.WireException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The life of a flow from admission to the last good-bye.
 *
 * <p>{@code close} is FIN and STOP: the tail is delivered, nothing more is read. A flow is over for the application when
 * both directions were consumed, or with a failure. After that each end says BYE and keeps its carriers until the other
 * knows, for a few seconds at most.
 */
final class Closing {
    private enum Phase {
        HANDSHAKE,
        OPEN,
        /** Over for the application; the peer may not know yet. */
        OVER,
        RELEASED
    }

    private static final long FAREWELL = SECONDS.toNanos(2);
    private static final CloseReason CLEAN = CloseReason.of(CloseReason.Kind.PEER_CLOSED, "both ends are done");

    private final Flow flow;
    private final Slot accepted;
    private final Slot stop;
    private final Slot abort;
    private final Slot bye;

    private volatile Phase phase = Phase.HANDSHAKE;
    private volatile boolean writeStopped;
    /** Whether this end's application knows that the peer took the flow. */
    private boolean told;

    private boolean inOrder;
    private boolean closeAsked;
    private long lingerUntil = Long.MAX_VALUE;
    private long farewellUntil = Long.MAX_VALUE;
    private boolean byeReceived;
    private boolean peerLeft;
    private int stopCode;
    private int abortCode;
    private boolean detached;

    Closing(Flow flow, Slots slots) {
        this.flow = flow;
        accepted = slots.add(value(Frames.BARE, Frames::accepted));
        stop = slots.add(value(Frames.CODE, out -> Frames.stop(out, stopCode)));
        abort = slots.add(value(Frames.CODE, out -> Frames.abort(out, abortCode)));
        bye = slots.add(value(Frames.BARE, Frames::bye));
    }

    private static Slot.Value value(int size, Consumer<ByteBuf> writer) {
        return new Slot.Value() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public void write(ByteBuf out) {
                writer.accept(out);
            }
        };
    }

    // ---- admission

    void accept() {
        if (phase == Phase.HANDSHAKE) {
            phase = Phase.OPEN;
            accepted.touch();
        }
    }

    void peerAccepted() {
        if (!flow.isDialer()) {
            throw new WireException(WireException.Reason.UNEXPECTED, "ACCEPTED from the end that dialed");
        }
        if (phase == Phase.HANDSHAKE) {
            phase = Phase.OPEN;
            tellAccepted();
        }
    }

    /** A flow is of use to its application when some path carries the largest packet that it may send. */
    private void tellAccepted() {
        if (phase == Phase.OPEN && !told && flow.paths().anySuffices()) {
            told = true;
            flow.host().accepted();
        }
    }

    private void giveUpIfTooSmall(long now) {
        if (!told && flow.paths().noneSuffices()) {
            abort(
                    AbortCode.TOO_SMALL,
                    CloseReason.of(CloseReason.Kind.CONFIG, "no path carries packets as large as the flow's"),
                    Failures.tooSmall(flow.maxPacket(), flow.paths().failures()),
                    now);
        }
    }

    boolean isHandshaking() {
        return phase == Phase.HANDSHAKE;
    }

    /** Whether the application can still use the flow. */
    boolean isOpen() {
        return phase == Phase.HANDSHAKE || phase == Phase.OPEN;
    }

    boolean isReleased() {
        return phase == Phase.RELEASED;
    }

    boolean isCloseAsked() {
        return closeAsked;
    }

    /** Whether payload may still go out. */
    boolean carriesPayload() {
        return isOpen();
    }

    /** Whether dialing makes sense: there is something that the peer must still learn. */
    boolean wantsCarriers() {
        return phase != Phase.RELEASED && !byeReceived && !peerLeft;
    }

    // ---- what the application asks

    void shutdownOutput() {
        writeStopped = true;
        flow.sender().shut();
    }

    void shutdownInput() {
        if (!stop.isSet() && !flow.receiver().isFinished()) {
            stopCode = AbortCode.CLOSED;
            stop.touch();
            flow.receiver().discard();
        }
    }

    void close(long now) {
        if (!isOpen() || closeAsked) {
            return;
        }
        closeAsked = true;
        shutdownOutput();
        shutdownInput();
        lingerUntil = now + Math.min(flow.settings().linger(), flow.hold().budget());
    }

    /** Ends the flow at once; the peer is told if a path can still tell it. */
    void abort(int code, CloseReason why, RendrException failure, long now) {
        if (isOpen()) {
            abortCode = code;
            abort.touch();
            over(why, failure, now);
        }
    }

    /** The application will never read again. */
    void detach() {
        detached = true;
        if (phase == Phase.RELEASED) {
            flow.memory().close();
        }
    }

    // ---- what the peer says

    void peerStopped(int code) {
        if (isOpen() && !flow.sender().isFinished()) {
            writeStopped = true;
            flow.sender().stop();
            flow.host().writable();
        }
    }

    void peerAborted(int code, long now) {
        if (!isOpen()) {
            release();
            return;
        }
        if (AbortCode.isRefusal(code)) {
            int given = AbortCode.refusal(code);
            end(
                    CloseReason.of(CloseReason.Kind.REJECTED, "the peer refused the flow, code " + given),
                    new FlowRefusedException(flow.id(), given),
                    now);
        } else if (closeAsked && flow.sender().isFinished()) {
            end(CLEAN, null, now);
        } else {
            end(
                    CloseReason.of(CloseReason.Kind.RESET, "the peer aborted the flow, code " + code),
                    new FlowAbortedException(flow.id(), code, true),
                    now);
        }
    }

    void peerSaidBye(long now) {
        byeReceived = true;
    }

    /**
     * A peer that closes the carrier on which it was told the end has heard it, unless it closes it because the path goes:
     * then the end has to be told over another one.
     */
    void carrierClosed(Link link, CloseReason why) {
        boolean told = (abort.isOn(link) || bye.isOn(link)) && !link.path().isRemoved();
        peerLeft |= phase == Phase.OVER && told && why.kind() == CloseReason.Kind.PEER_CLOSED;
    }

    /**
     * The peer, or its tombstone, says that the flow is over there.
     *
     * @param peerInOrder whether the peer has consumed everything: its last acknowledgement may have been lost
     */
    void peerForgot(boolean peerInOrder, RendrException failure, CloseReason why, long now) {
        boolean complete =
                (peerInOrder || flow.sender().isFinished()) && flow.receiver().isFinished();
        if (!isOpen() || complete) {
            end(CLEAN, null, now);
        } else {
            end(why, failure, now);
        }
    }

    /** Whether writes fail: the output was shut, or the peer does not read any more. Any thread. */
    boolean isWriteStopped() {
        return writeStopped;
    }

    /** Whether the flow is over because both directions were consumed: this end read on until the end. */
    boolean endedInOrder() {
        return inOrder;
    }

    /** With which code this end aborted the flow; 0 if it did not. */
    int code() {
        return abortCode;
    }

    // ---- progress

    void update(long now) {
        if (flow.isDialer() && !told) {
            tellAccepted();
            giveUpIfTooSmall(now);
        }
        if (isOpen()) {
            boolean out = flow.sender().isFinished() || byeReceived;
            if (out && flow.receiver().isFinished()) {
                bye.touch();
                over(CLEAN, null, now);
            } else if (now >= lingerUntil) {
                abort(
                        AbortCode.LINGER_EXPIRED,
                        CloseReason.of(
                                CloseReason.Kind.TIMEOUT, "the peer did not read the tail within the linger time"),
                        new FlowAbortedException(flow.id(), AbortCode.LINGER_EXPIRED, false),
                        now);
            }
        }
        if (phase == Phase.OVER) {
            boolean alone = !flow.paths().anyCarrier();
            // A peer that comes back to an acceptor finds the tombstone, which says as much as this end could.
            boolean told =
                    peerLeft || bye.isConfirmed() || abort.isConfirmed() || alone && (byeReceived || !flow.isDialer());
            if (told || now >= farewellUntil) {
                release();
            }
        }
    }

    private void over(CloseReason why, @Nullable RendrException failure, long now) {
        inOrder = failure == null && !stop.isSet();
        phase = Phase.OVER;
        writeStopped = true;
        farewellUntil = now
                + (failure == null
                        ? Math.max(FAREWELL, lingerUntil == Long.MAX_VALUE ? 0 : lingerUntil - now)
                        : FAREWELL);
        flow.host().ended(why, failure);
    }

    /** Ends the flow without telling the peer, who knows or cannot be reached. */
    void end(CloseReason why, @Nullable RendrException failure, long now) {
        if (isOpen()) {
            over(why, failure, now);
        }
        release();
    }

    private void release() {
        if (phase == Phase.RELEASED) {
            return;
        }
        phase = Phase.RELEASED;
        flow.paths().closeAll(CloseReason.of(CloseReason.Kind.LOCAL, "the flow has ended"));
        flow.sendBuffer().close();
        if (detached) {
            flow.memory().close();
        }
        flow.host().wakeAt(Long.MAX_VALUE);
        flow.host().released();
    }

    long deadline() {
        return phase == Phase.OVER ? farewellUntil : isOpen() ? lingerUntil : Long.MAX_VALUE;
    }
}
