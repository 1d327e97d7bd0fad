// SPDX-License-Identifier: Apache-2.0
/**
 * The protocol of one flow, as a pure state machine: no thread, socket, clock or randomness of its own.
 *
 * <p>What happens comes in by method call, with the time; what shall happen goes out through
 * {@link io.rendr.engine.flow.CarrierPort} (bytes), and {@link io.rendr.engine.flow.FlowHost} (everything else). All
 * calls into one flow must exclude each other; only the application's sides of its two buffers are used from elsewhere.
 *
 * <p>Start with {@link io.rendr.engine.flow.Flow}, which owns the parts and says in which order they act. The way of a
 * byte out: {@code Sender} (what there is to send), {@code Link} (a carrier with room asks the policy tree and
 * writes frames). The way in: {@code Link} (frames), {@code Receiver} (place, acknowledgement, credit). Paths are
 * kept alive by {@code FlowPath}, {@code Failover} and {@code Redialer}; a flow begins in {@code Dialing} or
 * {@code Acceptance} and ends in {@code Closing}. What flows to one peer tell each other is in {@code PeerGroup}; it and
 * what else several flows use is thread-safe, by a short lock.
 */
@NullMarked
package io.rendr.engine.flow;

import org.jspecify.annotations.NullMarked;
