// SPDX-License-Identifier: Apache-2.0
/**
 * Frames and handshake messages to bytes and back, and nothing else: no clock, no thread, no socket, no randomness.
 *
 * <p>{@link io.rendr.engine.wire.Frames} writes frames into a buffer, {@link io.rendr.engine.wire.FrameDecoder} reads
 * them from buffers cut anywhere and calls a {@link io.rendr.engine.wire.FrameHandler}. The messages that open a
 * carrier are records of their own ({@link io.rendr.engine.wire.Hello} and its neighbours), collected from the stream
 * by {@link io.rendr.engine.wire.HandshakeReader}. Whatever the bytes are, the only way a decoder fails is a
 * {@link io.rendr.engine.wire.WireException}. The layouts are specified in {@code docs/wire-format.md}; start reading
 * there, then at {@link io.rendr.engine.wire.FrameType}.
 */
@NullMarked
package io.rendr.engine.wire;

import org.jspecify.annotations.NullMarked;
