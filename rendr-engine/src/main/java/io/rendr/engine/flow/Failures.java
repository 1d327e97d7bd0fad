// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CloseReason;
import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.wire.WireException;

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

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }
}
