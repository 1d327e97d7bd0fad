// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CloseReason;
import io.rendr.DialException;
import io.rendr.FlowRefusedException;
import io.rendr.HandshakeException;
import io.rendr.PathFailure;
import io.rendr.PathSpec;
import io.rendr.PathUnavailableException;
import io.rendr.ProtocolVersionException;
import io.rendr.RendrException;
import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.wire.Message;
import io.rendr.engine.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What failures of the protocol are called where people read about them. */
final class Failures {
    private Failures() {}

    static CloseReason reason(HandshakeFailure failure) {
        CloseReason.Kind kind = failure.byPeer() ? CloseReason.Kind.REJECTED : CloseReason.Kind.PROTOCOL;
        return new CloseReason(kind, text(failure), failure);
    }

    /**
     * What a dialer is told of a handshake that failed, with the exception that the API has for it. An acceptor uses
     * {@link #reason(HandshakeFailure)}: a hostile dialer can cause failures at will, and they must cost little.
     */
    static CloseReason told(HandshakeFailure failure, PathSpec spec) {
        RendrException typed = typed(failure, spec);
        CloseReason.Kind kind = failure.byPeer() ? CloseReason.Kind.REJECTED : CloseReason.Kind.PROTOCOL;
        return new CloseReason(kind, text(failure), typed);
    }

    /** The same for what is no handshake message at all. */
    static CloseReason told(WireException failure, PathSpec spec) {
        return new CloseReason(
                CloseReason.Kind.PROTOCOL, text(failure), new HandshakeException(null, at(spec, failure), failure));
    }

    private static RendrException typed(HandshakeFailure failure, PathSpec spec) {
        if (failure.byPeer()) {
            switch (failure.code()) {
                case BUSY:
                    return new FlowRefusedException(null, FlowRefusedException.BUSY);
                case SHUTTING_DOWN:
                    return new FlowRefusedException(null, FlowRefusedException.SHUTTING_DOWN);
                case NOT_ADMITTED:
                    return new FlowRefusedException(null, failure.a());
                case VERSION:
                    return new ProtocolVersionException(
                            null, Message.VERSION, Message.VERSION, failure.a(), failure.b());
                default:
                    break;
            }
        }
        return new HandshakeException(null, at(spec, failure), failure);
    }

    private static String at(PathSpec spec, Throwable failure) {
        return spec + ": " + text(failure);
    }

    /**
     * Why a dial has failed. If every path led to somebody who said no, or who is no peer at all, that is what the caller
     * has to know; the others' answers are suppressed exceptions.
     */
    static RendrException dialFailed(List<PathFailure> failures) {
        List<RendrException> answers = new ArrayList<>();
        for (PathFailure failure : failures) {
            Throwable cause = failure.reason().cause();
            if (cause instanceof HandshakeException answer) {
                answers.add(answer);
            } else if (cause instanceof FlowRefusedException answer) {
                answers.add(answer);
            }
        }
        if (answers.isEmpty() || answers.size() < failures.size()) {
            return new DialException(failures);
        }
        RendrException first = answers.get(0);
        answers.subList(1, answers.size()).forEach(first::addSuppressed);
        return first;
    }

    /** Why a dial has failed of which no path carries the packets. */
    static DialException tooSmall(int wanted, List<PathFailure> failures) {
        StringBuilder text = new StringBuilder("no path to the peer carries packets of " + wanted + " bytes:");
        failures.forEach(failure -> text.append("\n  - ").append(failure));
        return new DialException(text.toString(), failures);
    }

    static CloseReason reason(WireException failure) {
        return new CloseReason(CloseReason.Kind.PROTOCOL, text(failure), failure);
    }

    static PathUnavailableException unavailable(Flow flow, FlowPath path, @Nullable CloseReason why) {
        return unavailable(flow, path, why == null ? "it has no carrier" : why.toString(), null);
    }

    static PathUnavailableException unavailable(Flow flow, FlowPath path, String why, @Nullable Throwable cause) {
        return new PathUnavailableException(flow.id(), path.id() + " (" + path.spec() + ")", why, cause);
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }
}
