// SPDX-License-Identifier: Apache-2.0
/**
 * The process-wide memory budget and the two byte buffers of a flow.
 *
 * <p>{@link io.rendr.engine.memory.ChunkPool} is the budget: whatever a flow buffers lives in its chunks, and what is
 * granted to a peer is reserved in it first. {@link io.rendr.engine.memory.SendBuffer} keeps what the application wrote
 * until the peer holds it; {@link io.rendr.engine.memory.ReceiveBuffer} puts what arrives in any order into place and
 * hands it out in order. Each has one application side and one flow side and needs no lock between them on the hot
 * route. {@link io.rendr.engine.memory.RangeSet} is the set of offsets both ends reason with. Start with the pool.
 */
@NullMarked
package io.rendr.engine.memory;

import org.jspecify.annotations.NullMarked;
