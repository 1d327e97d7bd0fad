// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.FlowKind;
import io.rendr.HandshakeRefusal;
import io.rendr.PathSpec;
import io.rendr.engine.keys.KeyAgreement;
import io.rendr.engine.keys.Psk;
import org.jspecify.annotations.Nullable;

/**
 * What the accepted carriers of one endpoint share. Immutable; its host decides about exclusion.
 *
 * @param endpoint what the endpoint is called at this end
 * @param flows all flows of the runtime
 * @param handshakeTimeout nanoseconds that a handshake may take
 */
public record Acceptances(
        Instance instance,
        FlowSettings settings,
        PathSpec endpoint,
        FlowTable flows,
        long handshakeTimeout,
        Host host) {
    /** The documented default of the handshake's deadline. */
    public static final long DEFAULT_TIMEOUT = SECONDS.toNanos(10);

    /** What an acceptance asks of whoever drives it. The rules of {@link FlowHost} hold. */
    public interface Host {
        /** Whether new flows are taken now; false while shutting down. */
        boolean accepting();

        /** The host of a flow that is about to come into being on this carrier. */
        FlowHost flowHost(FlowKind kind, CarrierPort first);

        /** A flow came into being; {@link FlowHost#introduced} follows when admission can decide. */
        void opened(Flow flow);

        /** A carrier is proven: {@link Flow#attach} has to be called under the flow's exclusion. */
        void attach(Flow flow, Attachment attachment, long now);

        /**
         * The peer knows a secret of this runtime or of one of its flows, or has a recording of someone who does: no
         * stranger needs to stand in its way.
         */
        default void proved(Acceptance acceptance) {}

        /** Why this handshake may not cost key agreement now; null if it may. Asked before every {@link #keyAgreement}. */
        default @Nullable HandshakeRefusal overLimit(Acceptance acceptance) {
            return null;
        }

        /** What does the key agreement of this handshake, so that its cost can be measured. */
        default KeyAgreement keyAgreement(Acceptance acceptance, KeyAgreement plain) {
            return plain;
        }

        /**
         * The acceptance is over, one way or the other.
         *
         * @param refusal why the carrier was not let in; null if it was
         */
        void over(Acceptance acceptance, @Nullable HandshakeRefusal refusal);
    }

    @Nullable
    Psk psk(String id) {
        for (Psk psk : instance.psks()) {
            if (psk.id().equals(id)) {
                return psk;
            }
        }
        return null;
    }
}
