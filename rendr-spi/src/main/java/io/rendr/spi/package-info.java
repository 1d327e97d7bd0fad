// SPDX-License-Identifier: Apache-2.0
/**
 * What a transport author compiles against: how paths are made, and what the engine wants from one.
 *
 * <p>Start with {@link io.rendr.spi.PathFactory}, the service that is found by name, and {@link io.rendr.spi.Carrier}, the
 * live channel that it makes. Most transports are a few lines over {@link io.rendr.spi.Carriers}, which turns a Netty
 * channel, a socket or a pair of streams into a carrier. A carrier moves bytes or datagrams and nothing else: frames,
 * encryption, acknowledgements, migration and time-outs are the engine's. Any carrier serves any kind of flow.
 *
 * <p>The rules that everything here keeps:
 * <ul>
 *   <li><b>Buffers.</b> Who is handed a {@link io.netty.buffer.ByteBuf} releases it, in both directions: a carrier what it
 *       is given to write, the engine what it receives. Exceptions do not change that.
 *   <li><b>Threads.</b> All calls to a carrier and all calls to its listener are made on its
 *       {@link io.rendr.spi.Carrier#eventLoop() event loop}. Nothing may block there; what blocks goes through
 *       {@link io.rendr.spi.CarrierContext#blocking}.
 *   <li><b>No call back from inside.</b> A carrier never calls its listener from inside a call to the carrier.
 *   <li><b>No pause.</b> A carrier reads as fast as its channel delivers. The engine bounds memory by its own credit; a
 *       carrier that is paused looks dead.
 *   <li><b>One end.</b> However a carrier ends, its listener hears {@link io.rendr.spi.CarrierListener#closed closed}
 *       exactly once, as the last thing. An end of file is an end of the carrier, never of the flow.
 * </ul>
 */
@NullMarked
package io.rendr.spi;

import org.jspecify.annotations.NullMarked;
