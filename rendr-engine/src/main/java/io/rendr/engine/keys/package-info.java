// SPDX-License-Identifier: Apache-2.0
/**
 * Who may speak: handshakes, the keys that come out of them, and the seal on what follows. Pure: entropy is handed in,
 * and there is no clock, no thread and no socket.
 *
 * <p>{@link io.rendr.engine.keys.DialerHandshake} and {@link io.rendr.engine.keys.AcceptorHandshake} open a flow,
 * {@link io.rendr.engine.keys.AttachDialer} and {@link io.rendr.engine.keys.AttachAcceptor} add a carrier to it. Each
 * takes the peer's messages and gives the ones to send, or throws a {@link io.rendr.engine.keys.HandshakeFailure}. They
 * leave behind {@link io.rendr.engine.keys.FlowSecrets} for the life of the flow and
 * {@link io.rendr.engine.keys.CarrierKeys} for the carrier, whose
 * {@link io.rendr.engine.keys.RecordSealer} and {@link io.rendr.engine.keys.RecordOpener} seal the bytes of a stream.
 * Every derivation is in {@link io.rendr.engine.keys.KeySchedule}; {@code docs/wire-format.md} works them through in
 * hexadecimal.
 */
@NullMarked
package io.rendr.engine.keys;

import org.jspecify.annotations.NullMarked;
