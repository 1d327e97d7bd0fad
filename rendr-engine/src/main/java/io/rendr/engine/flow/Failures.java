// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CloseReason;
import io.rendr.PathUnavailableException;
import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.wire.WireException;
import org.jspecify.annotations.Nullable;

/** What failures of the protocol are called where people read about them. */
final class Failures {
    private Failures() {}

    static CloseReason reason(HandshakeFailure failure) {
        CloseReason.Kind kind = failure.byPeer() ? CloseReason.Kind.REJECTED : CloseReason.Kind.PROTOCOL;
        return new CloseReason(kind, text(failure), failure);
    }

    static CloseReason reason(WireException failure) {
        return new CloseReason(CloseReason.Kind.PROTOCOL, text(failure), failure);
    }

    static PathUnavailableException unavailable(Flow flow, FlowPath path, @Nullable CloseReason why) {
        return unavailable(flow, path, why == null ? "it has no carrier" : why.toString());
    }

    static PathUnavailableException unavailable(Flow flow, FlowPath path, String why) {
        return new PathUnavailableException(flow.id(), path.id() + " (" + path.spec() + ")", why, null);
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }
}
